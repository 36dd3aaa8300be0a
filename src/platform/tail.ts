/** The end of a text file that only grows, such as a log. */
import { type FileHandle, open } from 'node:fs/promises';

interface Tail {
  readonly text: string;
  readonly whole: boolean;
}

async function readEnd(file: FileHandle, bytesMax: number): Promise<Tail> {
  const { size } = await file.stat();
  const from = Math.max(0, size - bytesMax);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const text = buffer.toString('utf8', 0, bytesRead);
  if (from === 0) return { text, whole: true };
  return { text: text.slice(text.indexOf('\n') + 1), whole: false };
}

/**
 * The last `bytesMax` bytes in whole lines; undefined when there is no such file. `whole`: there
 * is nothing before them.
 */
export async function readTail(path: string, bytesMax: number): Promise<Tail | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      return await readEnd(file, bytesMax);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
