/** What processes cost, as /proc and the control groups tell it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Runs of all threads, from /proc/PID/task/TID/schedstat: nanoseconds on a processor. */
export function processorSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [ran = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1e9;
}

export interface Memory {
  readonly rssMb: number;
  readonly pssMb: number;
  /** Of RSS: the heap, stacks and what was written. */
  readonly anonymousMb: number;
  /** Of RSS: pages of Node itself and other files, which the kernel can drop at any time. */
  readonly fileMb: number;
  /** The most it ever was: VmHWM. */
  readonly peakMb: number;
}

/** Megabytes are 10^6 bytes here, kB in /proc are 1024. */
export function parseMemory(rollup: string, status: string): Memory {
  const mb = (text: string, name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`/proc says nothing of ${name}`);
    return (Number(found) * 1024) / 1e6;
  };
  return {
    rssMb: mb(rollup, 'Rss'),
    pssMb: mb(rollup, 'Pss'),
    anonymousMb: mb(status, 'RssAnon'),
    fileMb: mb(status, 'RssFile'),
    peakMb: mb(status, 'VmHWM'),
  };
}

export function readMemory(pid: number): Memory {
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  return parseMemory(read('smaps_rollup'), read('status'));
}
