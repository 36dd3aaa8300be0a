/**
 * One connection to the system bus: subscribe, resync, listen; when it is lost, begin anew.
 *
 * Believed is only what comes from the owner of org.freedesktop.systemd1, as the bus stamped it:
 * any local user can send a PropertiesChanged.
 */
import type { Event } from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { BusConnection, SystemBus } from '../../platform/system-bus.ts';
import { applyListing, refresh } from './answers.ts';
import { createEar, type Ear } from './ear.ts';
import { listOf } from './facts.ts';
import { greet } from './greeting.ts';
import { managerEvent, managerProperties, tellManager } from './manager.ts';
import { Questions } from './questions.ts';
import { Resync } from './resync.ts';
import { applyLost, applyReloading } from './signals.ts';
import { drain, type State } from './state.ts';
import type { TimeNow } from './timers.ts';
import type { Voice } from './voice.ts';

const backoffFirst: Ms = 100;
const backoffMax = seconds(5);
/** Units that come and go within this time are looked at by nobody. */
const freshListingEvery = seconds(2);

export interface SessionParts {
  readonly bus: SystemBus;
  readonly clock: Clock;
  readonly state: State;
  readonly voice: Voice;
  readonly bootId: string;
}

export class Session {
  /** Resolves when the first attempt to see everything has ended, well or not. */
  readonly attempted: Promise<void>;
  readonly #parts: SessionParts;
  readonly #ear: Ear;
  #attemptEnded: () => void = () => {};
  /** Of the connection in use. */
  #questions: Questions | undefined;
  /** Unique name of systemd; empty while it has none. */
  #owner = '';
  #served = false;
  /** Why nothing can be seen; empty when it can. */
  #down = 'not connected yet';
  #listing: Promise<string> | undefined;
  #planned: Timer | undefined;
  /** The look before found a reload going on. */
  #reloadLasts = false;
  readonly #resync: Resync;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.attempted = new Promise((resolve) => {
      this.#attemptEnded = resolve;
    });
    const { state, bootId } = parts;
    this.#resync = new Resync(parts.clock, (begun) => this.#seeAgain(this.#questions, begun));
    this.#ear = createEar({
      state,
      bootId,
      time: this.#time,
      owner: () => this.#owner,
      publish: () => this.publish(),
      onOwner: (name) => this.#onOwner(name),
      onReloading: (reloading) => this.#onReloading(reloading),
    });
  }

  /** Connects, and connects again, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let pause = backoffFirst;
    while (!signal.aborted) {
      const lost = await this.#connect(ended);
      if (signal.aborted) break;
      pause = this.#down === '' ? backoffFirst : Math.min(pause * 2, backoffMax);
      this.#down = lost;
      this.#attemptEnded();
      this.#parts.voice.blind(lost);
      await this.#parts.clock.sleep(pause, signal);
    }
    this.#attemptEnded();
  }

  /** Looks at everything. Empty when that went well, else the reason. */
  async look(): Promise<string> {
    await this.attempted;
    const { state, voice } = this.#parts;
    const questions = this.#questions;
    if (questions === undefined || this.#down !== '') return this.#down;
    const why = await this.#listOnce(questions);
    refresh(state, 'slice');
    this.publish();
    // systemd answers, so it reads no files: its word that the reload has ended was lost.
    const lasts = why === '' && state.reloading;
    if (lasts && this.#reloadLasts) {
      applyReloading(state, false);
      voice.seeing();
    }
    this.#reloadLasts = lasts;
    return why;
  }

  /** Tells what the state has to tell, and asks what it wants to know. */
  publish(more: readonly Event[] = []): void {
    const { state, voice } = this.#parts;
    const told = drain(state);
    if (state.fresh.size > 0) this.#planListing();
    if (told === undefined && more.length === 0) return;
    voice.tell(told, more);
    if (told !== undefined && told.wants.length > 0) this.#questions?.ask(told.wants);
  }

  /** New units that say nothing by themselves are found by a listing, a moment later. */
  #planListing(): void {
    if (this.#planned !== undefined) return;
    this.#planned = this.#parts.clock.after(freshListingEvery, () => {
      this.#planned = undefined;
      const questions = this.#questions;
      if (questions !== undefined && this.#parts.state.fresh.size > 0)
        void this.#listOnce(questions);
    });
  }

  readonly #time = (): TimeNow => {
    const { clock } = this.#parts;
    return { now: clock.now(), monotonic: clock.monotonic() };
  };

  /** One life of a connection; resolves with the reason of its end. */
  async #connect(ended: Promise<void>): Promise<string> {
    const { bus, state, voice, clock } = this.#parts;
    const outcome = await bus.connect((signal) => this.#ear.hear(signal));
    if (outcome.type === 'refused') return `no system bus: ${outcome.why}`;
    const { connection } = outcome;
    const publish = (): void => this.publish();
    const questions = new Questions({ connection, state, time: this.#time, publish });
    this.#questions = questions;
    let why = await this.#begin(connection, questions);
    if (why === '') {
      this.#down = '';
      this.#attemptEnded();
      voice.seeing();
      if (this.#served) this.publish([managerEvent('bus-restarted', clock.now())]);
      this.#served = true;
      why = await Promise.race([connection.lost, ended.then(() => 'stopped')]);
    }
    this.#questions = undefined;
    this.#owner = '';
    this.#planned?.cancel();
    this.#planned = undefined;
    questions.stop();
    connection.close();
    applyLost(state);
    this.publish();
    return why;
  }

  /** Everything that makes a new connection one that sees. The reason when it did not. */
  async #begin(connection: BusConnection, questions: Questions): Promise<string> {
    const greeted = await greet(connection);
    if (greeted.type === 'refused') return greeted.why;
    this.#owner = greeted.owner;
    // Without a subscriber systemd announces nothing (systemd issue 36366).
    const subscribed = await questions.call('Subscribe');
    if (subscribed.type !== 'returned') return `Subscribe: ${subscribed.type}`;
    return this.#listOnce(questions);
  }

  /** One listing at a time: who asks meanwhile gets the answer of the one that runs. */
  #listOnce(questions: Questions): Promise<string> {
    this.#listing ??= this.#list(questions).finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  /** ListUnits, and all properties of the units that differ from what is known. */
  async #list(questions: Questions): Promise<string> {
    const { state } = this.#parts;
    const mark = state.signals;
    const answer = await questions.call('ListUnits');
    if (answer.type === 'error') return `ListUnits: ${answer.message}`;
    if (answer.type === 'timeout') return 'systemd does not answer';
    if (answer.type === 'lost') return answer.why;
    applyListing(state, listOf(answer.body[0]), mark);
    this.publish();
    await questions.settled();
    const values = await Promise.all(managerProperties.map((name) => questions.property(name)));
    const known = managerProperties.flatMap((name, i) => {
      const value = values[i];
      return value === undefined ? [] : [[name, value] as const];
    });
    tellManager(state, Object.fromEntries(known));
    this.publish();
    return '';
  }

  #onOwner(name: string): void {
    const { voice, clock } = this.#parts;
    this.#owner = name;
    voice.blind(name === '' ? 'systemd left the system bus' : 'systemd was executed anew');
    const questions = this.#questions;
    if (name === '' || questions === undefined) return;
    this.publish([managerEvent('reexecuted', clock.now())]);
    void questions.call('Subscribe').then(() => this.#resync.ask());
  }

  #onReloading(reloading: boolean): void {
    const { voice, clock } = this.#parts;
    if (reloading) {
      voice.blind('systemd reads its unit files anew');
      return;
    }
    this.publish([managerEvent('reloaded', clock.now())]);
    void this.#resync.ask();
  }

  /** A listing that began before the reload ended would not do, so another follows. */
  async #seeAgain(questions: Questions | undefined, begun: () => void): Promise<void> {
    const { clock, state, voice } = this.#parts;
    if (questions === undefined) return;
    let pause = backoffFirst;
    while (this.#questions === questions && this.#owner !== '') {
      await this.#listing;
      begun();
      const why = await this.#listOnce(questions);
      if (why === '' && !state.reloading) {
        refresh(state, 'declared');
        this.publish();
        voice.seeing();
      }
      if (why === '') return;
      await clock.sleep(pause);
      pause = Math.min(pause * 2, backoffMax);
    }
  }
}
