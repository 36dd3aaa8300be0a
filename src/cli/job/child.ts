/**
 * Runs a command as if we were not there: its input, its output, its signals and its exit status
 * are its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { copyTo } from './copy.ts';

export interface Ended {
  /** As a shell says it: 128 and the number of the signal, 127 not found, 126 not runnable. */
  readonly status: number;
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly why: string | null;
}

const statusNotFound = 127;
const statusNotRunnable = 126;
const statusOfSignal = 128;

/** Sent to us by somebody, and meant for the command. */
const passedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** Keys send these to all processes of the terminal: then the command has them already. */
const fromKeys = ['SIGINT', 'SIGQUIT'] as const;

/** Whether there is a terminal that sends signals to us and to the command alike. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Passes signals on to the child, once there is one; returns the way to stop that. */
function passSignals(childOf: () => ChildProcess | undefined): () => void {
  const isShared = hasTerminal();
  const handlers = new Map<NodeJS.Signals, () => void>();
  for (const signal of passedOn) handlers.set(signal, () => void childOf()?.kill(signal));
  for (const signal of fromKeys)
    handlers.set(signal, () => {
      if (!isShared) childOf()?.kill(signal);
    });
  handlers.set('SIGTSTP', () => {
    if (!isShared) childOf()?.kill('SIGTSTP');
    process.kill(process.pid, 'SIGSTOP');
  });
  handlers.set('SIGCONT', () => void childOf()?.kill('SIGCONT'));
  for (const [signal, handle] of handlers) process.on(signal, handle);
  return () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
}

const endedBy = (code: number | null, signal: NodeJS.Signals | null): Ended => ({
  status: code ?? statusOfSignal + (signal === null ? 0 : constants.signals[signal]),
  signal,
  why: null,
});

function notStarted(error: NodeJS.ErrnoException, name: string): Ended {
  const isMissing = error.code === 'ENOENT';
  const why = isMissing ? `${name}: command not found` : `${name}: ${error.code ?? error.message}`;
  return { status: isMissing ? statusNotFound : statusNotRunnable, signal: null, why };
}

/** `onLine`: reads each line of the output on its way; left out, we do not see it at all. */
export async function runChild(
  argv: readonly string[],
  onLine?: (line: string) => void,
): Promise<Ended> {
  const [name = '', ...rest] = argv;
  const output = onLine === undefined ? 'inherit' : 'pipe';
  // Before the command runs: a signal that comes at once must not end us and leave it alone.
  let started: ChildProcess | undefined;
  const stop = passSignals(() => started);
  const child = spawn(name, rest, { stdio: ['inherit', output, output] });
  started = child;
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  child.once('error', (error) => resolve(notStarted(error, name)));
  child.once('exit', (code, signal) => resolve(endedBy(code, signal)));
  const copies = [
    [child.stdout, 1],
    [child.stderr, 2],
  ] as const;
  const copied = copies.map(([from, to]: readonly [Readable | null, number]) =>
    from === null || onLine === undefined ? Promise.resolve() : copyTo(from, to, onLine),
  );
  const result = await ended;
  // What it wrote last; a grandchild that holds the pipe open is awaited as a pipeline would.
  await Promise.all(copied);
  stop();
  return result;
}
