/**
 * The door to child processes: an argument list, never a shell; always a limit. Each child leads
 * a process group of its own, so that a deadline ends its own children too; it sees no socket and
 * no watchdog of ours, and speaks C.UTF-8 because we read what it says.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Ms } from '../domain/time.ts';
import { childEnv } from './child-environment.ts';

export interface CommandResult {
  /** null when a signal ended it. */
  readonly exitStatus: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output beyond the limit was thrown away. */
  readonly truncated: boolean;
}

export interface FollowedCommand {
  /** Lines of standard output, as they come; ends with the process. */
  readonly lines: AsyncIterable<string>;
  /** Why it ended; resolves after the last line. */
  readonly ended: Promise<{ readonly exitStatus: number | null; readonly stderr: string }>;
  stop(): void;
}

export type CommandOutcome =
  | ({ readonly type: 'ended' } & CommandResult)
  /** `gone` is set when even SIGKILL did not end it: resolves when the kernel lets it go. */
  | { readonly type: 'timeout'; readonly gone?: Promise<void> }
  | { readonly type: 'missing'; readonly why: string };

export interface Command {
  run(
    argv: readonly [string, ...string[]],
    options: {
      readonly timeout: Ms;
      readonly outputBytesMax?: number;
      readonly signal?: AbortSignal;
      /** What it reads on standard input; nothing where left out. */
      readonly input?: string;
      /** Its environment, beside PATH and language; ours where left out. */
      readonly environment?: Readonly<Record<string, string>>;
    },
  ): Promise<CommandOutcome>;
  /** A long-running command whose lines are read as they come. */
  follow(argv: readonly [string, ...string[]]): FollowedCommand;
}

/** Of standard output and standard error each, when the caller names no other limit. */
const outputBytesMaxDefault = 1024 * 1024;
/** Of the end of standard error that a followed command keeps. */
const followErrorBytesMax = 8 * 1024;
/** A longer line of a followed command is cut here; the rest of it is thrown away. */
export const lineBytesMax = 256 * 1024;
/** Between SIGTERM and SIGKILL, and between SIGKILL and "it hangs in the kernel, forget it". */
const graceMs: Ms = 2000;
/** Output of a grandchild that outlives its parent is not awaited longer than this. */
const outputAfterExitMs: Ms = 250;

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // ESRCH: it is gone already.
  }
}

/** Leaves a child that even SIGKILL did not end (a read that hangs in the kernel) to itself. */
function abandon(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** SIGTERM, later SIGKILL, at last `giveUp`. Cancels the rest when called again. */
function endChild(child: ChildProcess, giveUp: () => void): () => void {
  signalGroup(child, 'SIGTERM');
  let timer = setTimeout(() => {
    signalGroup(child, 'SIGKILL');
    timer = setTimeout(giveUp, graceMs);
  }, graceMs);
  return () => clearTimeout(timer);
}

/** The first `limit` bytes of a stream; the rest is read and thrown away. */
function gather(stream: Readable | null, limit: number): { text(): string; cut(): boolean } {
  const chunks: Buffer[] = [];
  let kept = 0;
  let cut = false;
  stream?.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, limit - kept);
    cut ||= part.length < chunk.length;
    kept += part.length;
    if (part.length > 0) chunks.push(part);
  });
  return { text: () => Buffer.concat(chunks).toString('utf8'), cut: () => cut };
}

