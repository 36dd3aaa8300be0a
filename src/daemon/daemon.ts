/**
 * The life of the daemon: state first, then doors, then watching; READY when every collector has
 * looked once; reload all or nothing; an end that loses nothing within two seconds.
 */
import { join } from 'node:path';
import type { Api } from '../api/api.ts';
import type { Collector, Ports, Watcher } from '../collectors/collector.ts';
import type { Options } from '../config/options.ts';
import type { Section } from '../config/readers.ts';
import type { Kind } from '../domain/kind.ts';
import { renderComplaint } from '../domain/rule.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { Log } from '../platform/log.ts';
import { returnUnusedMemory } from '../platform/memory.ts';
import { sdNotify, watchdogInterval } from '../platform/sd-notify.ts';
import { openStore } from '../store/client.ts';
import type { Remembered, Store } from '../store/store.ts';
import { type Charts, openCharts } from './charts.ts';
import { Chores } from './chores.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { openDoors } from './doors.ts';
import { openFront } from './front.ts';
import { buildHeart, type Heart } from './heart.ts';
import { tellMetrics } from './metrics-notice.ts';
import { rememberEvents, tellOpening } from './opening.ts';
import { Pulse } from './pulse.ts';
import { SpoolDrain } from './spool.ts';
import { Watch } from './watch.ts';
import { within } from './within.ts';

/** Without a watchdog to feed, the pulse still shows on /livez. */
const pulseEveryDefault = seconds(10);
/** What is still on its way at the end gets this long to become durable. */
const drainWithin = seconds(1.5);

export interface DaemonParts {
  readonly options: Options;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly collectors: readonly Collector[];
  readonly kinds: readonly Kind[];
  readonly sections: Section;
  readonly ports: Omit<Ports, 'known' | 'reports'>;
  readonly log: Log;
}

export class Daemon {
  readonly #parts: DaemonParts;
  readonly #store: Store;
  readonly #heart: Heart;
  readonly #watch: Watch;
  readonly #api: Api;
  readonly #pulse: Pulse;
  readonly #chores: Chores;
  readonly #charts: Charts;
  #configuration: Configuration;
  #addresses: readonly string[] = [];
  readonly startedAt: EpochMs;
  #ready = false;
  #stopping = false;
  #reloading: Promise<void> = Promise.resolve();
  readonly #ending = Promise.withResolvers<number>();
  /** Resolves with the exit status when the daemon cannot go on. */
  readonly ended = this.#ending.promise;

  /** Opens the state. Throws SchemaTooNew when the database is from a newer tocsin. */
  static async open(parts: DaemonParts, configuration: Configuration): Promise<Daemon> {
    let daemon: Daemon | undefined;
    let early: string | null = null;
    const store = await openStore(join(parts.options.stateDir, 'tocsin.db'), {
      onCondition(text) {
        if (daemon === undefined) early = text;
        else daemon.#heart.tellCondition(text);
      },
    });
    const remembered = await store.remember();
    const wasStored = await rememberEvents(store, remembered.lastSeenAt);
    daemon = new Daemon(parts, configuration, store, remembered, wasStored);
    if (early !== null) daemon.#heart.tellCondition(early);
    return daemon;
  }

