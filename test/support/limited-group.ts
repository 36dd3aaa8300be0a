/**
 * A control group of the first version on this machine, made from outside, for processes of a
 * container: the kernel refuses or kills them there, whatever controllers the container itself has.
 * Needs root. Where this machine has no such controllers (a pure cgroup2) there is none, and its
 * callers say what stands in for it.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Controller = 'memory' | 'pids';

export interface LimitedGroup {
  /** Moves a process with all its threads; children that it has stay where they are. */
  take(pid: number): void;
  read(file: string): string;
  /** Throws EBUSY where the kernel cannot get down to a limit of memory. */
  write(file: string, value: string | number): void;
  /** Waits for what is still in it to be gone. */
  end(): Promise<void>;
}

/** Where a hierarchy with this controller is mounted. */
function hierarchyOf(controller: Controller): string | undefined {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount, source] = line.split(' - ');
    const options = source?.split(' ')[2]?.split(',') ?? [];
    const point = mount?.split(' ')[4];
    if (source?.startsWith('cgroup ') && options.includes(controller)) return point;
  }
  return undefined;
}

const endWithinMs = 10_000;
let made = 0;

/** Undefined where this machine has no such controller, or does not let us use it. */
export function makeLimitedGroup(controller: Controller): LimitedGroup | undefined {
  const hierarchy = hierarchyOf(controller);
  if (hierarchy === undefined) return undefined;
  made += 1;
  const folder = join(hierarchy, `tocsin-test-${process.pid}-${made}`);
  try {
    mkdirSync(folder);
  } catch {
    return undefined;
  }
  const at = (file: string): string => join(folder, file);
  const remove = (): boolean => {
    try {
      if (existsSync(folder)) rmdirSync(folder);
      return true;
    } catch {
      return false; // Somebody is still in it.
    }
  };
  process.once('exit', remove);
  return {
    take: (pid) => writeFileSync(at('cgroup.procs'), String(pid)),
    read: (file) => readFileSync(at(file), 'utf8').trim(),
    write: (file, value) => writeFileSync(at(file), String(value)),
    async end() {
      const late = performance.now() + endWithinMs;
      while (!remove() && performance.now() < late) await pause(20);
      process.off('exit', remove);
    },
  };
}
