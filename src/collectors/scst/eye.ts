/**
 * What is known of SCST, and the ways of looking that change it: a walk (everything), a glance
 * (what tells health) and a slow look (what may have to wait). One look at a time.
 */
import {
  absent,
  complete,
  type Event,
  failed,
  partial,
  type Reading,
  type ResourceReading,
} from '../../domain/reading.ts';
import type { Ports, Watcher } from '../collector.ts';
import { AttributeReader, known, refused } from './attribute.ts';
import { type Places, readBacking } from './backing.ts';
import { ConfigurationFile } from './configuration.ts';
import { Glance, type Glanced } from './glance.ts';
import { Knowledge, takeQueued } from './knowledge.ts';
import { Pace } from './pace.ts';
import { readPortal } from './portal.ts';
import { readQueued } from './queue.ts';
import { renderAll, renderOnly } from './render.ts';
import { type HungThreads, ThreadWatch } from './threads.ts';
import { Told } from './told.ts';
import { targetsOf } from './tree.ts';
import { listUnsaved } from './unsaved.ts';
import { CannotLook, walkScst } from './walk.ts';

export type EyePorts = Pick<Ports, 'clock' | 'files' | 'roots' | 'probes' | 'known'>;

const noThreads: HungThreads = { names: [], since: null };

export class ScstEye {
  /** There was a walk: what there is, or is not, is known. */
  walked = false;
  /** A slow look was begun. */
  askedSlowly = false;
  readonly #ports: EyePorts;
  readonly #root: string;
  readonly #read: AttributeReader;
  readonly #configurationFile: ConfigurationFile;
  readonly #threadWatch = new ThreadWatch();
  readonly #glance = new Glance();
  readonly #told = new Told();
  readonly #knowledge: Knowledge;
  #watcher: Watcher | undefined;
  #alone: Promise<unknown> = Promise.resolve();

  constructor(ports: EyePorts) {
    this.#ports = ports;
    this.#root = `${ports.roots.sysfs}/kernel/scst_tgt`;
    this.#read = new AttributeReader(ports.files);
    this.#configurationFile = new ConfigurationFile(ports.files, `${ports.roots.etc}/scst.conf`);
    this.#knowledge = new Knowledge(ports.clock);
  }

  /** Reads of attributes and folders since the start: what the looks cost. */
  get reads(): number {
    return this.#read.reads;
  }

  attach(watcher: Watcher): void {
    this.#watcher = watcher;
    this.#knowledge.attach(watcher);
  }

