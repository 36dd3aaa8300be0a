/** Puts a text in place of a file: one sees the old or the new one, also after a crash. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Waits until the disk has a file, or the names in a folder. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes the folder where it is missing. Throws the system's error; nothing is left behind then.
 * Everybody may read both, whatever the umask: settings hold no secrets, and `tocsin rule check`
 * is for people who are not root.
 */
export function replaceFile(path: string, text: string): void {
  const folder = dirname(path);
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o755);
  const draft = join(folder, `.${basename(path)}.${process.pid}`);
  try {
    const fd = openSync(draft, 'w', 0o644);
    try {
      writeFileSync(fd, text);
      fchmodSync(fd, 0o644);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncPath(folder);
}
