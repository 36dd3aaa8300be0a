/** What the program has of the world; tests hand in their own. */
import type { Clock } from '../platform/clock.ts';
import { systemClock } from '../platform/clock.ts';
import { type Files, systemFiles } from '../platform/files.ts';

export interface Output {
  /** Resolves when more may be written: a reader that is slow slows us down. */
  write(text: string): Promise<void>;
  readonly isTty: boolean;
  /** Undefined where there is no terminal. */
  readonly columns: number | undefined;
}

export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Pick<Clock, 'now' | 'after' | 'sleep'>;
  readonly files: Files;
}

/** As the shell reports a program that SIGPIPE has ended: `tocsin event | head` is no fault. */
const exitBrokenPipe = 141;

function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitBrokenPipe);
    if (stream !== process.stderr) process.stderr.write(`tocsin: cannot write: ${error.message}\n`);
    process.exit(1);
  });
  return {
    write: (text) =>
      stream.write(text)
        ? Promise.resolve()
        : new Promise((resolve) => stream.once('drain', resolve)),
    isTty: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}

export const systemIo = (): Io => ({
  environment: process.env,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  clock: systemClock,
  files: systemFiles,
});
