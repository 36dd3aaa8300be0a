/**
 * What a look at SCST costs: a real tree of files, our collector alone in this process. sysfs
 * itself is slower than tmpfs by what the kernel does to print a number.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scst } from '../../src/collectors/scst/collector.ts';
import { ScstEye } from '../../src/collectors/scst/eye.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { plantTree } from '../support/captures.ts';
import { largeConf, largeScst } from '../support/scst-tree.ts';
import { atMost, type Row } from './report.ts';

interface Cost {
  readonly processorMs: number;
  /** Attributes, links and folders that were read. */
  readonly reads: number;
  /**
   * The longest piece of work, in processor time of this thread, during which nothing else could
   * happen in the process. Not wall time, which is also what others on the machine take.
   */
  readonly heldMs: number;
}

export interface ScstCost {
  readonly luns: number;
  readonly first: Cost;
  readonly walk: Cost;
  readonly glance: Cost;
}

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Turns of the loop while `work` is done: the longest one is what it held. */
async function watchLoop(work: () => Promise<unknown>): Promise<number> {
  let done = false;
  let longest = 0;
  let last = threadMs();
  const turn = (): void => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  done = true;
  turn();
  return longest;
}

async function costOf(eye: ScstEye, rounds: number, work: () => Promise<unknown>): Promise<Cost> {
  const reads = eye.reads;
  const before = process.cpuUsage();
  let heldMs = 0;
  for (let i = 0; i < rounds; i++) heldMs = Math.max(heldMs, await watchLoop(work));
  const { user, system } = process.cpuUsage(before);
  return {
    processorMs: (user + system) / 1000 / rounds,
    reads: (eye.reads - reads) / rounds,
    heldMs,
  };
}

export async function measureScst(luns: number, rounds: number): Promise<ScstCost> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-scst-'));
  try {
    plantTree(largeScst(luns), folder);
    mkdirSync(`${folder}/etc`, { recursive: true });
    writeFileSync(`${folder}/etc/scst.conf`, largeConf(luns));
    const [sysfs, proc, dev, etc] = ['sys', 'proc', 'dev', 'etc'].map((name) => join(folder, name));
    const eye = new ScstEye({
      clock: systemClock,
      files: systemFiles,
      roots: { sysfs: sysfs ?? '', proc: proc ?? '', dev: dev ?? '', etc: etc ?? '' },
      probes: { run: () => Promise.resolve({ type: 'timeout' }), stuck: () => [] },
      known: { find: () => undefined, list: () => [] },
    });
    const first = await costOf(eye, 1, () => eye.look());
    const walk = await costOf(eye, rounds, () => eye.look());
    const glance = await costOf(eye, rounds * 4, () => eye.glance());
    return { luns, first, walk, glance };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const perRead = ({ processorMs, reads }: Cost): string =>
  `${processorMs.toFixed(1)} ms processor, ${Math.round(reads)} reads`;

export const ofScst = ({ luns, first, walk, glance }: ScstCost): readonly Row[] => [
  {
    what: `${scst.name}, ${luns} LUNs: first walk`,
    value: `${perRead(first)}, loop held ${first.heldMs.toFixed(1)} ms`,
  },
  {
    what: `${scst.name}, ${luns} LUNs: walk (every 30 s)`,
    value: `${perRead(walk)}, loop held ${walk.heldMs.toFixed(1)} ms`,
    goal: atMost(walk.heldMs, 10, 'holds the loop 10 ms at most'),
  },
  {
    what: `${scst.name}, ${luns} LUNs: glance (every second)`,
    value: `${perRead(glance)}, loop held ${glance.heldMs.toFixed(1)} ms`,
    goal: atMost(
      (glance.processorMs / Math.max(1, glance.reads)) * 2000,
      10,
      '2,000 attributes in 10 ms of processor',
    ),
  },
];
