/**
 * What the kernel and systemd-nspawn see of a container: folder, control group, start, end.
 *
 * Each container has a mount namespace of its own, in which its root is an overlay over the base:
 * no mount is ever left behind on the host. Each has a control group of its own, because with
 * --keep-unit nspawn puts the container below its caller's group, and two systemd in one group
 * would end each other's services.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

export interface Machine {
  /** Also the host name inside, and the name of the control group. */
  readonly name: string;
  /** Holds upper, work, root and console.log. */
  readonly home: string;
  readonly base: string;
  readonly network: 'none' | 'host';
  /** PATH or PATH:TARGET, read-only inside. */
  readonly bind: readonly string[];
  /** Lives on when this process ends, until somebody ends it by its pid. */
  readonly detached: boolean;
}

export const exitStatusReboot = 133; // nspawn with --keep-unit leaves the new start to its caller.

/** Where the pure control groups are: /sys/fs/cgroup, or .../unified beside the old ones. */
function unifiedGroups(): string {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount, type] = line.split(' - ');
    const path = mount?.split(' ')[4];
    if (type?.startsWith('cgroup2 ') && path !== undefined) return path;
  }
  throw new Error('no cgroup2 is mounted here: systemd cannot run in a container');
}

const groupOf = (name: string) => join(unifiedGroups(), name);

/**
 * $1 control group, $2 base, $3 home; the rest are nspawn's arguments. The tmpfs keeps nspawn's
 * own notes out of the host's /run (it cannot remove them where /run is on a disk). Where overlayfs
 * refuses (its upper folder is on an overlay itself), the base is copied once.
 */
const launch = `set -eu
group=$1 base=$2 home=$3; shift 3
echo $$ >"$group/cgroup.procs"
mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn
if [ ! -e "$home/copied" ] && ! mount -t overlay overlay \
  -o "lowerdir=$base,upperdir=$home/upper,workdir=$home/work" "$home/root" \\
  2>"$home/overlay.log"; then
  cp -a --reflink=auto "$base/." "$home/root" && touch "$home/copied"
fi
exec systemd-nspawn "$@"`;

/** Starts nspawn (or starts it again: what was written inside is still there). */
export function startMachine(machine: Machine): ChildProcess {
  for (const folder of ['upper', 'work', 'root']) {
    mkdirSync(join(machine.home, folder), { recursive: true });
  }
  const group = groupOf(machine.name);
  mkdirSync(group, { recursive: true });
  const options = [
    `--directory=${machine.home}/root`,
    `--machine=${machine.name}`,
    // Without machined and without a unit of the host's systemd, of which there may be none.
    '--register=no',
    '--keep-unit',
    '--console=pipe',
    '--link-journal=no',
    // So that device and address policies of units are enforced: they are BPF programs.
    '--capability=all',
    '--system-call-filter=bpf @keyring',
    ...(machine.network === 'none' ? ['--private-network'] : ['--resolv-conf=copy-host']),
    ...machine.bind.map((path) => `--bind-ro=${path}`),
    '--boot',
  ];
  const console = openSync(join(machine.home, 'console.log'), 'a');
  // nspawn is process 1 of a namespace, so that nothing in it outlives it; --kill-child ends it
  // with unshare, and --pdeathsig ends unshare when this process is killed outright.
  const tie = machine.detached ? [] : ['setpriv', '--pdeathsig', 'KILL', '--'];
  const unshare = ['unshare', '--mount', '--propagation', 'private', '--pid', '--mount-proc'];
  const fork = ['--fork', '--kill-child', '--', 'bash', '-c', launch, 'launch'];
  const [command, ...argv] = [...tie, ...unshare, ...fork];
  const child = spawn(command ?? '', [...argv, group, machine.base, machine.home, ...options], {
    stdio: ['ignore', console, console],
    detached: machine.detached,
    env: { PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
  });
  closeSync(console);
  return child;
}

/** Children of the main thread of a process; none when it has ended. */
export function children(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').flatMap((child) => (child === '' ? [] : [Number(child)]));
  } catch {
    return [];
  }
}

/** The pid on the host of the container's process 1, once there is one: below unshare, nspawn. */
export function findInit(unsharePid: number): number | undefined {
  return children(unsharePid)
    .flatMap(children)
    .find((pid) => {
      try {
        return /^NSpid:(\s+\d+)+\s+1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}

/** Sends SIGKILL. False when there is no such process. */
export function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function removeGroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch {
    // A process in it is still ending: the next machine's start removes it.
  }
}

/** Removes all that is left of a machine whose processes have ended. */
export function removeMachine(name: string, home: string): void {
  removeGroup(groupOf(name));
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what machines left whose owner was killed: folders and groups `PREFIX-PID-N`. */
export function removeOrphans(folder: string, prefix: string): void {
  const left = new Set([...readdirSync(folder), ...readdirSync(unifiedGroups())]);
  for (const name of left) {
    const pid = new RegExp(`^${prefix}-(\\d+)-\\d+$`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeMachine(name, join(folder, name));
  }
}