interface Given {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const spawnOptions = ({ input, environment }: Given): SpawnOptions => ({
  cwd: '/',
  detached: true,
  env: childEnv(environment),
  stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
});

const running = new Set<ChildProcess>();

/** Whatever became of their callers, no child outlives us that can be killed. */
function killAll(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

function start(argv: readonly [string, ...string[]], given: Given = {}): ChildProcess {
  const [file, ...rest] = argv;
  const child = spawn(file, rest, spawnOptions(given));
  // It need not read what it is given: EPIPE says nothing about how it ends.
  child.stdin?.on('error', () => {});
  child.stdin?.end(given.input);
  if (!process.listeners('exit').includes(killAll)) process.on('exit', killAll);
  running.add(child);
  for (const event of ['error', 'exit']) child.once(event, () => running.delete(child));
  return child;
}

/** Why not, where spawn throws: it tells EAGAIN and ENOENT as an event, but ENOMEM and E2BIG so. */
function tryStart(argv: readonly [string, ...string[]], given?: Given): ChildProcess | string {
  try {
    return start(argv, given);
  } catch (error) {
    return (error as Error).message;
  }
}

function run(
  argv: readonly [string, ...string[]],
  options: { timeout: Ms; outputBytesMax?: number; signal?: AbortSignal } & Given,
): Promise<CommandOutcome> {
  const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
  if (options.signal?.aborted === true) return Promise.resolve({ type: 'timeout' });
  const started = tryStart(argv, options);
  if (typeof started === 'string') return Promise.resolve({ type: 'missing', why: started });
  const child: ChildProcess = started;
  const limit = options.outputBytesMax ?? outputBytesMaxDefault;
  const stdout = gather(child.stdout, limit);
  const stderr = gather(child.stderr, limit);
  let givenUp = false;
  let cancelEnd = (): void => {};

  const settle = (outcome: CommandOutcome): void => {
    clearTimeout(deadline);
    cancelEnd();
    options.signal?.removeEventListener('abort', stop);
    abandon(child);
    resolve(outcome);
  };
  const finish = (exitStatus: number | null, signal: string | null, whole: boolean): void => {
    const truncated = !whole || stdout.cut() || stderr.cut();
    const said = { stdout: stdout.text(), stderr: stderr.text(), truncated };
    settle(givenUp ? { type: 'timeout' } : { type: 'ended', exitStatus, signal, ...said });
  };
  function stop(): void {
    if (givenUp) return;
    givenUp = true;
    cancelEnd = endChild(child, () => {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      settle({ type: 'timeout', gone });
    });
  }
  const deadline = setTimeout(stop, options.timeout);
  options.signal?.addEventListener('abort', stop, { once: true });
  child.once('error', (error) => settle({ type: 'missing', why: error.message }));
  child.once('close', (status, signal) => finish(status, signal, true));
  child.once('exit', (status, signal) => {
    // After the timer one more look at the pipes, for a loop that was late itself.
    const late = (): void => void setImmediate(() => finish(status, signal, false));
    setTimeout(late, outputAfterExitMs).unref();
  });
  return promise;
}

/** Lines without their newline, each cut at lineBytesMax; reads no faster than it is asked. */
async function* readLines(stream: Readable): AsyncGenerator<string> {
  let kept: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): void => {
    if (length < lineBytesMax) kept.push(part.subarray(0, lineBytesMax - length));
    length = Math.min(lineBytesMax, length + part.length);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      yield Buffer.concat(kept).toString('utf8');
      kept = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield Buffer.concat(kept).toString('utf8');
}

async function* noLines(): AsyncGenerator<string> {}

function follow(argv: readonly [string, ...string[]]): FollowedCommand {
  const { promise: ended, resolve } = Promise.withResolvers<Awaited<FollowedCommand['ended']>>();
  const started = tryStart(argv);
  if (typeof started === 'string') {
    resolve({ exitStatus: null, stderr: started });
    return { lines: noLines(), ended, stop: () => {} };
  }
  const child: ChildProcess = started;
  let stderr = '';
  let cancelEnd: (() => void) | undefined;
  const settle = (exitStatus: number | null, why = stderr): void => {
    cancelEnd?.();
    cancelEnd = () => {};
    abandon(child);
    resolve({ exitStatus, stderr: why });
  };
  const stop = (): void => {
    cancelEnd ??= endChild(child, () => settle(null));
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-followErrorBytesMax);
  });
  child.once('error', (error) => settle(null, error.message));
  child.once('close', (status) => settle(status));
  async function* lines(): AsyncGenerator<string> {
    try {
      if (child.stdout !== null) yield* readLines(child.stdout);
    } catch {
      // The pipe was closed by stop(): `ended` says why.
    } finally {
      stop();
    }
  }
  return { lines: lines(), ended, stop };
}

export const systemCommand: Command = { run, follow };