  private constructor(
    parts: DaemonParts,
    configuration: Configuration,
    store: Store,
    remembered: Remembered,
    wasStored: Watcher['wasStored'],
  ) {
    const { clock } = parts.ports;
    this.#parts = parts;
    this.startedAt = clock.now();
    this.#configuration = configuration;
    this.#store = store;
    this.#heart = buildHeart({
      store,
      remembered,
      rules: configuration.rules,
      kinds: parts.kinds,
      clock,
      log: parts.log,
      findCollector: (name) => this.#watch.find(name),
      onBroken: () => this.#ending.resolve(1),
    });
    this.#watch = this.#createWatch(remembered, wasStored);
    this.#pulse = this.#createPulse();
    const charted = { ...parts, ...this.#heart };
    this.#charts = openCharts(charted, () => this.#configuration.settings.history);
    const front = openFront(
      { ...charted, ...this.#charts, store, startedAt: this.startedAt },
      configuration.settings,
      {
        ready: () => this.#ready,
        alive: () => this.#pulse.trouble(),
        sources: () => this.#watch.figures(),
      },
    );
    this.#api = front.api;
    const spool = new SpoolDrain(parts.options.stateDir, front.house, parts.log);
    this.#chores = new Chores({
      clock,
      log: parts.log,
      store,
      ...this.#heart,
      stuckProbes: () => parts.ports.probes.stuck(),
      tellMetrics: () => tellMetrics(front, this.#heart.publication, parts.log),
      drainSpool: () => void spool.drain(),
      retention: () => this.#configuration.settings.retention,
      onUnsound: () => this.#ending.resolve(1),
    });
    const { health, pipeline } = this.#heart;
    health.set('configuration', 'configuration', { status: 'healthy', reason: null });
    void tellOpening(store, pipeline, this.startedAt, remembered.lastSeenAt);
  }

  /** Resolves when the daemon answers and every collector has looked once. */
  async start(): Promise<void> {
    const { environment, log, options } = this.#parts;
    const { pipeline, queue } = this.#heart;
    this.#addresses = await openDoors(this.#api, options, environment, log);
    if (!this.#stopping) await this.#watch.start(this.#configuration.settings);
    await pipeline.applied();
    await queue.settled();
    // Told to stop before it was ready: what follows would begin anew what has been ended.
    if (this.#stopping) return;
    returnUnusedMemory();
    this.#ready = true;
    this.#chores.start();
    this.#charts.start();
    sdNotify({ READY: '1', STATUS: this.#statusLine() });
    log.notice(`ready: ${this.#statusLine()}; answers on ${this.#addresses.join(', ')}`);
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Settings and rules anew. Refused ones leave everything as it was and raise an alert. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload());
    return this.#reloading;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    sdNotify({ STOPPING: '1', STATUS: 'Writing what is on its way' });
    this.#chores.stop();
    this.#pulse.stop();
    await this.#watch.stop();
    const { pipeline, queue } = this.#heart;
    this.#chores.heartbeat();
    const drained = pipeline.applied().then(() => queue.settled());
    await within(this.#parts.ports.clock, drainWithin, drained, undefined);
    pipeline.stop();
    queue.stop();
    await this.#api.close();
    await Promise.all([this.#store.close(), this.#charts.stop()]);
  }

  async #reload(): Promise<void> {
    const { options, log } = this.#parts;
    sdNotify({ RELOADING: '1', STATUS: 'Reading settings and rules' });
    const { configuration, complaints } = readConfiguration(
      this.#parts.ports.files,
      options,
      this.#parts.kinds,
      this.#parts.sections,
    );
    for (const complaint of complaints) log.warning(renderComplaint(complaint));
    const { health, pipeline, queue } = this.#heart;
    if (configuration === undefined) {
      const first = complaints.find(({ level }) => level === 'error');
      const reason = first === undefined ? 'refused' : renderComplaint(first);
      log.error(`configuration refused, the one before stays in force: ${reason}`);
      health.set('configuration', 'configuration', { status: 'degraded', reason });
    } else {
      this.#configuration = configuration;
      pipeline.reload(configuration.rules);
      await this.#watch.restart(configuration.settings);
      health.set('configuration', 'configuration', { status: 'healthy', reason: null });
      log.notice(`configuration read: ${configuration.rules.rules.length} rules`);
    }
    await pipeline.applied();
    await queue.settled();
    sdNotify({ READY: '1', STATUS: this.#statusLine() });
  }

  #createWatch(remembered: Remembered, wasStored: Watcher['wasStored']): Watch {
    const { collectors, ports, log } = this.#parts;
    return new Watch(collectors, {
      pipeline: this.#heart.pipeline,
      health: this.#heart.health,
      clock: ports.clock,
      log,
      ports: { ...ports, known: this.#heart.inventory.known, reports: this.#heart.tasks },
      random: Math.random,
      cursors: new Map(Object.entries(remembered.cursors)),
      lastSeenAt: remembered.lastSeenAt ?? undefined,
      wasStored,
    });
  }

  #createPulse(): Pulse {
    const { pipeline, queue } = this.#heart;
    const watchdog = watchdogInterval(this.#parts.environment, process.pid);
    return new Pulse({
      clock: this.#parts.ports.clock,
      every: watchdog === undefined ? pulseEveryDefault : watchdog / 4,
      beat: async () => {
        await pipeline.applied();
        await queue.settled();
        await this.#store.oldestSeq();
      },
      onAlive: () => sdNotify({ WATCHDOG: '1', STATUS: this.#statusLine() }),
    });
  }

  #statusLine(): string {
    const firing = this.#heart.publication.active().filter(({ phase }) => phase === 'firing');
    const known = this.#heart.inventory.list().length;
    return `${this.#heart.health.overall()}; ${firing.length} alerts firing; ${known} resources`;
  }
}
