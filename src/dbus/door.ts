/**
 * The life of org.tocsin1: connect, own the name, answer and announce; begin anew whenever the bus
 * or the name is lost. It never ends the daemon: the component `bus` says why nobody can call.
 */
import { type Ms, seconds } from '../domain/time.ts';
import type { House } from '../operations/house.ts';
import { theBus } from '../platform/bus/connection.ts';
import type { ServiceBus, ServiceConnection } from '../platform/bus/serving.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { BusSignal, SystemBus } from '../platform/system-bus.ts';
import { within } from '../platform/within.ts';
import { Announcer } from './announcer.ts';
import { createDispatch } from './dispatch.ts';
import { busName, standard } from './names.ts';
import { AlertObjects } from './objects.ts';
import { Polkit } from './polkit.ts';
import { Rights } from './rights.ts';
import { Tree } from './tree.ts';

/**
 * At a first install the bus has read our policy before it knew our user, and reads it again when
 * dpkg is done. A bus that has read its files anew says so since dbus 1.14, with this signal.
 */
const rereadSignal = 'ActivatableServicesChanged';
const rereadRule = `type='signal',sender='${theBus.destination}',member='${rereadSignal}'`;
const retryFirst = seconds(1);
const retryMax = seconds(30);
/** The bus is asked whether it still answers. */
const pingEvery = seconds(10);
const pingWithin = seconds(5);
/** It takes nothing from us: a new connection may be better. */
const silentPingsMax = 3;
const stopWithin = 200;
const silence = 'the bus does not answer';

export interface BusDoorParts {
  readonly house: House;
  readonly bus: ServiceBus;
  /** For polkit, which has a connection of its own. */
  readonly polkitBus: SystemBus;
  readonly clock: Clock;
  readonly log: Log;
  /** Null: the name is ours and the bus answers. */
  readonly tell: (trouble: string | null) => void;
  readonly adminGroup: () => number | undefined;
  readonly ownUid: number;
  readonly machineId: () => string | undefined;
}

const retryAfter = (failures: number): Ms => Math.min(retryFirst * 2 ** failures, retryMax);

/** What may decide whose the name is, as the bus told it; forgeries have another sender. */
const isOfName = ({ sender, member, body }: BusSignal): boolean =>
  sender === theBus.destination &&
  (member === rereadSignal ||
    ((member === 'NameLost' || member === 'NameOwnerChanged') && body[0] === busName));

export class BusDoor {
  readonly #parts: BusDoorParts;
  readonly #objects = new AlertObjects();
  readonly #announcer: Announcer;
  readonly #tree: Tree;
  readonly #polkit: Polkit;
  readonly #stopping = new AbortController();
  #waking = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #connection: ServiceConnection | undefined;
  #trouble: string | null | undefined;