  /** The whole truth. */
  look(): Promise<Reading> {
    return this.#one(async () => {
      try {
        return await this.#lookAtAll();
      } catch (error) {
        if (error instanceof CannotLook) return failed(error.message);
        throw error;
      }
    });
  }

  /** What has changed since the look before; undefined where nothing has. */
  glance(): Promise<Reading | undefined> {
    return this.#one(async () => {
      if (!this.walked) return undefined;
      const { tree } = this.#knowledge.facts;
      const pace = new Pace(this.#ports.clock);
      if (tree === undefined) {
        if (this.#read.folders(this.#root) !== null) this.#watcher?.lookAgain('SCST was loaded');
        return undefined;
      }
      const now = this.#ports.clock.now();
      const tools = { root: this.#root, read: this.#read, pace, now };
      try {
        return await this.#tellGlanced(await this.#glance.look(tools, tree), pace);
      } catch (error) {
        if (!(error instanceof CannotLook)) throw error;
        this.#watcher?.lookAgain(error.message);
        return undefined;
      }
    });
  }

  /** Asks what may have to wait; other looks go on meanwhile. */
  async lookSlowly(signal: AbortSignal): Promise<Reading | undefined> {
    const { tree } = this.#knowledge.facts;
    if (tree === undefined) return undefined;
    this.askedSlowly = true;
    const { clock, probes } = this.#ports;
    const began = clock.now();
    const paths = [...targetsOf(tree)].flatMap(({ sessions }) => sessions.map(({ path }) => path));
    const files = [...tree.devices.values()].flatMap(({ filename }) => known(filename) ?? []);
    const [queued, backing] = await Promise.all([
      readQueued(probes, paths, signal),
      readBacking(probes, files, this.#places(), signal),
    ]);
    if (signal.aborted) return undefined;
    return this.#one(async () => {
      const { queueSilentSince } = this.#knowledge.facts;
      this.#knowledge.know({
        backing,
        queueSilentSince: queued.silent ? (queueSilentSince ?? began) : null,
      });
      takeQueued(this.#knowledge.facts.tree, queued.values);
      const resources = renderOnly(this.#knowledge.facts, {
        core: true,
        sessions: true,
        devices: 'all',
      });
      return await this.#partial(resources, { pace: new Pace(clock) });
    });
  }

  async #lookAtAll(): Promise<Reading> {
    const { clock, files, roots } = this.#ports;
    const pace = new Pace(clock);
    const configuration = this.#configurationFile.look();
    const serviceEnabled = this.#isServiceEnabled();
    this.#knowledge.know({ configuration, serviceEnabled });
    const events = await this.#walk(pace);
    const { tree, now } = this.#knowledge.facts;
    if (tree === undefined && configuration.type === 'none' && !serviceEnabled) {
      await this.#told.replace([], pace);
      return absent('SCST is not loaded, and nothing says that it should be');
    }
    const devices = tree?.devices.keys() ?? [];
    const threads =
      tree === undefined
        ? noThreads
        : await this.#threadWatch.look(files, roots.proc, { devices, now, pace });
    this.#knowledge.know({ threads, portal: readPortal(files, roots.proc) });
    const resources = await renderAll(this.#knowledge.facts, pace);
    await this.#told.replace(resources, pace);
    return complete(resources, events);
  }

  /** Walks, and compares the sessions with those before. */
  async #walk(pace: Pace): Promise<readonly Event[]> {
    const before = this.#knowledge.facts.tree;
    const now = this.#ports.clock.now();
    const walk = { root: this.#root, read: this.#read, pace, before, now };
    const tree = await walkScst(walk);
    this.#knowledge.know({ tree });
    this.#knowledge.know({ unsaved: await listUnsaved(this.#knowledge.facts, pace) });
    this.walked = true;
    return this.#knowledge.compareSessions();
  }

  async #tellGlanced(glanced: Glanced, pace: Pace): Promise<Reading | undefined> {
    if (glanced.walk || glanced.sessions) {
      const events = glanced.walk ? await this.#walk(pace) : this.#knowledge.compareSessions();
      const resources = await renderAll(this.#knowledge.facts, pace);
      return await this.#partial(resources, { pace, events, all: true });
    }
    const busyBefore = this.#knowledge.facts.managementBusySince;
    this.#knowledge.know({});
    this.#knowledge.foundBy();
    const { drivers, targets, devices, groups } = glanced;
    const busy = this.#knowledge.facts.managementBusySince !== busyBefore;
    const core = glanced.core || busy || drivers.size > 0 || targets.size > 0;
    const sessions = glanced.stalls;
    const some = { core, drivers, targets, devices, groups, sessions };
    return await this.#partial(renderOnly(this.#knowledge.facts, some), { pace });
  }

  async #partial(
    resources: readonly ResourceReading[],
    more: { readonly pace: Pace; readonly events?: readonly Event[]; readonly all?: true },
  ): Promise<Reading | undefined> {
    const { pace, events = [], all } = more;
    const changes = await this.#told.changes(resources, pace);
    const gone = all ? this.#told.gone(resources) : [];
    if (changes.length + gone.length + events.length === 0) return undefined;
    return partial(changes, { gone, events });
  }

  #isServiceEnabled(): boolean {
    const unit = this.#ports.known.find('systemd.unit', 'scst.service');
    return unit?.attributes.unitFileState === 'enabled';
  }

  /**
   * udev makes /dev/block for every machine with a disk; PrivateDevices= does not show it. Another
   * /sys than this machine's belongs to a captured tree, in which the other folders lie beside it.
   */
  #places(): Places {
    const { dev, sysfs } = this.#ports.roots;
    const listed = this.#read.foldersAndLinks(`${dev}/block`);
    const devicesVisible = listed !== null && !refused(listed);
    if (sysfs === '/sys') return { dev, devicesVisible, tree: '' };
    const tree = sysfs.slice(0, Math.max(0, sysfs.lastIndexOf('/')));
    const names = this.#ports.files.list(tree)?.map(({ name }) => name) ?? [];
    return { dev, devicesVisible, tree, captured: new Set(names) };
  }

  /**
   * Looks change the tree in place: each waits for the one before, and for one turn of the loop,
   * so that what that one found has been told first.
   */
  #one<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#alone.then(work);
    const told = (): Promise<void> => new Promise((done) => this.#ports.clock.soon(done));
    this.#alone = mine.then(told, told);
    return mine;
  }
}
