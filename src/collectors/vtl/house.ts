/** One start of the collector: what it remembers between two looks, and what it told last. */
import { absent, complete, partial, type Reading } from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Ports, RunningCollector, Watcher } from '../collector.ts';
import { Kept } from '../kept.ts';
import { Told } from '../told.ts';
import { Activity } from './activity.ts';
import {
  type Configuration,
  configurationFolder,
  readConfiguration,
  whyUnreadable,
} from './configuration.ts';
import { readDevices } from './devices.ts';
import { Exports } from './exports.ts';
import { MediaEye } from './media.ts';
import { readingsOf } from './readings.ts';
import { homesOf, joinUnits, type Sight } from './sight.ts';

/** Neither the devices nor the media announce a change. */
const glanceEvery: Ms = seconds(2);
/** A look does not wait longer for the media; what they answer later is told later. */
const mediaPatience: Ms = seconds(2);
/** An editor writes a file in several steps. */
const settingsSettle: Ms = 200;
const eye = 'vtl settings';

export type VtlPorts = Pick<Ports, 'clock' | 'files' | 'roots' | 'known' | 'probes' | 'folders'>;

export class VtlHouse implements RunningCollector {
  readonly #ports: VtlPorts;
  readonly #media: MediaEye;
  readonly #activity = new Activity();
  readonly #exports = new Exports();
  #configuration: Configuration;
  #watcher: Watcher | undefined;
  /** Why settings cannot be read, as it was said. */
  #refusedWhy: string | null = null;
  readonly #told = new Told();

  constructor(ports: VtlPorts) {
    this.#ports = ports;
    this.#media = new MediaEye(ports.probes, ports.clock);
    this.#configuration = readConfiguration(ports.files, ports.roots);
  }

  async collect(signal: AbortSignal): Promise<Reading> {
    this.#readSettings();
    await this.#refreshMedia(signal);
    const sight = this.#look();
    const drives = joinUnits(sight).units.filter(({ type }) => type === 'Drive');
    this.#activity.look(
      sight.known,
      drives.map(({ id, record, device }) => ({ id, serial: record?.serial, device })),
    );
    const resources = readingsOf(sight);
    this.#told.news(resources ?? []);
    return resources === undefined ? absent('mhvtl is not installed') : complete(resources);
  }

  async watch(watcher: Watcher): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = watcher;
    this.#watcher = watcher;
    this.#exports.restore(new Kept(watcher, 'exports'));
    this.#tellRefusal();
    this.#watchSettings(watcher);
    while (!signal.aborted) {
      await clock.sleep(glanceEvery, signal);
      // Before the first look there is nothing to compare with.
      if (!signal.aborted && !this.#told.isEmpty) this.#glance(watcher);
    }
  }

  #watchSettings(watcher: Watcher): void {
    const { clock, folders, roots } = this.#ports;
    const { signal } = watcher;
    let isWaiting = false;
    const changed = (): void => {
      if (isWaiting) return;
      isWaiting = true;
      clock.after(settingsSettle, () => {
        isWaiting = false;
        if (signal.aborted) return;
        this.#readSettings();
        this.#glance(watcher);
      });
    };
    // Without announcements the settings are still read at each look.
    const failed = (): void => {};
    folders.watch([configurationFolder(roots)], { changed, failed }, signal);
  }

  /** Tells what differs from what was told last. */
  #glance(watcher: Watcher): void {
    const resources = readingsOf(this.#look()) ?? [];
    const { resources: changed, gone } = this.#told.news(resources);
    if (changed.length + gone.length > 0) watcher.tell(partial(changed, { gone }));
  }

  #look(): Sight {
    const { clock, files, known, roots } = this.#ports;
    return {
      configuration: this.#configuration,
      seen: readDevices(files, roots),
      known,
      media: this.#media,
      activity: this.#activity,
      exports: this.#exports,
      now: clock.now(),
    };
  }

  #readSettings(): void {
    const { files, roots } = this.#ports;
    this.#configuration = readConfiguration(files, roots);
    this.#tellRefusal();
  }

  #tellRefusal(): void {
    const why = whyUnreadable(this.#configuration);
    if (this.#watcher === undefined || why === this.#refusedWhy) return;
    this.#refusedWhy = why;
    this.#watcher.blindPart(eye, why);
  }

  async #refreshMedia(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const patience = new AbortController();
    const asked = this.#media.refresh(homesOf(this.#configuration), signal);
    const enough = clock.sleep(mediaPatience, patience.signal);
    await Promise.race([asked, enough]);
    patience.abort();
  }
}
