/**
 * The places that are watched: repositories of the settings, what should be mounted, and mounts
 * that a pattern names. One file system is one place, however often it is mounted, unless somebody
 * declared each.
 */

import { volumeSources } from './block-names.ts';
import type { DeclaredMount } from './fstab.ts';
import { type Mount, nearestAbove } from './mountinfo.ts';
import type { RepositorySetting } from './settings.ts';

export interface Place {
  readonly id: string;
  readonly kind: RepositorySetting['kind'];
  readonly path: string;
  readonly setting: RepositorySetting | undefined;
  /** The mount that it lies on now; undefined when there is none. */
  readonly mount: Mount | undefined;
  /** The mount that it should lie on. */
  readonly declared: DeclaredMount | undefined;
  /** What it should lie on is mounted; also when nobody declared anything. */
  readonly mounted: boolean;
  /** The path to be asked how full it is; undefined: not by statfs, or not now. */
  readonly asked: string | undefined;
  /** It is on the file system of the operating system, also by a bind mount. */
  readonly onRoot: boolean;
  readonly sharedWith: string | undefined;
}

export interface PlacesFound {
  readonly mounts: ReadonlyMap<string, Mount>;
  readonly declared: readonly DeclaredMount[];
  readonly repositories: readonly RepositorySetting[];
  readonly watchesPoint: (point: string) => boolean;
  readonly ignoresType: (type: string) => boolean;
}

type Draft = Omit<Place, 'sharedWith' | 'onRoot'>;

/** Nothing that lies on an automount is asked: a look would mount it. */
const mayBeAsked = (mount: Mount | undefined): boolean =>
  mount !== undefined && mount.type !== 'autofs' && !mount.covered;

function placeOfPath(
  path: string,
  found: PlacesFound,
  given: { readonly id: string; readonly setting: RepositorySetting | undefined },
): Draft {
  const points = found.declared.filter(({ type }) => type !== 'autofs').map(({ point }) => point);
  const wanted = nearestAbove(path, points);
  const declared = found.declared.findLast(({ point }) => point === wanted);
  const point = nearestAbove(path, found.mounts.keys());
  const mount = point === undefined ? undefined : found.mounts.get(point);
  const isAutomount = mount?.type === 'autofs';
  const mounted =
    mount !== undefined && !isAutomount && mount.point.length >= (declared?.point.length ?? 0);
  const asked = mounted && mayBeAsked(mount) ? path : undefined;
  return { ...given, kind: 'path', path, mount, declared, mounted, asked };
}

/** A dataset or volume: asked by statfs where it is mounted, else by its own command. */
function placeOfVolume(setting: RepositorySetting, found: PlacesFound): Draft {
  const sources = setting.kind === 'zfs' ? [setting.place] : volumeSources(setting.place);
  const mount = [...found.mounts.values()].find(({ source }) => sources.includes(source));
  const declared = found.declared.findLast(({ point }) => point === mount?.point);
  const asked = mayBeAsked(mount) ? mount?.point : undefined;
  const { name: id, kind } = setting;
  const path = mount?.point ?? setting.place;
  return { id, kind, path, setting, mount, declared, mounted: mount !== undefined, asked };
}

/** Whole file systems before parts of them (bind mounts), short names before long ones. */
const byRank = (a: Draft, b: Draft): number =>
  Number(a.mount?.root !== '/') - Number(b.mount?.root !== '/') ||
  a.path.length - b.path.length ||
  (a.path < b.path ? -1 : 1);

function mountedPlaces(found: PlacesFound): readonly Draft[] {
  const { mounts, watchesPoint, ignoresType } = found;
  const declared = found.declared.filter(
    ({ always, type, point }) => always && !ignoresType(mounts.get(point)?.type ?? type),
  );
  const points = new Set(declared.map(({ point }) => point));
  for (const { point, type } of mounts.values())
    if (watchesPoint(point) && !ignoresType(type)) points.add(point);
  return [...points]
    .map((point) => placeOfPath(point, found, { id: point, setting: undefined }))
    .toSorted(byRank);
}

/** All places, repositories of the settings first. */
export function listPlaces(found: PlacesFound): readonly Place[] {
  const places: Place[] = [];
  const ids = new Set<string>();
  const firstOn = new Map<string, string>();
  const add = (draft: Draft): void => {
    if (ids.has(draft.id)) return;
    const device = draft.mounted ? draft.mount?.device : undefined;
    const sharedWith = device === undefined ? undefined : firstOn.get(device);
    ids.add(draft.id);
    if (device !== undefined && sharedWith === undefined) firstOn.set(device, draft.id);
    const onRoot = device !== undefined && device === found.mounts.get('/')?.device;
    places.push({ ...draft, onRoot, sharedWith });
  };
  for (const setting of found.repositories) {
    const given = { id: setting.name, setting };
    add(
      setting.kind === 'path'
        ? placeOfPath(setting.place, found, given)
        : placeOfVolume(setting, found),
    );
  }
  const paths = new Set(places.filter(({ mounted }) => mounted).map(({ path }) => path));
  for (const draft of mountedPlaces(found)) {
    const device = draft.mounted ? (draft.mount?.device ?? '') : '';
    const isDeclared = draft.declared?.point === draft.path && draft.declared.always;
    // The root file system has its own name, whoever lies on it.
    if (draft.path !== '/' && firstOn.has(device) && !isDeclared) continue;
    if (!paths.has(draft.path)) add(draft);
  }
  return places;
}
