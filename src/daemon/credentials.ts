/** Whom the doors know: groups of the box, our own user, and the development token. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Credentials, Token } from '../api/identity.ts';
import type { Options } from '../config/options.ts';
import { groupId } from '../platform/accounts.ts';
import { peerOf } from '../platform/listen.ts';
import { native } from '../platform/native.ts';
import { readOrMakePrivate } from '../platform/private-file.ts';

const secretBytes = 32;

/** The development token, for the one who started the daemon. Made once for a folder. */
export const developmentSecret = (runtimeDir: string): string =>
  readOrMakePrivate(join(runtimeDir, 'token'), () =>
    randomBytes(secretBytes).toString('base64url'),
  ).trim();

function developmentToken(runtimeDir: string): Token {
  const secretSha256 = createHash('sha256').update(developmentSecret(runtimeDir)).digest('hex');
  return { name: 'development', secretSha256, role: 'admin' };
}

/**
 * Without the addon the kernel cannot be asked who called. On a socket of our own making (mode 0600
 * then, see doors.ts) it can only be our user; on one that systemd made, nobody is known.
 */
export function credentialsOf(
  options: Pick<Options, 'listen' | 'runtimeDir'>,
  environment: { readonly LISTEN_FDS?: string | undefined },
): Credentials {
  const ownUid = process.getuid?.() ?? -1;
  const ownPeer = { uid: ownUid, gid: process.getgid?.() ?? -1, groups: [] };
  const isOurSocket = environment.LISTEN_FDS === undefined;
  return {
    peerOf: native === undefined && isOurSocket ? () => ownPeer : peerOf,
    ownUid,
    groups: { admin: groupId('tocsin-admin'), read: groupId('tocsin-read') },
    tokens: options.listen === undefined ? [] : [developmentToken(options.runtimeDir)],
  };
}
