/** Files that a command makes: for their owner alone, and never over one that is there. */
import { openSync, rmSync } from 'node:fs';
import { Stop } from '../exit.ts';

/** For writing. */
export function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already' : message;
    throw new Stop('failed', `${path} cannot be written: ${why}`);
  }
}

/** Takes a file away again in which nothing stands. */
export const dropNew = (path: string): void => rmSync(path, { force: true });
