/**
 * The door to a program of ours that runs beside us as a child: it is started again when it ends,
 * speaks to our standard error, and ends with us, because its standard input ends then.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Ms } from '../domain/time.ts';

export interface Program {
  reload(): void;
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

export interface ProgramParts {
  /** Its module and its arguments, for the Node that runs us. */
  readonly argv: readonly [string, ...string[]];
  /** It has ended, and is started again after this time. */
  readonly onEnd: (how: string, again: Ms) => void;
}

/** Between two starts: from, to. One that has run for longer than the latter begins anew. */
const pauseMin: Ms = 500;
const pauseMax: Ms = 60_000;
/** Then it is killed. */
const endWithin: Ms = 1500;

/** What the service manager told us is not for it: sd_notify(3), sd_listen_fds(3). */
const oursAlone = /^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_)/;

function start(argv: readonly string[]): ChildProcess {
  const env = Object.entries(process.env).filter(([name]) => !oursAlone.test(name));
  const child = spawn(process.execPath, [...process.execArgv, ...argv], {
    env: Object.fromEntries(env),
    // Of a process group of its own: Ctrl-C reaches us alone, and we end it in our turn.
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin?.on('error', () => {});
  return child;
}

export function runProgram({ argv, onEnd }: ProgramParts): Program {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause = pauseMin;
  let stopping = false;
  let ended: Promise<void> = Promise.resolve();

  function launch(): void {
    const began = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    ended = promise;
    let isOver = false;
    const finish = (how: string): void => {
      if (isOver) return;
      isOver = true;
      child = undefined;
      resolve();
      if (stopping) return;
      if (performance.now() - began > pauseMax) pause = pauseMin;
      onEnd(how, pause);
      timer = setTimeout(launch, pause);
      pause = Math.min(pauseMax, pause * 2);
    };
    try {
      child = start(argv);
    } catch (error) {
      // ENOMEM is thrown; EAGAIN comes as an event.
      finish((error as Error).message);
      return;
    }
    child.once('error', (error) => finish(error.message));
    child.once('exit', (status, signal) => finish(`ended with ${status ?? signal}`));
  }

  launch();
  return {
    reload: () => void child?.kill('SIGHUP'),
    async stop() {
      stopping = true;
      clearTimeout(timer);
      child?.kill('SIGTERM');
      const kill = setTimeout(() => child?.kill('SIGKILL'), endWithin);
      await ended;
      clearTimeout(kill);
    },
  };
}
