/**
 * The cheap look of every second: reads again, along the paths that the walk found, what tells
 * health, and notices what came or went. It lists folders of targets, LUN sets, sessions and
 * devices, and reads no links.
 *
 * Drivers, targets, groups and sessions that come or go are seen in every glance, however many
 * there are. Of devices and LUNs there can be thousands, at 7 µs a file; beyond the limits below
 * they take turns, so that a glance costs less than 1 % of a processor (docs/BENCHMARKS.md).
 */
import type { EpochMs } from '../../domain/time.ts';
import { type AttributeReader, type Fact, known, refused, sameFact } from './attribute.ts';
import type { Pace } from './pace.ts';
import { observeSession } from './stall.ts';
import {
  type DeviceNode,
  type DriverNode,
  type GroupNode,
  joined,
  type TargetNode,
  type Tree,
} from './tree.ts';
import { walkSessions } from './walk-target.ts';

/** What a glance found to be different. */
export interface Glanced {
  /** Something came or went that only a walk can tell of. */
  readonly walk: boolean;
  /** Sessions came or went. */
  readonly sessions: boolean;
  /** Nodes that show other facts. */
  readonly drivers: ReadonlySet<DriverNode>;
  readonly targets: ReadonlySet<TargetNode>;
  readonly devices: ReadonlySet<DeviceNode>;
  readonly groups: ReadonlySet<GroupNode>;
  readonly core: boolean;
  /** The stall or the closing of a session began or ended. */
  readonly stalls: boolean;
}

/**
 * Devices that are read in one glance, two files each; the next glance goes on with those that
 * follow. 1,000 devices are through in four seconds; a walk reads them all anyway.
 */
export const devicesMax = 250;

/**
 * Commands in work are one file for each LUN of each session; of these no more are read in a
 * second, and the next glance goes on with the next session. A session is read in one piece: one
 * that has more LUNs uses up the next glances, too. A stall is shown after a minute, no earlier.
 */
export const inWorkReadsMax = 400;

/** Folders with fewer names are listed in every glance. */
const largeFolder = 500;
/** Names in large folders that are listed in one glance; more of them take turns. */
const namesMax = 1000;

/** Says whether the turn of a folder has come. */
class Turns {
  #glance = 0;
  #period = 1;
  #namesSeen = 0;

  begin(): (size: number) => boolean {
    this.#glance += 1;
    this.#period = Math.max(1, Math.ceil(this.#namesSeen / namesMax));
    this.#namesSeen = 0;
    let large = 0;
    return (size) => {
      if (size < largeFolder) return true;
      this.#namesSeen += size;
      large += 1;
      return (this.#glance + large) % this.#period === 0;
    };
  }
}

export interface GlanceTools {
  readonly root: string;
  readonly read: AttributeReader;
  readonly pace: Pace;
  readonly now: EpochMs;
}

export class Glance {
  readonly #turns = new Turns();
  /** Which session is the first to have its commands in work read. */
  #turn = 0;
  /** Reads of commands in work that may still be done; below 0 after a large session. */
  #inWorkReads = 0;
  /** Which device is the first to be read. */
  #deviceTurn = 0;

  async look(tools: GlanceTools, tree: Tree): Promise<Glanced> {
    const { read, root, pace } = tools;
    const found = {
      walk: false,
      sessions: false,
      drivers: new Set<DriverNode>(),
      targets: new Set<TargetNode>(),
      devices: new Set<DeviceNode>(),
      groups: new Set<GroupNode>(),
      core: glanceCore(read, root, tree),
      stalls: false,
    };
    found.walk ||= differs(read.folders(`${root}/targets`), tree.driverNames);
    const turn = this.#turns.begin();
    if (turn(tree.devices.size))
      found.walk ||= differs(read.folders(`${root}/devices`), tree.deviceNames);
    for (const driver of tree.drivers.values()) {
      if (glanceDriver(read, driver)) found.drivers.add(driver);
      found.walk ||= differs(read.folders(driver.path), driver.targetNames);
      for (const target of driver.targets) {
        if (pace.due()) await pace.rest();
        if (glanceTarget(read, target)) found.targets.add(target);
        found.walk ||= setsDiffer(read, target, turn);
        found.sessions = (await glanceSessions(tools, target)) || found.sessions;
      }
    }
    for (const device of this.#devicesOf(tree)) {
      if (pace.due()) await pace.rest();
      if (glanceDevice(read, device)) found.devices.add(device);
      found.walk ||= device.block === null;
    }
    for (const group of tree.groups.values()) {
      const state = read.word(`${group.path}/state`);
      if (state === null) found.walk = true;
      else if (!sameFact(state, group.state)) found.groups.add(group);
      group.state = state;
    }
    found.stalls = await this.#observe(tools, tree);
    return found;
  }

