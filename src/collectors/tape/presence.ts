/**
 * Who is there and who is missed: looks at sysfs and keeps the roster, over restarts too.
 */
import { isKnown, isUnreadable } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Ports, Watcher } from '../collector.ts';
import { Kept } from '../kept.ts';
import { isStalled, type Still } from './activity.ts';
import { type Identified, identify } from './identity.ts';
import { createMotion, type Motion } from './motion.ts';
import {
  isForgotten,
  kept,
  keptOf,
  missed,
  type Remembered,
  type Roster,
  readRoster,
  renumbered,
  rosterKey,
} from './roster.ts';
import {
  listAddresses,
  readByIdNames,
  readDevice,
  readPulse,
  readType,
  type ScsiDevice,
} from './scsi.ts';
import { isUndeclared } from './vtl.ts';

export type PresencePorts = Pick<Ports, 'clock' | 'files' | 'known' | 'roots'>;

export interface Present {
  readonly key: string;
  readonly identified: Identified;
  readonly remembered: Remembered;
}

export interface Seen {
  readonly present: readonly Present[];
  readonly absent: readonly Remembered[];
  /** Something is at its address, and its file `type` refuses. */
  readonly doubtful: readonly { readonly remembered: Remembered; readonly why: string }[];
}

const cursor = 'devices';

/** The device as it is remembered from now on. */
function welcome(
  before: Remembered | undefined,
  { id, identifiedBy, device }: Identified,
  { now, anew, stall }: { now: EpochMs; anew: boolean; stall: Still | null },
): Remembered {
  const arrived = before === undefined || before.absentSince !== null || anew;
  const numbers = { node: device.node, nodeBefore: null, renumberedAt: null };
  return {
    type: device.type,
    id,
    identifiedBy,
    serial: kept(device.serial, before?.serial),
    wwid: kept(device.wwid, before?.wwid),
    vendor: kept(device.vendor, before?.vendor),
    model: kept(device.model, before?.model),
    virtual: isUnreadable(device.virtual) ? before?.virtual === true : device.virtual === true,
    address: device.address,
    ...(before === undefined ? numbers : renumbered(before, device.node, now)),
    attachedAt: arrived ? now : before.attachedAt,
    losses: (before?.losses ?? 0) + (anew ? 1 : 0),
    absentSince: null,
    lastSeenAt: null,
    stall: isStalled(stall, now) ? stall : null,
  };
}

/** Counters that fell: the device was made anew between two looks. */
function isAnew(before: ScsiDevice | undefined, { pulse }: ScsiDevice): boolean {
  const earlier = before?.pulse.requests ?? null;
  return isKnown(pulse.requests) && isKnown(earlier) && pulse.requests < earlier;
}

export class Presence {
  readonly motion: Motion;
  readonly #ports: PresencePorts;
  readonly #isUnwanted: (serial: string) => boolean;
  #watcher: Watcher | undefined;
  #kept: Kept | undefined;
  #roster: Roster = new Map();
  #present = new Map<string, Present>();
  #addresses = '';
  #lookedAt: EpochMs | undefined;

  constructor(ports: PresencePorts, isUnwanted: (serial: string) => boolean) {
    this.#ports = ports;
    this.motion = createMotion(ports.clock);
    this.#isUnwanted = isUnwanted;
  }

  attach(watcher: Watcher): void {
    this.#watcher = watcher;
    this.#kept = new Kept(watcher, cursor);
    this.#roster = readRoster(this.#kept.read());
    for (const [key, { stall }] of this.#roster) this.motion.restore(key, stall);
  }

  /** Those that are there, as last seen. */
  list(): readonly Present[] {
    return [...this.#present.values()];
  }

  find(key: string): Present | undefined {
    return this.#present.get(key);
  }

  /** Everything. Throws where the list of devices cannot be read. */
  look(): Seen {
    const { clock, files, roots } = this.#ports;
    const addresses = listAddresses(files, roots) ?? [];
    const byId = readByIdNames(files, roots);
    const refused = new Map<string, string>();
    const unfinished = new Set<string>();
    const devices: ScsiDevice[] = [];
    for (const address of addresses) {
      const type = readType(files, roots, address);
      if (isUnreadable(type)) refused.set(address, type.unreadable);
      else if (type === null) unfinished.add(address);
      else if (type !== 'other') devices.push(readDevice(files, roots, byId, { type, address }));
    }
    const now = clock.now();
    const present = identify(devices, this.#roster).map((one) => this.#meet(one, now));
    this.#present = new Map(present.map((one) => [one.key, one]));
    const others = [...this.#roster.values()].filter((one) => !this.#present.has(rosterKey(one)));
    const doubtful = others.flatMap((remembered) => {
      const why = remembered.absentSince === null ? refused.get(remembered.address) : undefined;
      return why === undefined ? [] : [{ remembered, why }];
    });
    const doubted = new Set(doubtful.map(({ remembered }) => remembered));
    const absent = others
      .filter((one) => !doubted.has(one))
      .map((one) => missed(one, now, this.#lookedAt ?? this.#watcher?.lastSeenAt ?? null))
      .filter((one) => !this.#isOver(one, now));
    for (const one of absent) this.motion.forget(rosterKey(one));
    // What was not whole yet is looked at again with the next glance.
    this.#addresses = addresses.filter((one) => !unfinished.has(one)).join(' ');
    this.#lookedAt = now;
    this.#save([...present.map(({ remembered }) => remembered), ...doubted, ...absent]);
    return { present, absent, doubtful };
  }

  /** The files that change from second to second; undefined when it takes a whole look. */
  glance(): readonly Present[] | undefined {
    const { clock, files, roots } = this.#ports;
    const addresses = listAddresses(files, roots) ?? [];
    if (addresses.join(' ') !== this.#addresses) return undefined;
    const now = clock.now();
    const fresh = this.list().map(({ identified }) => {
      const { device } = identified;
      const pulse = readPulse(files, device.folder, device.node);
      return { ...identified, device: { ...device, pulse } };
    });
    // A folder that went away in between has no state.
    if (fresh.some(({ device }) => device.pulse.state === null)) return undefined;
    const present = fresh.map((one) => this.#meet(one, now));
    this.#present = new Map(present.map((one) => [one.key, one]));
    const others = [...this.#roster.values()].filter((one) => !this.#present.has(rosterKey(one)));
    this.#save([...present.map(({ remembered }) => remembered), ...others]);
    this.#lookedAt = now;
    return present;
  }

  #meet(identified: Identified, now: EpochMs): Present {
    const { device, id } = identified;
    const key = rosterKey({ type: device.type, id });
    this.motion.observe(key, device.pulse, now);
    const anew = isAnew(this.#present.get(key)?.identified.device, device);
    const stall = this.motion.stallOf(key);
    const remembered = welcome(this.#roster.get(key), identified, { now, anew, stall });
    return { key, identified, remembered };
  }

  /** Nobody misses it any more. */
  #isOver(one: Remembered, now: EpochMs): boolean {
    const undeclared = one.virtual && isUndeclared(this.#ports.known, one.type, one.id);
    return undeclared || isForgotten(one, now, this.#isUnwanted);
  }

  #save(all: readonly Remembered[]): void {
    this.#roster = new Map(all.map((one) => [rosterKey(one), one]));
    this.#kept?.write(keptOf(this.#roster));
  }
}
