/** What is said of each disk, and of those that are gone although something lay on them. */
import {
  isUnreadable,
  type ResourceReading,
  reading,
  type Unreadable,
} from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Disk } from './disks.ts';
import { storageDisk } from './kinds.ts';
import type { Memory, SeenDisk } from './memory.ts';
import type { Smart } from './smart.ts';

export interface DiskSight {
  readonly disks: readonly Disk[];
  /** Who lies on a device by its name (`sda1`) or by a path that zpool shows: mounts and pools. */
  usersOf(disk: Disk): readonly string[];
  smartOf(disk: Disk): Smart | undefined;
}

/** What a list of users may be long. */
const usersCharsMax = 300;

/** Who lies on it, in words; empty for nobody. */
function usedBy(disk: Disk, sight: DiskSight): string | Unreadable {
  if (isUnreadable(disk.holders)) return disk.holders;
  const users = new Set([...disk.holders, ...sight.usersOf(disk)]);
  return [...users].toSorted().join(', ').slice(0, usersCharsMax);
}

function smartAttributes(smart: Smart | undefined): Required<Smart> {
  const { smartFailing = null, smartReason = null, temperatureCelsius = null } = smart ?? {};
  const { reallocatedSectors = null, wearRatio = null, smartUpdatedAt = null } = smart ?? {};
  return {
    smartFailing,
    smartReason,
    temperatureCelsius,
    reallocatedSectors,
    wearRatio,
    smartUpdatedAt,
  };
}

function presentReading(
  disk: Disk,
  users: string | Unreadable,
  smart: Smart | undefined,
): ResourceReading {
  const { node, model, serial, wwn, paths, state, sizeBytes, ioErrors, timeouts } = disk;
  const { identifiedBy } = disk;
  const facts = { identifiedBy, node, model, serial, wwn, paths, state, sizeBytes };
  return reading(storageDisk, disk.id, {
    present: true,
    usedBy: users || null,
    ...facts,
    ioErrors,
    timeouts,
    ...smartAttributes(smart),
  });
}

const lostReading = (id: string, seen: SeenDisk): ResourceReading =>
  reading(storageDisk, id, {
    present: false,
    identifiedBy: seen.identifiedBy,
    node: seen.node,
    model: seen.model || null,
    sizeBytes: seen.sizeBytes || null,
    usedBy: seen.usedBy,
    state: null,
    paths: 0,
  });

const knownNumber = (value: Disk['sizeBytes']): number => (typeof value === 'number' ? value : 0);

/**
 * `settled`: a whole look, by which time an array has let go a disk that was taken out on purpose.
 * A quick look between may see it let go because it died.
 */
export function diskReadings(
  sight: DiskSight,
  memory: Memory,
  now: EpochMs,
  { settled }: { readonly settled: boolean },
): readonly ResourceReading[] {
  const readings: ResourceReading[] = [];
  const there = new Set<string>();
  for (const disk of sight.disks) {
    const { id, identifiedBy, node } = disk;
    const users = usedBy(disk, sight);
    there.add(id);
    readings.push(presentReading(disk, users, sight.smartOf(disk)));
    const before = memory.disks.get(id);
    // Doubt keeps what is remembered: if it goes now, it is missed.
    if (identifiedBy === 'node' || disk.removable || isUnreadable(users)) continue;
    const model = disk.model ?? '';
    const sizeBytes = knownNumber(disk.sizeBytes);
    if (users !== '') memory.keepDisk(id, { identifiedBy, node, model, sizeBytes, usedBy: users });
    else if (before !== undefined && settled) memory.disks.delete(id);
  }
  for (const [id, seen] of memory.disks) {
    if (there.has(id)) continue;
    memory.keepDisk(id, { ...seen, lostAt: seen.lostAt ?? now });
    readings.push(lostReading(id, seen));
  }
  return readings;
}
