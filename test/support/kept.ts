/** Containers that outlive the process that booted them: a note in their folder says who to end. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findInit, kill, removeMachine } from './nspawn.ts';

interface Note {
  readonly name: string;
  readonly launcherPid: number;
  /** Field 22 of /proc/PID/stat: another process may have the pid by now. */
  readonly launcherStart: string;
}

const fileOf = (home: string) => join(home, 'container.json');

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export function noteKept(home: string, name: string, launcherPid: number): void {
  const note: Note = { name, launcherPid, launcherStart: startOf(launcherPid) ?? '' };
  writeFileSync(fileOf(home), `${JSON.stringify(note)}\n`);
}

/** Ends what was booted with `keepIn: home` and removes the folder. False when there is none. */
export async function endKept(home: string): Promise<boolean> {
  if (!existsSync(fileOf(home))) return false;
  const note = JSON.parse(readFileSync(fileOf(home), 'utf8')) as Note;
  const { launcherPid, launcherStart } = note;
  if (startOf(launcherPid) === launcherStart) {
    const init = findInit(launcherPid);
    kill(init ?? launcherPid);
    // A zombie has no root any more: nobody may ever collect it.
    while (existsSync(`/proc/${launcherPid}/root`)) await pause(10);
  }
  removeMachine(note.name, home);
  return true;
}
