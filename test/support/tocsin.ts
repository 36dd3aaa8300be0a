/** The command line as a user types it, asking a daemon of a test; in this process, to be quick. */
import { fakeIo, type Said } from '../../src/cli/cli.fixture.ts';
import { main } from '../../src/cli/run.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { TestDaemon } from './daemon.ts';
import type { Json } from './gathering.ts';

export interface CommandLine {
  /** Runs it, whatever it ends with. Words that hold blanks are given as a list. */
  readonly say: (line: string | readonly string[]) => Promise<Said>;
  /** What it says; it must end with 0. */
  readonly run: (line: string | readonly string[]) => Promise<string>;
  /** The same as a value: `-o json`. */
  readonly json: (line: string) => Promise<Json>;
}

/** `daemon` is asked each time: a test may start it anew. */
export function commandLine(daemon: () => Pick<TestDaemon, 'socket'>): CommandLine {
  async function say(line: string | readonly string[]): Promise<Said> {
    const environment = { TOCSIN_SOCKET: daemon().socket, USER: 'anna' };
    const { io, said } = fakeIo({ environment });
    const argv = typeof line === 'string' ? line.split(' ') : line;
    const status = await main(argv, { ...io, clock: systemClock });
    return { status, ...said() };
  }
  async function run(line: string | readonly string[]): Promise<string> {
    const { status, out, err } = await say(line);
    if (status !== 0) throw new Error(`tocsin ${String(line)}: ${status}\n${out}${err}`);
    return out;
  }
  return { say, run, json: async (line) => JSON.parse(await run(`${line} -o json`)) };
}
