/**
 * The life of the daemon: state first, then doors, then watching; READY when every collector has
 * looked once; reload all or nothing; an end that loses nothing within two seconds.
 */
import { join } from 'node:path';
import { renderComplaint } from '../domain/rule.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import { returnUnusedMemory } from '../platform/memory.ts';
import { sdNotify } from '../platform/sd-notify.ts';
import { version } from '../platform/version.ts';
import { within } from '../platform/within.ts';
import { openStore } from '../store/client.ts';
import type { Store } from '../store/store.ts';
import { type Assembly, assemble, type DaemonParts, type OpenedState } from './assembly.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { openDoors } from './doors.ts';
import { flapSettingsOf } from './flap-settings.ts';
import { rememberEvents, tellOpened, tellOpening } from './opening.ts';

/** What is still on its way at the end gets this long to become durable. */
const drainWithin = seconds(1.5);
const lastDrainWithin = seconds(0.2);
/** systemd waits for the end: the last row of the audit is worth this much of it. */
const tellEndWithin = seconds(0.3);

export class Daemon {
  readonly #parts: DaemonParts;
  readonly #store: Store;
  readonly #built: Assembly;
  #configuration: Configuration;
  #addresses: readonly string[] = [];
  #ready = false;
  #stopping = false;
  #reloading: Promise<void> = Promise.resolve();
  readonly #ending = Promise.withResolvers<number>();
  /** Resolves with the exit status when the daemon cannot go on. */
  readonly ended = this.#ending.promise;

  /**
   * Opens the state, and reads the configuration meanwhile: a tenth of a second less in which the
   * callers of an upgrade wait. Undefined when the configuration is refused. Throws SchemaTooNew
   * when the database is from a newer tocsin.
   */
  static async open(
    parts: DaemonParts,
    read: () => Configuration | undefined,
  ): Promise<Daemon | undefined> {
    let daemon: Daemon | undefined;
    let early: string | null = null;
    const { runtimeDir, stateDir } = parts.options;
    const opening = openStore(join(stateDir, 'tocsin.db'), {
      volatileFolder: join(runtimeDir, 'volatile'),
      onCondition(text) {
        if (daemon === undefined) early = text;
        else daemon.#built.heart.tellCondition(text);
      },
    });
    const configuration = read();
    const store = await opening;
    if (configuration === undefined) {
      await store.close();
      return undefined;
    }
    tellOpened(store.opened, parts.log);
    const remembered = await store.remember();
    const wasStored = await rememberEvents(store, remembered.lastSeenAt);
    daemon = new Daemon(parts, configuration, { store, remembered, wasStored });
    if (early !== null) daemon.#built.heart.tellCondition(early);
    return daemon;
  }

