/** What /proc says of the machine as a whole. Some twenty small reads, well below a millisecond. */

import { join } from 'node:path/posix';
import {
  derived,
  type Fact,
  isKnown,
  type ResourceReading,
  reading,
} from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Files } from '../../platform/files.ts';
import { readFact, readNumber, readWhole, readWord, sumOf, wasRefusedWith } from '../attribute.ts';
import type { Roots } from '../collector.ts';
import { systemHost } from './kinds.ts';
import {
  busyRatio,
  type CpuTime,
  numbersOf,
  parseMeminfo,
  parsePressure,
  parseStat,
  readTable,
} from './parse.ts';

/** TAINT_DIE: the kernel has had an oops or a BUG. Source: include/linux/panic.h. */
const taintDie = 128;
/** The second look at btime may differ by the rounding of a clock that is being slewed. */
const bootedAtSlack = 2000;

/** What one look leaves for the next. */
export interface HostMemory {
  name: string;
  cpu: CpuTime | undefined;
  bootedAt: EpochMs | undefined;
}

export const createHostMemory = (): HostMemory => ({
  name: 'localhost',
  cpu: undefined,
  bootedAt: undefined,
});

/** /run lies beside /etc, on this machine and in a captured tree. */
export const runPath = (roots: Pick<Roots, 'etc'>, name: string): string =>
  join(roots.etc, '..', 'run', name);

/**
 * Name of the machine; `localhost` where even the kernel has none. It is the identity of all that
 * is known of the machine: while it cannot be read it stays as it was.
 */
export function hostNameOf(files: Files, roots: Pick<Roots, 'proc'>, memory: HostMemory): string {
  const name = readWord(files, join(roots.proc, 'sys/kernel/hostname'));
  if (typeof name === 'string') memory.name = name === '(none)' ? 'localhost' : name;
  return memory.name;
}

/** Kept while the new value differs by no more than rounding: an attribute that never trembles. */
function steadyBoot(memory: HostMemory, found: EpochMs | undefined): EpochMs | null {
  const { bootedAt } = memory;
  if (found === undefined) return null;
  const same = bootedAt !== undefined && Math.abs(found - bootedAt) <= bootedAtSlack;
  if (!same) memory.bootedAt = found;
  return memory.bootedAt ?? found;
}

function readProcessor(files: Files, proc: string, memory: HostMemory) {
  const stat = derived(readWhole(files, join(proc, 'stat')), parseStat);
  const load = derived(readWord(files, join(proc, 'loadavg')), numbersOf);
  return {
    cpuRatio: derived(stat, ({ cpu }) => {
      const before = memory.cpu;
      memory.cpu = cpu;
      return before && cpu ? busyRatio(before, cpu) : null;
    }),
    cpus: derived(stat, ({ cpus }) => cpus || null),
    blockedTasks: derived(stat, ({ blockedTasks }) => blockedTasks),
    bootedAt: derived(stat, ({ bootedAt }) => steadyBoot(memory, bootedAt)),
    load1: derived(load, ([one]) => one),
    load5: derived(load, ([, five]) => five),
    load15: derived(load, ([, , fifteen]) => fifteen),
  };
}

/** size - c_min: what ZFS gives back on demand. Of arcstats each line is NAME TYPE DATA. */
function readCache(files: Files, proc: string): Fact<number> {
  const stats = readWhole(files, join(proc, 'spl/kstat/zfs/arcstats'));
  return derived(stats, (text) => {
    const table = readTable(text, 2);
    const [size, least] = [table.get('size'), table.get('c_min')];
    return size === undefined || least === undefined ? null : Math.max(0, size - least);
  });
}

