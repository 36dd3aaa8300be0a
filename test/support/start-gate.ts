/**
 * A daemon that waits before it begins: its process stops itself, so that a test can put limits on
 * it from outside before its first line runs. And its pid on this machine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Appliance, eventually } from './appliance.ts';
import { stateOf } from './fuse/house.ts';

/** A drop-in of tocsin.service; systemd makes one dollar of two. */
export const startGate = `[Service]
ExecStart=
ExecStart=/bin/sh -c 'kill -STOP $$$$; exec /usr/sbin/tocsind'
RestartSec=100ms
`;

function findMain(appliance: Appliance, pid: string): number | undefined {
  const { root } = appliance.container;
  const group = join(root, 'sys/fs/cgroup/system.slice/tocsin.service/cgroup.procs');
  try {
    const pids = readFileSync(group, 'utf8').split('\n').filter(Boolean);
    const inside = new RegExp(`^NSpid:.*\\t${pid}$`, 'm');
    const found = pids.find((one) => inside.test(readFileSync(`/proc/${one}/status`, 'utf8')));
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

/** The pid of the daemon's main process as this machine has it; waits for one. */
export const mainPidOutside = (appliance: Appliance): Promise<number> =>
  eventually('tocsin has a process', async () =>
    findMain(appliance, await appliance.property('tocsin', 'MainPID')),
  );

/** Waits for the next process that stands at the gate, calls with its pid, and lets it go on. */
export async function passGate(
  appliance: Appliance,
  limit: (pid: number) => void,
): Promise<number> {
  const pid = await eventually('a process stands at the gate', async () => {
    const found = findMain(appliance, await appliance.property('tocsin', 'MainPID'));
    return found !== undefined && stateOf(found) === 'T' ? found : undefined;
  });
  limit(pid);
  process.kill(pid, 'SIGCONT');
  return pid;
}
