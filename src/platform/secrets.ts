/**
 * The door to secrets: systemd credentials ($CREDENTIALS_DIRECTORY) and files. Settings name them
 * and never hold them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a secret is: `{ credential: tocsin.smtp }` or `{ file: /etc/tocsin/smtp }`. */
export type SecretSource = { readonly credential: string } | { readonly file: string };

export type SecretAnswer =
  | { readonly type: 'secret'; readonly text: string }
  /** Why not, with the place; never the secret. */
  | { readonly type: 'missing'; readonly why: string };

export interface Secrets {
  /** Read anew each time, so that a rotated secret holds at once. A last line end is cut. */
  read(source: SecretSource): SecretAnswer;
}

/** A secret that is longer was meant to be another file. */
const secretBytesMax = 64 * 1024;

function readSecret(path: string): SecretAnswer {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text === '') return { type: 'missing', why: `${path} is empty` };
    if (text.length > secretBytesMax) return { type: 'missing', why: `${path} is too long` };
    return { type: 'secret', text };
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    return { type: 'missing', why: `${path} cannot be read (${code})` };
  }
}

export const systemSecrets = (
  environment: Readonly<Record<string, string | undefined>>,
): Secrets => ({
  read(source) {
    if ('file' in source) return readSecret(source.file);
    const folder = environment['CREDENTIALS_DIRECTORY'];
    if (folder === undefined || folder === '') {
      const why = `no credentials were passed; the unit needs LoadCredential=${source.credential}`;
      return { type: 'missing', why };
    }
    const { credential } = source;
    const path = join(folder, credential);
    if (existsSync(path)) return readSecret(path);
    const place = `/etc/credstore/${credential}`;
    const why = `no credential ${credential}: put it into ${place} and restart the unit`;
    return { type: 'missing', why };
  },
});