  private constructor(parts: DaemonParts, configuration: Configuration, opened: OpenedState) {
    const startedAt: EpochMs = parts.ports.clock.now();
    this.#parts = parts;
    this.#configuration = configuration;
    this.#store = opened.store;
    this.#built = assemble(parts, opened, {
      startedAt,
      configuration: () => this.#configuration,
      ready: () => this.#ready,
      reload: () => this.reload(),
      status: () => this.#statusLine(),
      end: (exitStatus) => this.#ending.resolve(exitStatus),
    });
    const { health, pipeline } = this.#built.heart;
    health.set('configuration', 'configuration', { status: 'healthy', reason: null });
    void tellOpening(opened.store, pipeline, startedAt, opened.remembered.lastSeenAt);
  }

  /** Resolves when the daemon answers and every collector has looked once. */
  async start(): Promise<void> {
    const { environment, log, options } = this.#parts;
    const { pipeline, queue } = this.#built.heart;
    // Written before anything that comes in through a door: the store keeps the order.
    void this.#tellStart();
    this.#addresses = await openDoors(
      this.#built.api,
      options,
      environment,
      log,
      this.#built.carriers.socket.server,
    );
    await this.#built.heart.mutes.restored();
    if (!this.#stopping) await this.#built.watch.start(this.#configuration.settings);
    await pipeline.applied();
    await queue.settled();
    // Told to stop before it was ready: what follows would begin anew what has been ended.
    if (this.#stopping) return;
    await this.#built.delivery.start();
    await this.#built.carriers.start();
    returnUnusedMemory();
    this.#ready = true;
    this.#built.access.start();
    this.#built.busDoor.start();
    this.#built.chores.start();
    this.#built.diskWatch.start();
    this.#built.charts.start();
    this.#built.records.start();
    sdNotify({ READY: '1', STATUS: this.#statusLine() });
    log.notice(`ready: ${this.#statusLine()}; answers on ${this.#addresses.join(', ')}`);
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /**
   * Settings and rules anew. Refused ones leave everything as it was and raise an alert. Who asked
   * over a door stands in the audit already; a signal does not say who sent it.
   */
  reload(asked: 'door' | 'signal' = 'door'): Promise<void> {
    const mine = this.#reloading.then(async () => {
      await this.#reload();
      if (asked === 'door') return;
      const { reason = null } = this.#built.heart.health.components().configuration ?? {};
      const outcome = reason === null ? 'done' : 'configuration-refused';
      await this.#built.audit.tell(
        'system',
        'daemon.reload',
        { ...this.#facts(), reason },
        outcome,
      );
    });
    // One that met a bug keeps nobody from the next.
    this.#reloading = mine.catch(() => undefined);
    return mine;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    sdNotify({ STOPPING: '1', STATUS: 'Writing what is on its way' });
    this.#built.api.beginClose();
    this.#built.chores.stop();
    this.#built.diskWatch.stop();
    await this.#built.busDoor.stop();
    this.#built.pulse.stop();
    this.#built.heart.mutes.stop();
    await Promise.all([this.#built.watch.stop(), this.#built.carriers.stop()]);
    const { pipeline, queue } = this.#built.heart;
    this.#built.chores.heartbeat();
    const { clock } = this.#parts.ports;
    const drain = (): Promise<void> => pipeline.applied().then(() => queue.settled());
    const drained = drain().then(() => this.#built.delivery.stop());
    await within(clock, drainWithin, drained, undefined);
    // Callers are answered to the last; what those have asked for is written too.
    await this.#built.api.close();
    await within(clock, lastDrainWithin, drain(), undefined);
    pipeline.stop();
    queue.stop();
    await within(clock, tellEndWithin, this.#built.access.stop(), undefined);
    await this.#tellEnd();
    await Promise.all([this.#store.close(), this.#built.charts.stop(), this.#built.records.stop()]);
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
    const { health, pipeline, queue } = this.#built.heart;
    if (configuration === undefined) {
      const first = complaints.find(({ level }) => level === 'error');
      const reason = first === undefined ? 'refused' : renderComplaint(first);
      log.error(`configuration refused, the one before stays in force: ${reason}`);
      health.set('configuration', 'configuration', { status: 'degraded', reason });
    } else {
      this.#configuration = configuration;
      pipeline.reload(configuration.rules);
      pipeline.setFlapping(flapSettingsOf(configuration.settings));
      await this.#built.delivery.reload();
      await this.#built.carriers.reload();
      await this.#built.watch.restart(configuration.settings);
      health.set('configuration', 'configuration', { status: 'healthy', reason: null });
      log.notice(`configuration read: ${configuration.rules.rules.length} rules`);
    }
    await pipeline.applied();
    await queue.settled();
    sdNotify({ READY: '1', STATUS: this.#statusLine() });
  }

  #facts(): object {
    return { version, rules: this.#configuration.rules.rules.length };
  }

  /** With what an auditor would miss: a database that was set aside took its audit with it. */
  async #tellStart(): Promise<void> {
    const { setAside, volatile } = this.#store.opened;
    const facts = { ...this.#facts(), setAside, ...(volatile !== undefined && { volatile }) };
    await this.#built.audit.tell('tocsin', 'daemon.start', facts);
  }

  /** The last row, and not for longer than the end may take. */
  async #tellEnd(): Promise<void> {
    const { audit } = this.#built;
    const told = audit.stop().then(() => audit.tell('tocsin', 'daemon.stop', this.#facts()));
    await within(this.#parts.ports.clock, tellEndWithin, told, false);
  }

  #statusLine(): string {
    const firing = this.#built.heart.publication.active().filter(({ phase }) => phase === 'firing');
    const known = this.#built.heart.inventory.list().length;
    const { health } = this.#built.heart;
    const { reason = null } = health.components().database ?? {};
    const trouble = reason === null ? '' : `; database: ${reason}`;
    return `${health.overall()}; ${firing.length} alerts firing; ${known} resources${trouble}`;
  }
}