  constructor(parts: BusDoorParts) {
    const { house, clock, machineId } = parts;
    const objects = this.#objects;
    this.#parts = parts;
    this.#tree = new Tree({ house, objects, machineId });
    this.#polkit = new Polkit(parts.polkitBus, clock);
    this.#announcer = new Announcer({ house, objects, clock, onBug: this.#onBug });
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#waking.abort();
    this.#connection?.close();
    // A bus that does not answer Hello is not waited for.
    await within(this.#parts.clock, stopWithin, this.#running, undefined);
    void this.#polkit.close();
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  readonly #onBug = (error: unknown): void => {
    const text = error instanceof Error ? error.stack : String(error);
    this.#parts.log.error(`a call or signal of D-Bus met a bug: ${text}`);
  };

  /** Until it is time, or something has happened since `#waking` was made. */
  async #wait(delay: Ms): Promise<void> {
    if (!this.#isStopping) await this.#parts.clock.sleep(delay, this.#waking.signal);
  }

  #say(trouble: string | null): void {
    const { log, tell } = this.#parts;
    tell(trouble);
    if (trouble === this.#trouble) return;
    if (trouble !== null) log.warning(`D-Bus: ${trouble}, trying again`);
    else log.info(`D-Bus: ${busName} is ours`);
    this.#trouble = trouble;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isStopping; failures++) {
      const why = await this.#session();
      if (this.#isStopping) return;
      this.#waking = new AbortController();
      // One that had the name was no failure: a bus that is restarted is met again soon.
      if (this.#trouble === null) failures = 0;
      this.#say(why);
      await this.#wait(retryAfter(failures));
    }
  }

  /** One connection from its beginning to its end; why it ended. */
  async #session(): Promise<string> {
    const { bus, clock, adminGroup, ownUid } = this.#parts;
    const { promise: connected, resolve } = Promise.withResolvers<ServiceConnection>();
    const rights = new Rights({
      check: (question) => this.#polkit.check(question),
      credentialsOf: async (name) => (await connected).credentialsOf(name),
      clock,
      adminGroup,
      ownUid,
    });
    const answer = await bus.connect({
      onCall: createDispatch({
        house: this.#parts.house,
        tree: this.#tree,
        know: (call, action) => rights.know(call, action),
        onBug: this.#onBug,
      }),
      onSignal: (signal) => this.#hear(signal, rights),
      onBug: this.#onBug,
    });
    if (answer.type === 'refused') return answer.why;
    const { connection } = answer;
    resolve(connection);
    this.#connection = connection;
    this.#announcer.start(connection);
    void connection.lost.then(() => this.#waking.abort());
    const why = await this.#serve(connection);
    this.#announcer.stop();
    connection.close();
    return why;
  }

  #hear(signal: BusSignal, rights: Rights): void {
    if (isOfName(signal)) {
      if (signal.member === 'NameLost') this.#announcer.setHeard(false);
      this.#waking.abort();
    }
    const [left] = signal.body;
    if (signal.sender === theBus.destination && typeof left === 'string') rights.forget(left);
  }

  /** Owns the name, again and again, while the connection lives. */
  async #serve(connection: ServiceConnection): Promise<string> {
    const over = new AbortController();
    const lost = connection.lost.then((why) => {
      over.abort();
      return why;
    });
    const isLost = (): boolean => over.signal.aborted;
    void connection.addMatch(rereadRule);
    for (let failures = 0; !isLost() && !this.#isStopping; ) {
      this.#waking = new AbortController();
      const answer = await connection.requestName(busName);
      if (isLost()) break;
      if (answer.type === 'owned') {
        failures = 0;
        this.#announcer.setHeard(true);
        if (!(await this.#hold(connection))) return silence;
        continue;
      }
      if (answer.type === 'taken') this.#announcer.setHeard(false);
      this.#say(answer.type === 'taken' ? await this.#ownerOf(connection) : answer.why);
      await this.#wait(retryAfter(failures++));
    }
    if (this.#isStopping) return 'stopping';
    return lost;
  }

  /** Waits until something happens to the name; false when the bus does not answer any more. */
  async #hold(connection: ServiceConnection): Promise<boolean> {
    const ping = { ...theBus, interface: standard.peer, member: 'Ping' };
    for (let silent = 0; silent < silentPingsMax; ) {
      const answer = await connection.call({ ...ping, timeout: pingWithin });
      if (this.#waking.signal.aborted) return true;
      silent = answer.type === 'timeout' ? silent + 1 : 0;
      this.#say(silent > 0 ? silence : null);
      await this.#wait(pingEvery);
      if (this.#waking.signal.aborted) return true;
    }
    return false;
  }

  /** Whose the name is, in words. */
  async #ownerOf(connection: ServiceConnection): Promise<string> {
    const answer = await connection.call({
      ...theBus,
      member: 'GetNameOwner',
      signature: 's',
      body: [busName],
    });
    const [found] = answer.type === 'returned' ? answer.body : [];
    const owner = typeof found === 'string' ? found : 'somebody';
    const known = await connection.credentialsOf(owner);
    return `the name ${busName} belongs to ${owner} of uid ${known?.uid ?? 'unknown'}`;
  }
}
