/**
 * One start of the collector: what was seen last, and what of it has been told.
 *
 * Cheap facts (mountinfo, states of pools and arrays, the list of disks) are compared each second
 * and told when they differ; a look at everything follows every half minute. poll(2) would say at
 * once that mountinfo changed (proc_pid_mounts(5)), but Node cannot wait for POLLPRI on a file of
 * /proc; one read costs some 20 µs.
 */

import type { ValuesOf } from '../../config/readers.ts';
import { createMatcher } from '../../domain/glob.ts';
import { complete, partial, type Reading, type ResourceReading } from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Ports, Watcher } from '../collector.ts';
import { Told } from '../told.ts';
import { type Declared, readDeclared } from './declared.ts';
import { Details } from './details.ts';
import { diskReadings } from './disk-readings.ts';
import { type Disk, joinPaths, readDisksInParts } from './disks.ts';
import { readGlance } from './glance.ts';
import type { PoolType } from './kinds.ts';
import { createLooks, type Looks } from './looks.ts';
import { hasVolumes, lvmGroups, thinPools, volumeLook } from './lvm.ts';
import { mdArrays } from './md.ts';
import { Memory } from './memory.ts';
import { type Mount, parseMountinfo } from './mountinfo.ts';
import { listPlaces, type Place } from './places.ts';
import { type PoolsSight, poolReadings } from './pool-sight.ts';
import { FirstSeen, repositoryReading, unseenOf } from './repositories.ts';
import type { storageSettings } from './settings.ts';
import { createUsers } from './users.ts';
import { readZfsStates, type ZfsStates, zfsPools } from './zfs.ts';

export type StoragePorts = Pick<
  Ports,
  'clock' | 'files' | 'probes' | 'systemBus' | 'roots' | 'known'
>;

const glanceEvery: Ms = seconds(1);
/** What has not answered by then is told when it does. */
const patience: Ms = seconds(25);

export class Session {
  readonly #ports: StoragePorts;
  readonly #settings: ValuesOf<typeof storageSettings>;
  readonly #watches: (point: string) => boolean;
  readonly #ignores: (type: string) => boolean;
  readonly #looks: Looks;
  readonly #details: Details;
  readonly #memory = new Memory();
  readonly #firstSeen = new FirstSeen();
  readonly #told = new Told();
  #watcher: Watcher | undefined;
  #mounts: ReadonlyMap<string, Mount> = new Map();
  #declared: Declared = { mounts: [], trouble: null };
  #zfs: ZfsStates | { readonly why: string } = new Map();
  #disks: readonly Disk[] = [];
  #glance = '';
  #hasLooked = false;
  #mountText = '';

  constructor(ports: StoragePorts, settings: ValuesOf<typeof storageSettings>) {
    this.#ports = ports;
    this.#settings = settings;
    this.#watches = createMatcher(settings.mounts);
    this.#ignores = createMatcher(settings.ignoreTypes);
    this.#looks = createLooks(ports.probes, () => this.#tellChanges());
    this.#details = new Details(ports, settings);
  }

