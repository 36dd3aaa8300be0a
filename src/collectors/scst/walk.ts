/**
 * The full walk: lists every folder of /sys/kernel/scst_tgt that matters and reads what is in it.
 * A folder that refuses to be listed keeps what was known of it; one that vanished while the walk
 * was under way is left out.
 */
import type { EpochMs } from '../../domain/time.ts';
import { type AttributeReader, type Fact, known, refused } from './attribute.ts';
import { ignoredDriver } from './names.ts';
import type { Pace } from './pace.ts';
import { type DeviceNode, type DriverNode, type GroupNode, joined, type Tree } from './tree.ts';
import { walkTarget } from './walk-target.ts';

export interface Walk {
  readonly root: string;
  readonly read: AttributeReader;
  readonly pace: Pace;
  readonly now: EpochMs;
  /** The tree as it was. */
  readonly before: Tree | undefined;
}

/** A folder without which nothing can be said. */
export class CannotLook extends Error {}

export function namesOrThrow(names: Fact<readonly string[]>, path: string): readonly string[] {
  if (refused(names)) throw new CannotLook(`${path} cannot be listed: ${names.unreadable}`);
  return known(names) ?? [];
}

async function walkDriver(walk: Walk, name: string): Promise<DriverNode | undefined> {
  const { read, root, before } = walk;
  const path = `${root}/targets/${name}`;
  const names = read.folders(path);
  if (names === null) return undefined;
  const old = before?.drivers.get(name);
  const enabled = read.flag(`${path}/enabled`);
  const openState = read.word(`${path}/open_state`);
  if (refused(names)) {
    const { targets = [], targetNames = '' } = old ?? {};
    return { name, path, enabled, openState, targets, targetNames, refusal: names };
  }
  const oldTargets = new Map(old?.targets.map((one) => [one.id, one]));
  const targets = [];
  for (const target of names) {
    const id = `${name}/${target}`;
    const node = await walkTarget(walk, `${path}/${target}`, name, id, oldTargets.get(id));
    if (node !== undefined) targets.push(node);
  }
  const targetNames = joined(names);
  return { name, path, enabled, openState, targets, targetNames, refusal: null };
}

const handlerAttributes = ['active', 'size', 'filename', 'read_only'] as const;
type HandlerAttribute = (typeof handlerAttributes)[number];
const none: ReadonlySet<string> = new Set();
/** Handlers of real SCSI devices have none of the attributes of a virtual disk. */
const passThrough = /^dev_/;
const allLacking: ReadonlySet<string> = new Set(handlerAttributes);

function countExports(read: AttributeReader, path: string): Fact<number> {
  const names = read.links(`${path}/exported`);
  if (!Array.isArray(names)) return names === null ? 0 : (names as Fact<number>);
  let count = 0;
  for (const name of names) {
    const target = known(read.link(`${path}/exported/${name}`));
    const driver = /\/targets\/([^/]+)\//.exec(target ?? '')?.[1];
    if (driver !== undefined && !ignoredDriver(driver)) count += 1;
  }
  return count;
}

function walkDevice({ read, root, before }: Walk, name: string): DeviceNode | undefined {
  const path = `${root}/devices/${name}`;
  const handler = read.linkName(`${path}/handler`);
  const old = before?.devices.get(name);
  const same = old !== undefined && old.handler === handler;
  const bare = typeof handler !== 'string' || passThrough.test(handler);
  const lacks = bare ? allLacking : same ? old.lacks : new Set<string>();
  const of = <T>(attribute: HandlerAttribute, look: (path: string) => Fact<T>): Fact<T> => {
    if (lacks.has(attribute)) return null;
    const fact = look(`${path}/${attribute}`);
    if (fact === null && lacks !== none) (lacks as Set<string>).add(attribute);
    return fact;
  };
  const block = read.word(`${path}/block`);
  // Without even this it went away between the listing and now.
  if (block === null) return undefined;
  const filename = of('filename', (at) => read.word(at));
  return {
    name,
    path,
    handler,
    block,
    lacks,
    type: same && old.type !== null ? old.type : read.word(`${path}/type`),
    exports: countExports(read, path),
    active: of('active', (at) => read.flag(at)),
    sizeBytes: of('size', (at) => read.number(at)),
    readOnly: of('read_only', (at) => read.flag(at)),
    filename: filename === '' ? null : filename,
  };
}

/** A target of this machine is a link, one of another machine a folder (device_groups). */
function isLocal(read: AttributeReader, path: string): Fact<boolean> {
  const links = read.links(path);
  return Array.isArray(links) ? links.length > 0 : (links as Fact<boolean>);
}

function walkGroups({ read, root }: Walk): ReadonlyMap<string, GroupNode> {
  const groups = new Map<string, GroupNode>();
  const top = `${root}/device_groups`;
  for (const devices of known(read.folders(top)) ?? []) {
    const within = `${top}/${devices}/target_groups`;
    for (const name of known(read.folders(within)) ?? []) {
      const path = `${within}/${name}`;
      const state = read.word(`${path}/state`);
      if (state === null) continue;
      const id = `${devices}/${name}`;
      const preferred = read.flag(`${path}/preferred`);
      groups.set(id, { id, path, state, preferred, local: isLocal(read, path) });
    }
  }
  return groups;
}

/** undefined: SCST is not loaded. Throws CannotLook where a main folder refuses. */
export async function walkScst(walk: Walk): Promise<Tree | undefined> {
  const { root, read, pace } = walk;
  const top = read.folders(root);
  if (top === null) return undefined;
  namesOrThrow(top, root);
  const driverNames = namesOrThrow(read.folders(`${root}/targets`), `${root}/targets`);
  const drivers = new Map<string, DriverNode>();
  for (const name of driverNames) {
    const node = ignoredDriver(name) ? undefined : await walkDriver(walk, name);
    if (node !== undefined) drivers.set(name, node);
  }
  const deviceNames = namesOrThrow(read.folders(`${root}/devices`), `${root}/devices`);
  const devices = new Map<string, DeviceNode>();
  for (const name of deviceNames) {
    if (pace.due()) await pace.rest();
    const node = walkDevice(walk, name);
    if (node !== undefined) devices.set(name, node);
  }
  return {
    version: read.word(`${root}/version`),
    suspended: read.number(`${root}/suspend`),
    managementResult: read.number(`${root}/last_sysfs_mgmt_res`),
    drivers,
    driverNames: joined(driverNames),
    devices,
    deviceNames: joined(deviceNames),
    groups: walkGroups(walk),
  };
}
