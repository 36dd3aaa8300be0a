/** A small file that only our user may read: a secret that outlives the process. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The file's text; where there is no such file yet, it is made with what `make` gives. */
export function readOrMakePrivate(path: string, make: () => string): string {
  mkdirSync(dirname(path), { recursive: true });
  try {
    // wx: a file or link that somebody else put there is never written through.
    writeFileSync(path, make(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8');
}