  async collect(signal: AbortSignal): Promise<Reading> {
    this.#readAll();
    await this.#readDisks();
    const hurry = new AbortController();
    const stop = AbortSignal.any([signal, hurry.signal]);
    await Promise.race([this.#refresh(signal), this.#ports.clock.sleep(patience, stop)]);
    hurry.abort();
    const resources = this.#compose({ settled: true });
    this.#hasLooked = true;
    this.#told.news(resources);
    this.#tellBlindness();
    this.#watcher?.blindPart('repositories', unseenOf(resources));
    this.#save();
    return complete(resources);
  }

  async watch(watcher: Watcher): Promise<void> {
    this.#watcher = watcher;
    this.#memory.load(watcher);
    const { clock } = this.#ports;
    const { signal } = watcher;
    for (;;) {
      await clock.sleep(glanceEvery, signal);
      if (signal.aborted) return;
      this.#glanceAround(watcher);
    }
  }

  #glanceAround(watcher: Watcher): void {
    const before = this.#glance;
    const mountsBefore = this.#mountText;
    // Before the first look there is nothing to compare with.
    if (before === '' || readGlance(this.#ports) === before) return;
    this.#readAll();
    this.#disks = joinPaths([...readDisksInParts(this.#ports)].flat());
    this.#tellChanges();
    if (this.#mountText !== mountsBefore) watcher.lookAgain('mounts changed');
  }

  #readAll(): void {
    const { known } = this.#ports;
    this.#glance = readGlance(this.#ports);
    this.#mountText = this.#glance.slice(0, this.#glance.indexOf('\0'));
    this.#mounts = parseMountinfo(this.#mountText);
    this.#declared = readDeclared(this.#ports, known, this.#declared.mounts);
    this.#zfs = readZfsStates(this.#ports);
  }

  async #readDisks(): Promise<void> {
    const disks: Disk[] = [];
    for (const part of readDisksInParts(this.#ports)) {
      disks.push(...part);
      await new Promise<void>((resolve) => this.#ports.clock.soon(resolve));
    }
    this.#disks = joinPaths(disks);
  }

  #places(): readonly Place[] {
    return listPlaces({
      mounts: this.#mounts,
      declared: this.#declared.mounts,
      repositories: this.#settings.repositories,
      watchesPoint: this.#watches,
      ignoresType: this.#ignores,
    });
  }

  /** Pools that answer commands: all but the suspended ones. */
  #livePools(): readonly string[] {
    const states = 'why' in this.#zfs ? [] : [...this.#zfs];
    return states.filter(([, state]) => state !== 'SUSPENDED').map(([name]) => name);
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const places = this.#places();
    const pools = this.#livePools();
    const isLive = (dataset: string): boolean => pools.includes(dataset.split('/')[0] ?? '');
    const paths = places.flatMap(({ asked, mount }) => {
      const isHung = mount?.type === 'zfs' && !isLive(mount.source) && this.#knowsZfs();
      return asked === undefined || isHung ? [] : [asked];
    });
    const { repositories } = this.#settings;
    const unmounted = places.filter(({ asked, kind }) => kind === 'zfs' && asked === undefined);
    const datasets = unmounted.map(({ setting }) => setting?.place ?? '').filter(isLive);
    const remembered = [...this.#memory.pools.values()].some(({ type }) => type.startsWith('lvm'));
    const lvm =
      remembered || repositories.some(({ kind }) => kind === 'lvm') || hasVolumes(this.#ports);
    const wanted = { pools, datasets, lvm, disks: this.#disks };
    await Promise.all([this.#looks.refresh(paths, signal), this.#details.refresh(wanted, signal)]);
  }

  #knowsZfs(): boolean {
    return !('why' in this.#zfs) && this.#zfs.size > 0;
  }

  #compose(options: { readonly settled: boolean }): readonly ResourceReading[] {
    const now = this.#ports.clock.now();
    const places = this.#places();
    const repositories = places.map((place) =>
      repositoryReading(this.#ports, place, this.#lookAt(place), this.#firstSeen.readOnly(place)),
    );
    this.#firstSeen.keep(places);
    const usersOf = createUsers(this.#ports, this.#mounts, this.#details.zpools);
    const smartOf = (disk: Disk) => this.#details.smartOf(disk);
    const sight = { disks: this.#disks, usersOf, smartOf };
    return [
      ...repositories,
      ...poolReadings(this.#poolSights(), this.#memory, now),
      ...diskReadings(sight, this.#memory, now, options),
    ];
  }

  #lookAt({ asked, kind, setting, mount }: Place) {
    const states = this.#zfs;
    const pool = kind === 'zfs' ? setting?.place : mount?.type === 'zfs' ? mount.source : undefined;
    const state = 'why' in states ? undefined : states.get(pool?.split('/')[0] ?? '');
    if (state === 'SUSPENDED')
      return { type: 'unreachable', why: 'its pool is suspended' } as const;
    if (asked !== undefined) return this.#looks.find(asked);
    const place = setting?.place ?? '';
    if (kind === 'zfs') return this.#details.datasets.get(place);
    return kind === 'lvm' ? volumeLook(place, this.#details.lvm) : undefined;
  }

  #poolSights(): ReadonlyMap<PoolType, PoolsSight> {
    const sights = new Map<PoolType, PoolsSight>([
      ['zfs', zfsPools(this.#zfs, this.#details.zpools)],
      ['md', mdArrays(this.#ports)],
    ]);
    const { lvm } = this.#details;
    if (lvm !== undefined) sights.set('lvm', lvmGroups(lvm)).set('lvm-thin', thinPools(lvm));
    return sights;
  }

  /** Tells what differs from what was told last. */
  #tellChanges(): void {
    const watcher = this.#watcher;
    if (watcher === undefined || watcher.signal.aborted || !this.#hasLooked) return;
    const { resources, gone } = this.#told.news(this.#compose({ settled: false }));
    if (resources.length + gone.length > 0) watcher.tell(partial(resources, { gone }));
    this.#save();
  }

  #tellBlindness(): void {
    this.#watcher?.blindPart('fstab', this.#declared.trouble);
    const { zpools, lvm } = this.#details;
    const untold = [...zpools.values()].find((one) => one.type === 'untold');
    this.#watcher?.blindPart('zpool', untold?.type === 'untold' ? untold.why : null);
    const noLvm = lvm?.type === 'untold' && hasVolumes(this.#ports) ? lvm.why : null;
    this.#watcher?.blindPart('lvm', noLvm);
  }

  #save(): void {
    this.#memory.save(this.#ports.clock.now());
  }
}
