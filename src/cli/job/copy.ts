/** Copies output byte by byte to one of our descriptors, and reads its lines on the way. */
import { write } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** A longer line is cut here. */
const lineCharsMax = 4096;
/** Somebody has made the descriptor non-blocking, and it is full. */
const fullPause = 20;

const writeOnce = (fd: number, bytes: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, (error, count) => {
      if (error === null) resolve(count);
      else if (error.code === 'EAGAIN') resolve(0);
      else reject(error);
    });
  });

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let rest = bytes; rest.length > 0; ) {
    const count = await writeOnce(fd, rest);
    if (count === 0) await wait(fullPause);
    rest = rest.subarray(count);
  }
}

/** Tells each line, also those that end with a carriage return, as progress is drawn. */
export function createLineReader(onLine: (line: string) => void): (text: string) => void {
  let kept = '';
  return (text) => {
    const lines = (kept + text).split(/[\r\n]+/);
    kept = (lines.pop() ?? '').slice(-lineCharsMax);
    for (const line of lines) if (line.trim() !== '') onLine(line.slice(0, lineCharsMax));
  };
}

/** Ends when the output does, or when nobody reads ours any more: then the writer is told so. */
export async function copyTo(
  from: Readable,
  fd: number,
  onLine: (line: string) => void,
): Promise<void> {
  const read = createLineReader(onLine);
  const decoder = new TextDecoder();
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      read(decoder.decode(chunk, { stream: true }));
      await writeAll(fd, chunk);
    }
  } catch {
    // EPIPE: the pipe to the command is closed with this, and it meets SIGPIPE itself.
    from.destroy();
  }
  read('\n');
}
