/** Turns one look at mhvtl into readings of its four kinds. */

import {
  isUnreadable,
  type ResourceReading,
  reading,
  type Unreadable,
  unreadable,
} from '../../domain/reading.ts';
import { type Figures, type Look, usedRatioOf } from '../statfs.ts';
import { readLoaded } from './activity.ts';
import { summarizeComplaints } from './complaint.ts';
import { sharedSerials } from './configuration.ts';
import { readDaemon, unitOf } from './daemons.ts';
import type { DeclaredUnit } from './device-conf.ts';
import { vtlCore, vtlDrive, vtlLibrary, vtlMedia } from './kinds.ts';
import { isCleaning, type LibraryContents } from './library-contents.ts';
import { homeOf, homesOf, joinUnits, type SeenUnit, type SeenUnits, type Sight } from './sight.ts';

const missingNamesMax = 5;

/** A fact of a value that may be missing or refused. */
const of = <T, V>(
  value: T | Unreadable | null | undefined,
  read: (value: T) => V,
): V | Unreadable | null =>
  value === undefined || value === null ? null : isUnreadable(value) ? value : read(value);

/** The count of those for which it is true; null or refused as soon as it is so for one. */
function countKnown(answers: readonly (boolean | Unreadable | null)[]) {
  const doubt = answers.find((answer) => typeof answer !== 'boolean');
  if (doubt !== undefined) return doubt === null || isUnreadable(doubt) ? doubt : null;
  return answers.filter(Boolean).length;
}

function unitFacts({ record, daemon, device, id, type }: SeenUnit, sight: Sight, all: SeenUnits) {
  const { devices } = sight.seen;
  // Without device.conf nobody can say which device belongs to which daemon.
  const unmatched = device === undefined && record === undefined ? all.undeclared : undefined;
  const present = isUnreadable(devices) ? devices : (unmatched ?? device !== undefined);
  const exported = isUnreadable(devices) ? devices : (device?.exported ?? null);
  return {
    declared: record !== undefined || (all.undeclared ?? false),
    vendor: record?.vendor ?? null,
    model: record?.model ?? null,
    serial: record?.serial ?? device?.serial ?? null,
    daemonActive: daemon?.active ?? null,
    daemonUnit: record === undefined ? null : unitOf({ type, id }),
    daemonStartedAt: daemon?.startedAt ?? null,
    devicePresent: present,
    scsiAddress: device?.address ?? null,
    state: device?.state ?? null,
    node: device?.node ?? null,
    exported,
    exportStale: daemon === null ? false : sight.exports.judge(id, device, daemon, sight.now),
  };
}

/** Listed cartridges whose files are not all there. */
function missingMedia(record: DeclaredUnit, listed: LibraryContents, sight: Sight) {
  const home = homeOf(record, sight.configuration);
  const there = isUnreadable(home) ? home : sight.media.cartridges(home);
  if (isUnreadable(there)) return there;
  return listed.cartridges.map(({ barcode }) => barcode).filter((name) => !there.has(name));
}

const isDrive =
  (library: string) =>
  ({ type, record }: SeenUnit): boolean =>
    type === 'Drive' && record?.library === library;

function libraryReading(unit: SeenUnit, sight: Sight, all: SeenUnits): ResourceReading {
  const { record, id } = unit;
  const facts = unitFacts(unit, sight, all);
  if (record === undefined) {
    const undeclared = all.undeclared ?? null;
    const counts = { drives: undeclared, slots: undeclared, mailSlots: undeclared };
    const tapes = { tapes: undeclared, cleaningTapes: undeclared, loadedTapes: null };
    return reading(vtlLibrary, id, { ...facts, ...counts, ...tapes, activeDrives: null });
  }
  const listed = sight.configuration.contents.get(id);
  const drives = all.units.filter(isDrive(id));
  const { devices } = sight.seen;
  const missing = of(listed, (contents) => missingMedia(record, contents, sight));
  return reading(vtlLibrary, id, {
    ...facts,
    drives: drives.length,
    presentDrives: isUnreadable(devices) ? devices : drives.filter(({ device }) => device).length,
    missingDrive: isUnreadable(devices)
      ? devices
      : (drives.find(({ device }) => device === undefined)?.id ?? null),
    slots: of(listed, ({ slots }) => slots),
    mailSlots: of(listed, ({ mailSlots }) => mailSlots),
    tapes: of(listed, ({ cartridges }) => cartridges.filter((one) => !isCleaning(one)).length),
    cleaningTapes: of(listed, ({ cartridges }) => cartridges.filter(isCleaning).length),
    loadedTapes: countKnown(drives.map((drive) => readLoaded(sight.known, drive.record?.serial))),
    activeDrives: countKnown(drives.map((drive) => sight.activity.of(drive.id))),
    homePath: homeOf(record, sight.configuration),
    missingMedia: of(missing, (names) => names.length),
    missingMediaNames: of(missing, (names) => names.slice(0, missingNamesMax).join(', ') || null),
  });
}

