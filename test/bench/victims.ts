/** Units that are there to fail: they run until their process is killed, and stay failed. */
import { createInterface } from 'node:readline';
import type { Container } from '../support/container.ts';
import type { Heard } from './listener.ts';

export interface Victims {
  /** Names of units, all running. */
  readonly units: readonly string[];
  /** Kills the process of one; returns when kill(2) has, which is before systemd knows. */
  fail(unit: string): void;
  /** Kills all at once, by their control group. */
  failAll(): void;
  /** When each failed: StateChangeTimestampMonotonic, microseconds. */
  failedUsec(): Promise<ReadonlyMap<string, number>>;
}

/** A command line has room for them, and PID 1 for other things between. */
const unitsAtOnce = 500;

const template = `[Unit]
Description=Runs until it is killed
[Service]
Type=simple
Slice=bench-victims.slice
ExecStart=/bin/sleep infinity
# journald takes 4,096 streams: with more victims it would refuse the one of tocsin.
StandardOutput=null
StandardError=null
`;

/** Its alert: the first change that makes somebody look. */
export const isFailure = ({ rule, reason }: Heard): boolean =>
  rule === 'unit-failed' && reason === 'raised';

function* portions<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}

async function eachPortion(
  container: Container,
  units: readonly string[],
  ...verb: readonly string[]
): Promise<string> {
  let output = '';
  for (const some of portions(units, unitsAtOnce))
    output += await container.run(['systemctl', ...verb, ...some], { timeoutMs: 120_000 });
  return output;
}

function readFailures(shown: string): ReadonlyMap<string, number> {
  const failures = new Map<string, number>();
  for (const block of shown.split('\n\n')) {
    const unit = /^Id=(.*)$/m.exec(block)?.[1];
    const at = /^StateChangeTimestampMonotonic=(\d+)$/m.exec(block)?.[1];
    if (unit !== undefined && /^ActiveState=failed$/m.test(block)) failures.set(unit, Number(at));
  }
  return failures;
}

/** Starts `count` units; resolves when all run. */
export async function startVictims(container: Container, count: number): Promise<Victims> {
  container.writeFile('/etc/systemd/system/bench-victim@.service', template);
  await container.run('systemctl daemon-reload');
  const units = Array.from({ length: count }, (_, i) => `bench-victim@${i + 1}.service`);
  await eachPortion(container, units, 'start');
  const shown = await eachPortion(container, units, 'show', '-p', 'Id,MainPID');
  const pids = new Map<string, string>();
  for (const block of shown.split('\n\n')) {
    const unit = /^Id=(.*)$/m.exec(block)?.[1];
    const pid = /^MainPID=(\d+)$/m.exec(block)?.[1];
    if (unit !== undefined && pid !== undefined) pids.set(unit, pid);
  }
  // One shell that kills what it is told, so that a trial costs no new process.
  const killer = container.spawn('while read pid; do kill -KILL "$pid"; done');
  createInterface({ input: killer.stderr }).on('line', (line) => console.error(line));
  const group = '/sys/fs/cgroup/bench.slice/bench-victims.slice/cgroup.kill';
  return {
    units,
    fail: (unit) => killer.stdin.write(`${pids.get(unit)}\n`),
    failAll: () => container.writeFile(group, '1'),
    failedUsec: async () =>
      readFailures(
        await eachPortion(
          container,
          units,
          'show',
          '-p',
          'Id,ActiveState,StateChangeTimestampMonotonic',
        ),
      ),
  };
}
