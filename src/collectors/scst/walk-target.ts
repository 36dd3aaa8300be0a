/** The full walk of one target: its sets of LUNs and its sessions. */

import { type AttributeReader, known, refused } from './attribute.ts';
import { judgeStall, readCounters, readInWork, type StallTools } from './stall.ts';
import {
  type Connection,
  joined,
  type LunNode,
  type LunSet,
  type SessionNode,
  type TargetNode,
} from './tree.ts';

const number = /^\d+$/;

function walkLun(read: AttributeReader, set: string, path: string, name: string): LunNode {
  return {
    id: `${set}/${name}`,
    number: Number(name),
    device: read.linkName(`${path}/${name}/device`),
    readOnly: read.flag(`${path}/${name}/read_only`),
  };
}

async function walkSet(
  { read, pace }: StallTools,
  of: { readonly id: string; readonly group: string | null; readonly path: string },
  old: LunSet | undefined,
): Promise<LunSet | undefined> {
  const names = read.folders(of.path);
  if (names === null) return undefined;
  if (refused(names))
    return { ...of, names: old?.names ?? '', luns: old?.luns ?? [], refusal: names };
  const luns: LunNode[] = [];
  for (const name of names) {
    if (pace.due()) await pace.rest();
    if (number.test(name)) luns.push(walkLun(read, of.id, of.path, name));
  }
  // A LUN whose link to the device is not there any more went away in the middle of the walk.
  const there = luns.filter(({ device }) => device !== null);
  return { ...of, names: joined(names), luns: there, refusal: null };
}

const walkConnection = (read: AttributeReader, path: string): Connection => ({
  path,
  address: read.word(`${path}/ip`),
  state: read.word(`${path}/state`),
});

const lunFolder = /^lun(\d+)$/;
const groupLink = /\/ini_groups\/([^/]+)\/luns$/;

async function walkSession(
  tools: StallTools,
  path: string,
  folder: string,
  old: ReadonlyMap<string, SessionNode>,
): Promise<SessionNode | undefined> {
  const { read, now } = tools;
  const name = read.word(`${path}/initiator_name`);
  const folders = read.folders(path);
  if (name === null || folders === null) return undefined;
  const before = old.get(path);
  const sid = known(read.word(`${path}/sid`));
  const instance = sid ?? folder;
  const same = before?.instance === instance ? before : undefined;
  const inside = known(folders) ?? [];
  const luns = inside.flatMap((one) => lunFolder.exec(one)?.[1] ?? []).map(Number);
  const connections = inside
    .filter((one) => one !== 'latency' && !lunFolder.test(one))
    .map((one) => walkConnection(read, `${path}/${one}`));
  const session: SessionNode = {
    path,
    instance,
    // A name that cannot be read: the folder has it too, unless it is a second session.
    initiator: known(name) || (before?.initiator ?? folder),
    group: groupLink.exec(known(read.link(`${path}/luns`)) ?? '')?.[1] ?? null,
    luns,
    inWork: await readInWork(tools, { path, luns }),
    connections,
    reinstating: read.flag(`${path}/reinstating`),
    counters: readCounters(read, path),
    activeCommands: same?.activeCommands,
    stillSince: same?.stillSince ?? null,
    stalledSince: null,
    closingSince: same?.closingSince ?? null,
  };
  judgeStall(session, same ?? session, now);
  return session;
}

/** Sessions come and go more often than all else: they can be walked by themselves. */
export async function walkSessions(
  tools: StallTools,
  path: string,
  old: Pick<TargetNode, 'sessions' | 'sessionNames'> | undefined,
): Promise<Pick<TargetNode, 'sessions' | 'sessionNames' | 'sessionsRefusal'>> {
  const { read, pace } = tools;
  const names = read.folders(`${path}/sessions`);
  if (refused(names)) {
    const { sessions = [], sessionNames = '' } = old ?? {};
    return { sessions, sessionNames, sessionsRefusal: names };
  }
  const listed = known(names) ?? [];
  const before = new Map(old?.sessions.map((one) => [one.path, one]));
  const sessions: SessionNode[] = [];
  for (const name of listed) {
    if (pace.due()) await pace.rest();
    const node = await walkSession(tools, `${path}/sessions/${name}`, name, before);
    if (node !== undefined) sessions.push(node);
  }
  return { sessions, sessionNames: joined(listed), sessionsRefusal: null };
}

/** undefined: it is no target, or went away while it was read. */
export async function walkTarget(
  tools: StallTools,
  path: string,
  driver: string,
  id: string,
  old: TargetNode | undefined,
): Promise<TargetNode | undefined> {
  const { read } = tools;
  const oldSets = new Map(old?.sets.map((set) => [set.id, set]));
  const plain = { id, group: null, path: `${path}/luns` };
  const first = await walkSet(tools, plain, oldSets.get(id));
  if (first === undefined) return undefined;
  const sets: LunSet[] = [first];
  const groups = known(read.folders(`${path}/ini_groups`)) ?? old?.groupNames.split('\n') ?? [];
  for (const group of groups.filter((name) => name !== '')) {
    const of = { id: `${id}/${group}`, group, path: `${path}/ini_groups/${group}/luns` };
    const set = await walkSet(tools, of, oldSets.get(of.id));
    if (set !== undefined) sets.push(set);
  }
  const sessions = await walkSessions(tools, path, old);
  const enabled = read.flag(`${path}/enabled`);
  return { id, driver, path, enabled, sets, groupNames: joined(groups), ...sessions };
}