const driveReading = (unit: SeenUnit, sight: Sight, all: SeenUnits): ResourceReading =>
  reading(vtlDrive, unit.id, {
    ...unitFacts(unit, sight, all),
    library: unit.record?.library ?? null,
    slot: unit.record?.slot ?? null,
    loaded: readLoaded(sight.known, unit.record?.serial ?? unit.device?.serial),
  });

/** A figure of a store: refused while the store does not answer, null when it is not there. */
const figure = <V>(store: Look, read: (figures: Figures) => V): V | Unreadable | null => {
  if (store.type === 'figures') return read(store);
  return store.type === 'missing' ? null : unreadable(store.why);
};

function mediaReading(home: string, sight: Sight): ResourceReading {
  const { configuration } = sight;
  const { devices, common, contents } = configuration;
  const store = sight.media.store(home);
  const doubt = store.type === 'unknown' ? unreadable(store.why) : undefined;
  const libraries = devices === undefined || isUnreadable(devices) ? [] : devices.libraries;
  const lists = libraries
    .filter((library) => homeOf(library, configuration) === home)
    .map(({ id }) => contents.get(id));
  const refused = lists.find(isUnreadable) ?? (isUnreadable(devices) ? devices : undefined);
  const cartridges =
    refused ??
    lists.reduce((sum, one) => sum + (isUnreadable(one) ? 0 : (one?.cartridges.length ?? 0)), 0);
  return reading(vtlMedia, home, {
    present:
      store.type === 'unreachable' ? unreadable(store.why) : (doubt ?? store.type === 'figures'),
    reachable: doubt ?? store.type !== 'unreachable',
    sizeBytes: figure(store, ({ sizeBytes }) => sizeBytes),
    usedBytes: figure(store, ({ usedBytes }) => usedBytes),
    availableBytes: figure(store, ({ availableBytes }) => availableBytes),
    usedRatio: figure(store, usedRatioOf),
    inodesUsedRatio: figure(store, ({ inodesUsedRatio }) => inodesUsedRatio),
    cartridges,
    provisionedBytes: of(cartridges, (count) => of(common, (c) => count * c.capacityBytes)),
  });
}

function coreReading(sight: Sight, { units }: SeenUnits): ResourceReading {
  const { configuration, seen, known, media } = sight;
  const { devices, common, complaints } = configuration;
  const home = isUnreadable(common) ? common : common.home;
  const store: Look = isUnreadable(home)
    ? { type: 'unknown', why: home.unreadable }
    : media.store(home);
  const asked = homesOf(configuration).some((one) => one === home);
  const active = units.flatMap(({ record, daemon }) =>
    record === undefined || daemon === null ? [] : [daemon.active],
  );
  return reading(vtlCore, 'mhvtl', {
    moduleLoaded: seen.moduleLoaded,
    declaredLibraries: of(devices, ({ libraries }) => libraries.length),
    declaredDrives: of(devices, ({ drives }) => drives.length),
    runningDaemons: of(devices, () => countKnown(active)),
    targetActive: readDaemon(known, 'mhvtl.target').active,
    configurationError: summarizeComplaints(complaints),
    sharedSerials: of(devices, sharedSerials),
    homePath: home,
    homeUsedRatio: asked ? figure(store, usedRatioOf) : null,
    homeAvailableBytes: asked ? figure(store, ({ availableBytes }) => availableBytes) : null,
  });
}

/** All resources, or undefined when nothing of mhvtl is on this machine. */
export function readingsOf(sight: Sight): ResourceReading[] | undefined {
  const { configuration, seen } = sight;
  const all = joinUnits(sight);
  const nothing = configuration.devices === undefined && seen.moduleLoaded === false;
  if (nothing && all.units.length === 0 && !configuration.installed) return undefined;
  return [
    coreReading(sight, all),
    ...all.units.map((unit) =>
      unit.type === 'Library' ? libraryReading(unit, sight, all) : driveReading(unit, sight, all),
    ),
    ...homesOf(configuration).map((home) => mediaReading(home, sight)),
  ];
}
