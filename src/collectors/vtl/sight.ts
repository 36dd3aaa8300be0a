/** One look: the settings, the kernel, systemd and the media put side by side, unit by unit. */

import type { Unreadable } from '../../domain/reading.ts';
import { isUnreadable } from '../../domain/reading.ts';
import type { Known } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Activity } from './activity.ts';
import type { Configuration } from './configuration.ts';
import { type Daemon, listDaemons, readDaemon, unitOf } from './daemons.ts';
import type { DeclaredUnit } from './device-conf.ts';
import { matchDevices, type Seen, type VtlDevice } from './devices.ts';
import type { Exports } from './exports.ts';
import type { MediaEye } from './media.ts';

/** What a reading is made of. */
export interface Sight {
  readonly configuration: Configuration;
  readonly seen: Seen;
  readonly known: Known;
  readonly media: MediaEye;
  readonly activity: Activity;
  readonly exports: Exports;
  readonly now: EpochMs;
}

/** A library or drive, from wherever it is known. */
export interface SeenUnit {
  readonly type: DeclaredUnit['type'];
  readonly id: string;
  /** undefined: not in the settings, or these cannot be read. */
  readonly record: DeclaredUnit | undefined;
  /** null: nobody starts one for what is not declared. */
  readonly daemon: Daemon | null;
  readonly device: VtlDevice | undefined;
}

export interface SeenUnits {
  readonly units: readonly SeenUnit[];
  /** Why the settings do not say which there should be. */
  readonly undeclared: Unreadable | undefined;
}

/** The records of the settings; where these are refused, what systemd and the kernel show. */
export function joinUnits({ configuration, seen, known }: Omit<Sight, 'exports'>): SeenUnits {
  const { devices: conf } = configuration;
  const undeclared = isUnreadable(conf) ? conf : undefined;
  const records =
    conf === undefined || isUnreadable(conf) ? [] : [...conf.libraries, ...conf.drives];
  const devices = isUnreadable(seen.devices) ? [] : seen.devices;
  const matched = matchDevices(records, devices);
  const taken = new Set(matched.values());
  const daemonOf = (unit: Pick<DeclaredUnit, 'type' | 'id'>): Daemon =>
    readDaemon(known, unitOf(unit));
  const units: SeenUnit[] = records.map((record) => ({
    type: record.type,
    id: record.id,
    record,
    daemon: daemonOf(record),
    device: matched.get(record.id),
  }));
  const ids = new Set(units.map(({ id }) => id));
  const add = (unit: SeenUnit): void => {
    if (!ids.has(unit.id)) units.push(unit);
    ids.add(unit.id);
  };
  if (undeclared !== undefined)
    for (const unit of listDaemons(known))
      add({ ...unit, record: undefined, daemon: daemonOf(unit), device: undefined });
  for (const device of devices) {
    if (taken.has(device) || device.type === undefined) continue;
    const id = device.serial ?? device.address;
    add({ type: device.type, id, record: undefined, daemon: null, device });
  }
  return { units, undeclared };
}

/** Where a library keeps its media. */
export function homeOf(
  library: DeclaredUnit,
  { common }: Pick<Configuration, 'common'>,
): string | Unreadable {
  return library.home ?? (isUnreadable(common) ? common : common.home);
}

/** All places of media that the settings name. */
export function homesOf(configuration: Configuration): string[] {
  const { devices, common } = configuration;
  if (devices === undefined) return [];
  if (isUnreadable(devices)) return isUnreadable(common) ? [] : [common.home];
  const homes = devices.libraries.map((library) => homeOf(library, configuration));
  return [...new Set(homes.filter((home) => typeof home === 'string'))].sort();
}
