/**
 * Kernel threads of SCST that hang: in state D at two looks, without having run in between. A
 * thread that works is often seen in D as well, so the state alone says nothing. Threads of a
 * device are named after it: its first 10 to 13 characters, a number, and perhaps _ and another.
 */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Files } from '../../platform/files.ts';
import type { Pace } from './pace.ts';

export interface HungThreads {
  readonly names: readonly string[];
  /** Since when the one that hangs longest has not run; null when none does. */
  readonly since: EpochMs | null;
}

interface Waiting {
  readonly name: string;
  /** How often it was given the processor: stands still while it hangs. */
  readonly switches: string;
  readonly since: EpochMs;
}

const ofScst = /^(scstd|scsi_tm|scst_mgmtd|scst_initd|scst_uid|iscsird|iscsiwr)/;
const numbered = /^\d+(_\d+)?$/;
/** PID (NAME) STATE PARENT; a name may hold anything, a ")" too. */
const statPattern = /^\d+ \((.*)\) (\S) (\d+) /s;
/** kthreadd, the parent of all kernel threads. */
const kernelParent = '2';

export function isThreadOfScst(name: string, devices: Iterable<string>): boolean {
  if (ofScst.test(name)) return true;
  for (const device of devices) {
    for (let length = 10; length <= 13; length++) {
      const stem = device.slice(0, length);
      if (name.startsWith(stem) && numbered.test(name.slice(stem.length))) return true;
      if (device.length <= length) break;
    }
  }
  return false;
}

const switchesOf = (status: string): string =>
  /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)?.[1] ?? '';

export class ThreadWatch {
  #waiting: ReadonlyMap<string, Waiting> = new Map();

  async look(
    files: Files,
    proc: string,
    of: { readonly devices: Iterable<string>; readonly now: EpochMs; readonly pace: Pace },
  ): Promise<HungThreads | Unreadable> {
    const listed = files.list(proc);
    if (listed === undefined) return unreadable('there is no /proc');
    const pids = listed.filter(({ name }) => /^\d+$/.test(name)).map(({ name }) => name);
    if (!pids.includes(kernelParent))
      return unreadable('processes of others are hidden from tocsin (ProtectProc, hidepid)');
    const waiting = new Map<string, Waiting>();
    const devices = [...of.devices];
    for (const pid of pids) {
      if (of.pace.due()) await of.pace.rest();
      const found = this.#lookAt(files, `${proc}/${pid}`, devices, of.now);
      if (found !== undefined) waiting.set(pid, found);
    }
    this.#waiting = waiting;
    const hung = [...waiting.values()].filter(({ since }) => since < of.now);
    const since = hung.length === 0 ? null : Math.min(...hung.map((one) => one.since));
    return { names: hung.map(({ name }) => name), since };
  }

  #lookAt(
    files: Files,
    path: string,
    devices: readonly string[],
    now: EpochMs,
  ): Waiting | undefined {
    try {
      const match = statPattern.exec(files.readAttribute(`${path}/stat`) ?? '');
      const [, name = '', state, parent] = match ?? [];
      if (state !== 'D' || parent !== kernelParent || !isThreadOfScst(name, devices))
        return undefined;
      const switches = switchesOf(files.readAttribute(`${path}/status`) ?? '');
      const before = this.#waiting.get(path.slice(path.lastIndexOf('/') + 1));
      const same = before?.name === name && before.switches === switches;
      return { name, switches, since: same ? before.since : now };
    } catch {
      // A single process that ends, or may not be looked at, says nothing about the others.
      return undefined;
    }
  }
}
