/** What changed on the machine in the day before an alert began, from all that knows of changes. */
import { type EpochMs, hours } from '../domain/time.ts';
import type { House } from './house.ts';
import type { Edit, RecentEdits } from './house-edits.ts';

export const changedWithin = hours(24);
const eventsMax = 200;
const tasksMax = 200;
const shownMax = 200;

export const changeTypes = [
  'package',
  'unit-file',
  'configuration',
  'reload', // systemd read its files anew
  'boot',
  'start', // tocsin was started
  'task', // a task ended
] as const;

export interface MachineChange {
  readonly at: EpochMs;
  readonly type: (typeof changeTypes)[number];
  readonly what: string;
}

export interface MachineChanges {
  readonly since: EpochMs;
  readonly until: EpochMs;
  /** Oldest first. */
  readonly items: readonly MachineChange[];
  readonly omitted: number;
  readonly unreadable: RecentEdits['unreadable'];
}

/** Events of systemd and of its bus that say that much may have changed. */
const telling: Readonly<Record<string, string>> = {
  reloaded: 'systemd read its unit files anew (daemon-reload)',
  reexecuted: 'systemd was started anew in place (daemon-reexec)',
  'bus-restarted': 'the system bus was lost and came back',
};

async function reloads(house: House, since: EpochMs, until: EpochMs): Promise<MachineChange[]> {
  const events = await house.listEvents({
    kind: 'systemd.manager',
    since,
    until,
    limit: eventsMax,
  });
  return events.flatMap(({ at, event }) => {
    const what = telling[event];
    return what === undefined ? [] : [{ at, type: 'reload' as const, what }];
  });
}

function starts(house: House): MachineChange[] {
  const booted = house.findResource('systemd.manager', 'system')?.attributes.startedAt;
  const start = { at: house.startedAt, type: 'start' as const, what: 'tocsin was started' };
  return typeof booted === 'number'
    ? [{ at: booted, type: 'boot' as const, what: 'the machine was started' }, start]
    : [start];
}

const endOf = (job: string, state: unknown): string =>
  `${job} ${state === 'failed' ? 'ended in failure' : 'ended'}`;

/** Runs that programs reported, and those of units. */
async function tasks(house: House): Promise<MachineChange[]> {
  const reported = await house.listTasks({ limit: tasksMax });
  const ends = new Map<string, MachineChange>();
  const add = (job: string, at: unknown, state: unknown): void => {
    if (typeof at !== 'number') return;
    ends.set(`${job} ${at}`, { at, type: 'task', what: endOf(job, state) });
  };
  for (const { job, endedAt, state } of reported) add(job, endedAt, state);
  for (const { id, attributes } of house.resources('task.run')) {
    add(id, attributes.endedAt, attributes.state);
  }
  return [...ends.values()];
}

const fromEdit = ({ at, type, what }: Edit): MachineChange => ({ at, type, what });

/** `units`: whose unit files are looked at. */
export async function changesBefore(
  house: House,
  until: EpochMs,
  units: readonly string[],
): Promise<MachineChanges> {
  const since = until - changedWithin;
  const [edits, reloaded, ended] = await Promise.all([
    house.recentEdits(since, until, units),
    reloads(house, since, until),
    tasks(house),
  ]);
  const all = [...edits.edits.map(fromEdit), ...reloaded, ...starts(house), ...ended]
    .filter(({ at }) => at >= since && at <= until)
    .sort((a, b) => a.at - b.at);
  const left = Math.max(0, all.length - shownMax);
  return {
    since,
    until,
    unreadable: edits.unreadable,
    items: all.slice(left),
    omitted: edits.omitted + left,
  };
}
