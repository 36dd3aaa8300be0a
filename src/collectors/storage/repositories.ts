/** What is said of each place: declared beside actual, and how full it is. */
import {
  isUnreadable,
  type ResourceReading,
  reading,
  type Unreadable,
  unreadable,
} from '../../domain/reading.ts';
import { type Look, usedRatioOf } from '../statfs.ts';
import { type BlockPorts, poolOf } from './block-names.ts';
import { mountUnitOf } from './fstab.ts';
import { storageRepository } from './kinds.ts';
import type { Place } from './places.ts';

/** Whether a mount was read-only when it was first seen, by mount id and place. */
export class FirstSeen {
  readonly #readOnly = new Map<string, boolean>();

  readOnly({ mount }: Place): boolean | undefined {
    if (mount === undefined) return undefined;
    const key = `${mount.mountId} ${mount.point}`;
    const first = this.#readOnly.get(key) ?? mount.readOnly;
    this.#readOnly.set(key, first);
    return first;
  }

  /** Forgets the mounts that are not there any more. */
  keep(places: readonly Place[]): void {
    const keys = places.map(({ mount }) => `${mount?.mountId} ${mount?.point}`);
    for (const key of this.#readOnly.keys()) if (!keys.includes(key)) this.#readOnly.delete(key);
  }
}

const figureNames = [
  'sizeBytes',
  'usedBytes',
  'availableBytes',
  'usedRatio',
  'inodesUsedRatio',
] as const;

type Figures = Partial<Record<(typeof figureNames)[number], number | null | Unreadable>>;

const allFigures = (value: null | Unreadable): Figures =>
  Object.fromEntries(figureNames.map((name) => [name, value]));

type Sight = Figures & {
  readonly present?: boolean | null | Unreadable;
  readonly reachable?: boolean | null | Unreadable;
  readonly reason?: string | null;
};

// ZFS makes its inodes as it needs them, and tells a number that only follows the free space.
const countsNoInodes = ['zfs', 'btrfs'];

function sightOf(look: Look, fsType: string): Sight {
  if (look.type === 'figures') {
    const { sizeBytes, usedBytes, availableBytes } = look;
    return {
      present: true,
      reachable: true,
      reason: null,
      sizeBytes,
      usedBytes,
      availableBytes,
      usedRatio: usedRatioOf(look),
      inodesUsedRatio: countsNoInodes.includes(fsType) ? null : look.inodesUsedRatio,
    };
  }
  const why = unreadable(look.why);
  const figures = allFigures(look.type === 'missing' ? null : why);
  const { why: reason } = look;
  if (look.type === 'missing') return { ...figures, present: false, reachable: null, reason };
  if (look.type === 'unreachable') return { ...figures, present: why, reachable: false, reason };
  return { ...figures, present: why, reachable: why, reason };
}

/** Why nobody looks at a place now, or what a look found. */
function lookAt(place: Place, look: Look | undefined): Sight {
  const isAutomount = place.mount?.type === 'autofs';
  if (!place.mounted && place.declared?.always === true)
    // The figures of the folder below would be those of another file system.
    return { ...allFigures(unreadable('not mounted')), reachable: null, reason: 'not mounted' };
  if (isAutomount && place.kind === 'path')
    return { ...allFigures(null), reachable: null, reason: 'mounted when it is first used' };
  if (place.mount?.covered === true) {
    const why = unreadable("hidden by the sandbox of tocsin's own unit");
    return { ...allFigures(why), reachable: why };
  }
  return look === undefined ? {} : sightOf(look, place.mount?.type ?? '');
}

export function repositoryReading(
  ports: BlockPorts,
  place: Place,
  look: Look | undefined,
  firstReadOnly: boolean | undefined,
): ResourceReading {
  const { mount, mounted, declared, setting } = place;
  const at = mounted ? mount : undefined;
  const always = declared?.always === true;
  return reading(storageRepository, place.id, {
    path: place.path,
    kind: place.kind,
    configured: setting !== undefined,
    mounted,
    declaredMounted: always,
    mountUnit: declared === undefined ? null : mountUnitOf(declared.point),
    readOnly: at?.readOnly ?? null,
    declaredReadOnly: declared?.readOnly ?? firstReadOnly ?? null,
    onRootFilesystem: at === undefined ? null : place.onRoot,
    onRootAllowed: setting?.onRoot ?? null,
    device: at?.source ?? null,
    fsType: at?.type ?? null,
    pool: poolOfPlace(ports, place) ?? null,
    sharedWith: place.sharedWith ?? null,
    ...lookAt(place, look),
  });
}

const namedMax = 3;

/**
 * Which repositories of the settings nobody lets us look at (a folder above is private, or hidden
 * from our unit), and why; null where there are none. They would fill up unseen.
 */
export function unseenOf(resources: readonly ResourceReading[]): string | null {
  const unseen = resources.flatMap(({ kind, id, attributes: { configured, reachable } }) =>
    kind === storageRepository.name && configured === true && isUnreadable(reachable)
      ? [`${id}: ${reachable.unreadable}`]
      : [],
  );
  if (unseen.length === 0) return null;
  const more = unseen.length > namedMax ? [`${unseen.length - namedMax} more`] : [];
  return [...unseen.slice(0, namedMax), ...more].join('; ');
}

/** Known also while it is not mounted, where the settings say what it is. */
function poolOfPlace(ports: BlockPorts, { mount, mounted, setting }: Place): string | undefined {
  if (setting !== undefined && setting.kind !== 'path') return setting.place.split('/')[0];
  return mount !== undefined && mounted ? poolOf(ports, mount) : undefined;
}
