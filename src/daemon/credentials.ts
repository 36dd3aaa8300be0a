/** Whom the doors know by the kernel, groups and our own user; and the development token. */
import { join } from 'node:path';
import type { Credentials } from '../api/identity.ts';
import type { Options } from '../config/options.ts';
import { groupId } from '../platform/accounts.ts';
import { peerOf } from '../platform/listen.ts';
import { native } from '../platform/native.ts';
import { readOrMakePrivate } from '../platform/private-file.ts';
import { newSecret, sha256Of } from './access/secrets.ts';

/** The development token, for the one who started the daemon. Made once for a folder. */
export const developmentSecret = (runtimeDir: string): string =>
  readOrMakePrivate(join(runtimeDir, 'token'), newSecret).trim();

/** SHA-256 of the development token; there is one only where `--listen` asks for it. */
export const developmentDigest = (
  options: Pick<Options, 'listen' | 'runtimeDir'>,
): string | undefined =>
  options.listen === undefined ? undefined : sha256Of(developmentSecret(options.runtimeDir));

/**
 * Without the addon the kernel cannot be asked who called. On a socket of our own making (mode 0600
 * then, see doors.ts) it can only be our user; on one that systemd made, nobody is known.
 */
export function credentialsOf(environment: {
  readonly LISTEN_FDS?: string | undefined;
}): Credentials {
  const ownUid = process.getuid?.() ?? -1;
  const ownPeer = { uid: ownUid, gid: process.getgid?.() ?? -1, groups: [] };
  const isOurSocket = environment.LISTEN_FDS === undefined;
  return {
    peerOf: native === undefined && isOurSocket ? () => ownPeer : peerOf,
    ownUid,
    groups: { admin: groupId('tocsin-admin'), read: groupId('tocsin-read') },
  };
}
