/** `tocsin record`: what tocsind sees and concludes, into a file, until Ctrl-C. */
import { closeSync, writeFileSync } from 'node:fs';
import { renderDuration } from '../../domain/time.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { durationOf } from '../values.ts';
import { dropNew, openNew } from './new-file.ts';

/** Seconds that tocsind may wait for something new. */
const wait = 10;

/** Calls `stop` for the first Ctrl-C; a second one ends the program. Returns the way back. */
function onInterrupt(stop: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.removeListener(signal, stop);
  };
}

async function readPieces(context: Context, id: string, fd: number): Promise<number> {
  const { api } = context;
  let bytes = 0;
  for (let piece = 0; ; ) {
    const { text, next, ended } = await api.recording(id, { piece, wait });
    writeFileSync(fd, text);
    bytes += Buffer.byteLength(text);
    if (ended) return bytes;
    piece = next;
  }
}

export async function recordInputs(context: Context): Promise<ExitName> {
  const { args, api, printer, values } = context;
  const [path = ''] = args;
  const duration = durationOf(values, 'for');
  const fd = openNew(path);
  try {
    const asked = duration === undefined ? {} : { duration: renderDuration(duration) };
    const { id } = await api.act('recording.start', asked).catch((error: unknown) => {
      dropNew(path);
      throw error;
    });
    const stop = (): void => void api.act('recording.stop', {}, id).catch(() => undefined);
    const forget = onInterrupt(stop);
    await printer.note(`tocsin: recording into ${path}; end it with Ctrl-C`);
    const bytes = await readPieces(context, id, fd).finally(forget);
    await printer.note(`tocsin: ${bytes} bytes; look at it with: tocsin replay ${path}`);
  } finally {
    closeSync(fd);
  }
  return 'done';
}
