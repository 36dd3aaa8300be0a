/** Texts of /proc to numbers. Pure; formats from proc(5) and Documentation/filesystems/proc.rst. */
import type { EpochMs } from '../../domain/time.ts';

/** The number that is the whole text; undefined when it is none. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text);
}

/** Lines `NAME VALUE …` as name -> value in that column; arcstats has a type before it. */
export function readTable(text: string, column = 1): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (const line of text.split('\n')) {
    const words = line.split(/[:\s]+/, column + 1);
    const value = numberOf(words[column]);
    if (words[0] !== undefined && value !== undefined) table.set(words[0], value);
  }
  return table;
}

export interface CpuTime {
  readonly busy: number;
  readonly total: number;
}

export interface Stat {
  /** In ticks since the boot. */
  readonly cpu: CpuTime | undefined;
  readonly cpus: number;
  readonly bootedAt: EpochMs | undefined;
  readonly blockedTasks: number | undefined;
}

/**
 * user nice system idle iowait irq softirq steal, then guest times, which user and nice already
 * hold. iowait is idle time: no processor is busy with waiting.
 */
function parseCpu(line: string): CpuTime | undefined {
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  if (times.length < 4 || times.some((time) => !Number.isFinite(time))) return undefined;
  const total = times.reduce((sum, time) => sum + time, 0);
  return { busy: total - (times[3] ?? 0) - (times[4] ?? 0), total };
}

/** /proc/stat */
export function parseStat(text: string): Stat {
  const lines = text.split('\n');
  const first = lines.find((line) => line.startsWith('cpu '));
  const table = readTable(text);
  const btime = table.get('btime');
  return {
    cpu: first === undefined ? undefined : parseCpu(first),
    cpus: lines.filter((line) => /^cpu\d/.test(line)).length,
    bootedAt: btime === undefined ? undefined : btime * 1000,
    blockedTasks: table.get('procs_blocked'),
  };
}

/** Part of the time between two looks that was busy; null when no tick has passed. */
export function busyRatio(before: CpuTime, after: CpuTime): number | null {
  const total = after.total - before.total;
  const busy = after.busy - before.busy;
  // iowait may run backwards (proc(5)), and counters begin anew after a checkpoint.
  return total <= 0 ? null : Math.min(1, Math.max(0, busy / total));
}

/** /proc/meminfo: bytes by name. Its unit is always kB, meaning 1024 bytes. */
export const parseMeminfo = (text: string): ReadonlyMap<string, number> =>
  new Map([...readTable(text)].map(([name, kibibytes]) => [name, kibibytes * 1024]));

/** /proc/pressure/*: part of the last minute in which some task waited. Format: accounting/psi. */
export function parsePressure(text: string): number | undefined {
  const match = /^some [^\n]*?avg60=(\d+(?:\.\d+)?)/m.exec(text);
  return match === null ? undefined : Number(match[1]) / 100;
}

/** The numbers of a line with blanks between them; undefined where a word is none. */
export const numbersOf = (text: string): readonly (number | undefined)[] =>
  text.trim().split(/\s+/).map(numberOf);