  /** Those whose turn it is. */
  #devicesOf(tree: Tree): readonly DeviceNode[] {
    const devices = [...tree.devices.values()];
    if (devices.length <= devicesMax) return devices;
    const from = this.#deviceTurn % devices.length;
    this.#deviceTurn = from + devicesMax;
    const taken = devices.slice(from, from + devicesMax);
    return [...taken, ...devices.slice(0, devicesMax - taken.length)];
  }

  async #observe(tools: GlanceTools, tree: Tree): Promise<boolean> {
    const { pace } = tools;
    const sessions = [...tree.drivers.values()].flatMap(({ targets }) =>
      targets.flatMap((target) => target.sessions),
    );
    let different = false;
    this.#inWorkReads = Math.min(0, this.#inWorkReads) + inWorkReadsMax;
    const start = this.#turn % Math.max(1, sessions.length);
    for (let i = 0; i < sessions.length && this.#inWorkReads > 0; i++) {
      if (pace.due()) await pace.rest();
      const session = sessions[(start + i) % sessions.length];
      if (session === undefined) break;
      different = (await observeSession(tools, session)) || different;
      this.#inWorkReads -= session.luns.length + 1;
      this.#turn = start + i + 1;
    }
    return different;
  }
}

/** A folder that refuses is no difference: what is known of it stays. */
const differs = (names: Fact<readonly string[]>, before: string): boolean =>
  !refused(names) && joined(known(names) ?? []) !== before;

const setsDiffer = (
  read: AttributeReader,
  target: TargetNode,
  turn: (size: number) => boolean,
): boolean =>
  target.sets.some((set) => turn(set.luns.length) && differs(read.folders(set.path), set.names)) ||
  differs(read.folders(`${target.path}/ini_groups`), target.groupNames);

function glanceCore(read: AttributeReader, root: string, tree: Tree): boolean {
  const suspended = read.number(`${root}/suspend`);
  const result = read.number(`${root}/last_sysfs_mgmt_res`);
  const same = sameFact(suspended, tree.suspended) && sameFact(result, tree.managementResult);
  tree.suspended = suspended;
  tree.managementResult = result;
  return !same;
}

function glanceDriver(read: AttributeReader, driver: DriverNode): boolean {
  // Of iscsi it vanishes with its daemon, and comes back with it.
  const may = driver.enabled !== null || driver.openState !== null;
  const enabled = may ? read.flag(`${driver.path}/enabled`) : null;
  const openState = driver.openState === null ? null : read.word(`${driver.path}/open_state`);
  const same = sameFact(enabled, driver.enabled) && sameFact(openState, driver.openState);
  driver.enabled = enabled;
  driver.openState = openState;
  return !same;
}

function glanceTarget(read: AttributeReader, target: TargetNode): boolean {
  if (target.enabled === null) return false;
  const enabled = read.flag(`${target.path}/enabled`);
  const same = sameFact(enabled, target.enabled);
  target.enabled = enabled;
  return !same;
}

async function glanceSessions(tools: GlanceTools, target: TargetNode): Promise<boolean> {
  const { read } = tools;
  const names = read.folders(`${target.path}/sessions`);
  const refusal = refused(names) ? names : null;
  const sameRefusal = sameFact<never>(refusal, target.sessionsRefusal);
  if (sameRefusal && (refusal !== null || !differs(names, target.sessionNames))) return false;
  Object.assign(target, await walkSessions(tools, target.path, target));
  return true;
}

function glanceDevice(read: AttributeReader, device: DeviceNode): boolean {
  // A SCSI device of this machine that is attached to no handler has nothing that can be blocked.
  if (device.handler === null) return false;
  const block = read.word(`${device.path}/block`);
  const active = device.active === null ? null : read.flag(`${device.path}/active`);
  const same = sameFact(block, device.block) && sameFact(active, device.active);
  device.block = block;
  device.active = active;
  return !same;
}
