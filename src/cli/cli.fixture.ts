/** For tests: the program without a process, and the real doors with a fake house behind them. */
import type { TestContext } from 'node:test';
import { type Served, serve } from '../api/testing/serve.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import { systemClock } from '../platform/clock.ts';
import { systemFiles } from '../platform/files.ts';
import type { Io } from './io.ts';
import { main } from './run.ts';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  readonly isTty?: boolean;
  readonly columns?: number;
  readonly environment?: Io['environment'];
  /** Told of each write to standard output. */
  readonly onOut?: (text: string) => void;
}

export interface FakeIo {
  readonly io: Io;
  readonly said: () => Omit<Said, 'status'>;
}

/** Time stands; waiting before another attempt takes none. */
export function fakeIo(terminal: Terminal = {}): FakeIo {
  const texts = { out: '', err: '' };
  const output = (to: 'out' | 'err') => ({
    isTty: terminal.isTty ?? false,
    columns: terminal.columns,
    write: async (text: string) => {
      texts[to] += text;
      if (to === 'out') terminal.onOut?.(text);
    },
  });
  const io: Io = {
    environment: terminal.environment ?? {},
    stdout: output('out'),
    stderr: output('err'),
    clock: {
      now: () => fakeStart + 100_000,
      after: (delay, call) => systemClock.after(delay, call),
      sleep: async () => {},
    },
    files: systemFiles,
  };
  return { io, said: () => ({ ...texts }) };
}

export async function tocsin(argv: readonly string[], terminal: Terminal = {}): Promise<Said> {
  const { io, said } = fakeIo(terminal);
  const status = await main(argv, io);
  return { status, ...said() };
}

export interface Box extends Served {
  /** Runs the program as root on this box. */
  run(line: string | readonly string[], terminal?: Terminal): Promise<Said>;
}

export async function startBox(
  test: Pick<TestContext, 'after'>,
  house: FakeHouse = new FakeHouse(),
): Promise<Box> {
  const served = await serve(test, { house });
  const environment = { TOCSIN_SOCKET: served.socketOf('local') };
  return Object.assign(served, {
    run: (line: string | readonly string[], terminal: Terminal = {}) =>
      tocsin(typeof line === 'string' ? line.split(' ') : line, {
        ...terminal,
        environment: { ...environment, ...terminal.environment },
      }),
  });
}