function readMemory(files: Files, proc: string) {
  const info = derived(readWhole(files, join(proc, 'meminfo')), parseMeminfo);
  const of = (name: string): Fact<number> => derived(info, (table) => table.get(name));
  const cache = readCache(files, proc);
  const [total, available] = [of('MemTotal'), of('MemAvailable')];
  // A cache that refuses to be read must not look like memory that is missing: then unreadable.
  const spare = sumOf([available, cache ?? 0]);
  return {
    memoryTotalBytes: total,
    memoryAvailableBytes: available,
    memoryUsedBytes: derived(total, (all) =>
      typeof available === 'number' ? all - available : null,
    ),
    cacheReclaimableBytes: cache,
    memoryAvailableRatio:
      typeof total === 'number' ? derived(spare, (bytes) => Math.min(1, bytes / total)) : total,
    swapTotalBytes: of('SwapTotal'),
    swapUsedRatio: derived(info, (table) => {
      const [all, free] = [table.get('SwapTotal'), table.get('SwapFree')];
      return all && free !== undefined ? 1 - free / all : null;
    }),
    oomKills: derived(readWhole(files, join(proc, 'vmstat')), (text) =>
      readTable(text).get('oom_kill'),
    ),
  };
}

/** Null where the kernel has no PSI (CONFIG_PSI, psi=0): it gives ENOENT or EOPNOTSUPP. */
function readPressure(files: Files, proc: string, what: 'cpu' | 'io' | 'memory'): Fact<number> {
  const path = join(proc, 'pressure', what);
  const pressure = derived(readWord(files, path), parsePressure);
  const isOff = ['EOPNOTSUPP', 'ENOTSUP'].some((code) => wasRefusedWith(pressure, code));
  return isOff ? null : pressure;
}

/** The three numbers of file-nr: allocated, free (always 0), and the most there may be. */
const usedHandles = ([used, , most]: readonly (number | undefined)[]): number | null =>
  used === undefined || !most ? null : used / most;

function readKernel(files: Files, proc: string) {
  const taint = readNumber(files, join(proc, 'sys/kernel/tainted'));
  const word = (path: string): Fact<string> => readWord(files, join(proc, path));
  return {
    kernelVersion: word('sys/kernel/osrelease'),
    kernelTaint: taint,
    // No bitwise &: more than 31 flags would turn negative.
    kernelOopses: derived(taint, (flags) => Math.floor(flags / taintDie) % 2 === 1),
    bootId: word('sys/kernel/random/boot_id'),
    uptimeSeconds: derived(word('uptime'), (text) => numbersOf(text)[0]),
    fileHandlesUsedRatio: derived(derived(word('sys/fs/file-nr'), numbersOf), usedHandles),
  };
}

/** Of all memory controllers together; null without any. Documentation/ABI: sysfs-devices-edac. */
function readEdac(files: Files, sysfs: string, name: 'ce_count' | 'ue_count'): Fact<number> {
  const folder = join(sysfs, 'devices/system/edac/mc');
  const controllers = derived(
    readFact(folder, () => files.list(folder)),
    (entries) => entries.filter((entry) => /^mc\d+$/.test(entry.name)),
  );
  if (!isKnown(controllers)) return controllers;
  if (controllers.length === 0) return null;
  return sumOf(controllers.map((entry) => readNumber(files, join(folder, entry.name, name))));
}

/** What is known of the machine from elsewhere than its files. */
export interface HostHearsay {
  readonly clockSynchronized: Fact<boolean>;
  readonly lastOops: string | null;
  readonly lastOomKilled: string | null;
}

export function readHost(
  files: Files,
  roots: Roots,
  memory: HostMemory,
  heard: HostHearsay,
): ResourceReading {
  const { proc, sysfs } = roots;
  const rebootFile = runPath(roots, 'reboot-required');
  return reading(systemHost, hostNameOf(files, roots, memory), {
    ...readProcessor(files, proc, memory),
    ...readMemory(files, proc),
    ...readKernel(files, proc),
    cpuPressure: readPressure(files, proc, 'cpu'),
    ioPressure: readPressure(files, proc, 'io'),
    memoryPressure: readPressure(files, proc, 'memory'),
    memoryErrorsCorrected: readEdac(files, sysfs, 'ce_count'),
    memoryErrorsUncorrected: readEdac(files, sysfs, 'ue_count'),
    rebootRequired: readFact(rebootFile, () => files.stat(rebootFile) !== undefined),
    ...heard,
  });
}
