/**
 * Drives and changers as readings: what sysfs shows, what commands found out, what others know;
 * and what of it is new since it was last told.
 */

import { createMatcher } from '../../domain/glob.ts';
import type { ResourceReading } from '../../domain/reading.ts';
import { isKnown } from '../../domain/reading.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import type { Ports, Watcher } from '../collector.ts';
import { type News, Told } from '../told.ts';
import { isStalled } from './activity.ts';
import { findNaming } from './configured-nodes.ts';
import { objectOf } from './inquiry.ts';
import { whyNotAsk } from './permission.ts';
import { Presence, type Present } from './presence.ts';
import {
  absentReading,
  type Beside,
  doubtfulReading,
  type Facts,
  presentReading,
  pulseReading,
} from './readings.ts';
import { rosterKey } from './roster.ts';
import { type DeviceType, readDevice, readPulse, type ScsiDevice } from './scsi.ts';
import { findVtl } from './vtl.ts';

export type DevicePorts = Pick<Ports, 'clock' | 'files' | 'known' | 'probes' | 'roots'>;

export interface DeviceSettings {
  readonly commands: boolean;
  readonly forget: readonly string[];
}

/** What commands would find out; null says that nobody asks. */
const unasked = {
  drive: {
    tapeLoaded: null,
    barcode: null,
    changer: null,
    writeProtected: null,
    cleaningRequired: null,
    cleaningRequested: null,
    activity: null,
    alertFlags: null,
    alertVerdict: null,
  },
  changer: { reachable: null, failures: 0, alertFlags: null },
} as const satisfies Record<DeviceType, Facts>;

/** Configurations of backup software change rarely. */
const namingKeptFor = minutes(5);

export class Devices {
  readonly #ports: DevicePorts;
  readonly #commandsOn: boolean;
  readonly #presence: Presence;
  readonly #facts = new Map<string, Facts>();
  readonly #naming = new Map<string, { readonly path: string | null; readonly at: EpochMs }>();
  readonly #told = new Told();

  constructor(ports: DevicePorts, { commands, forget }: DeviceSettings) {
    this.#ports = ports;
    this.#commandsOn = commands;
    this.#presence = new Presence(ports, createMatcher(forget));
  }

  attach(watcher: Watcher): void {
    this.#presence.attach(watcher);
  }

  list(): readonly Present[] {
    return this.#presence.list();
  }

  /** Everything. Throws where the list of devices cannot be read. */
  look(): readonly ResourceReading[] {
    const { known } = this.#ports;
    const { present, absent, doubtful } = this.#presence.look();
    return [
      ...present.map((one) => presentReading(one.identified, one.remembered, this.#beside(one))),
      ...absent.map((one) => absentReading(one, findVtl(known, one.type, one.id))),
      ...doubtful.map(({ remembered, why }) => doubtfulReading(remembered, why)),
    ];
  }

  /** All of it was told (a complete reading). */
  tellAll(resources: readonly ResourceReading[]): void {
    this.#told.news(resources);
  }

  /** Looks, and says what differs from what was told. */
  lookForNews(): News {
    return this.#told.news(this.look());
  }

  /** The files that change from second to second; everything when a device came or went. */
  glance(): News {
    const present = this.#presence.glance();
    if (present === undefined) return this.lookForNews();
    const resources = present.map((one) =>
      pulseReading(one.identified.device.pulse, one.remembered, this.#beside(one)),
    );
    return { resources: this.#told.changes(resources), gone: [] };
  }

  /** The device read anew, and why it may not be asked; undefined when it is gone. */
  examine(
    key: string,
  ): { readonly device: ScsiDevice; readonly whyNot: string | null } | undefined {
    const { files, roots } = this.#ports;
    const one = this.#presence.find(key);
    if (one === undefined) return undefined;
    const { type, address } = one.identified.device;
    const device = readDevice(files, roots, new Map(), { type, address });
    const { id, identifiedBy } = one.identified;
    // Whoever is at this address now must be the one that is meant.
    const other = identifiedBy === 'serial' && isKnown(device.serial) && device.serial !== id;
    if (other) return undefined;
    return { device, whyNot: this.#whyNot({ ...one, identified: { ...one.identified, device } }) };
  }

  beginAsking(key: string): void {
    this.#presence.motion.beginAsking(key);
  }

  endAsking(key: string, { folder, node }: ScsiDevice): void {
    const pulse = readPulse(this.#ports.files, folder, node);
    this.#presence.motion.endAsking(key, pulse);
  }

  /** What commands found out; told with the next glance or look. */
  learn(type: DeviceType, id: string, facts: Facts): void {
    const key = rosterKey({ type, id });
    this.#facts.set(key, { ...this.#facts.get(key), ...facts });
  }

  /** The cartridge in a drive, as its library said. */
  barcodeOf(type: DeviceType, id: string): string | null {
    const barcode = this.#facts.get(rosterKey({ type, id }))?.barcode;
    return typeof barcode === 'string' ? barcode : null;
  }

  #whyNot({ key, identified, remembered }: Present): string | null {
    const { clock, known, probes } = this.#ports;
    const { motion } = this.#presence;
    const now = clock.now();
    const object = objectOf(identified.id);
    return whyNotAsk({
      commandsOn: this.#commandsOn,
      device: identified.device,
      vtl: findVtl(known, remembered.type, identified.id),
      stalled: isStalled(motion.stallOf(key), now),
      stuck: probes.stuck().some((one) => one.object === object),
      quietFor: motion.quietFor(key),
      asking: motion.isAsked(key),
    });
  }

  #beside(one: Present): Beside {
    const { clock, known } = this.#ports;
    const { remembered, identified } = one;
    const facts = this.#commandsOn ? this.#facts.get(one.key) : unasked[remembered.type];
    return {
      now: clock.now(),
      vtl: findVtl(known, remembered.type, identified.id),
      whyNot: this.#whyNot(one),
      facts: { ...facts, ...this.#namingOf(one) },
    };
  }

  /** Looked up only while a number is remembered as changed. */
  #namingOf({ key, identified, remembered }: Present): Facts {
    if (remembered.type !== 'drive') return {};
    const { node } = identified.device;
    if (remembered.renumberedAt === null || node === null) {
      this.#naming.delete(key);
      return { namedBy: null };
    }
    const { clock, files, roots } = this.#ports;
    const now = clock.now();
    let naming = this.#naming.get(key);
    if (naming === undefined || now - naming.at > namingKeptFor) {
      naming = { path: findNaming(files, roots.etc, node), at: now };
      this.#naming.set(key, naming);
    }
    return { namedBy: naming.path };
  }
}
