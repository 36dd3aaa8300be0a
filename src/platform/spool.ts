/**
 * A spool: a folder of texts that wait to be delivered, one file each. Who writes and who delivers
 * may be different users; what the folder's owner may read is what its mode says.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Files of one delivery; what is beyond comes with the next. */
const filesPerLook = 500;
/** Beyond this nothing is kept any more: whoever should deliver has not done so for long. */
const filesMax = 20_000;
const fileBytesMax = 64 * 1024;
const suffix = '.json';

/** Whether it is there, is a folder and no link, and we may write there. */
export function isSpool(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return lstatSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** Only where it is missing: a frozen file system would hold us in a mkdir of what is there. */
export function makeSpool(folder: string): void {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
}

const syncFolder = (folder: string): void => {
  const fd = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/**
 * Keeps the text, durable when it returns; under the same name it replaces the one before. Root
 * gives the file to the owner of the folder, who delivers it.
 */
export function keepInSpool(folder: string, name: string, text: string): void {
  if (readdirSync(folder).length > filesMax)
    throw new Error(`${folder} holds more than ${filesMax} files`);
  const part = join(folder, `.${name}.${process.pid}.part`);
  // wx: nothing that somebody else put there is written through.
  const fd = openSync(part, 'wx', 0o600);
  try {
    writeSync(fd, text);
    if (process.getuid?.() === 0) {
      const { uid, gid } = lstatSync(folder);
      fchownSync(fd, uid, gid);
    }
    fsyncSync(fd);
    renameSync(part, join(folder, `${name}${suffix}`));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  syncFolder(folder);
}

/** Names of what waits, in their order; none where there is no such folder. */
export function listSpool(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(suffix));
    const kept = names.filter((name) => !name.startsWith('.')).sort();
    return kept.slice(0, filesPerLook).map((name) => name.slice(0, -suffix.length));
  } catch {
    return [];
  }
}

/** The text; undefined when it was delivered meanwhile. Throws when it cannot be read. */
export function readFromSpool(folder: string, name: string): string | undefined {
  let fd: number;
  try {
    const how = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    fd = openSync(join(folder, `${name}${suffix}`), how);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return readFileSync(fd).subarray(0, fileBytesMax).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

export const removeFromSpool = (folder: string, name: string): void =>
  rmSync(join(folder, `${name}${suffix}`), { force: true });

/** What nobody can take stays for people to look at, and is not tried again. */
export const setAsideInSpool = (folder: string, name: string): void =>
  renameSync(join(folder, `${name}${suffix}`), join(folder, `${name}.refused`));
