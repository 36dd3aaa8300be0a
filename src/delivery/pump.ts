/**
 * The pump: follows the published log with a cursor of its own, lets the dispatcher decide, has it
 * stored, and gives messages out to whoever sends them. What it forgets by a kill it finds again.
 */
import type { Alert } from '../domain/alert.ts';
import type { Attempt, Message, Note } from '../domain/message.ts';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Feed } from '../operations/house.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/store.ts';
import { createDeliveryCounter } from './counter.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { Outbox } from './outbox.ts';
import { Pace } from './pace.ts';
import type { Profile } from './profile.ts';
import { Scribe } from './scribe.ts';
import { TestingDesk } from './testing-desk.ts';

const changesAtOnce = 500;
/** The wall clock may be set meanwhile: it looks at least this often. */
const lookEveryMax: Ms = seconds(60);
/** Smaller differences between the clocks are drift. */
const clockStepMin: Ms = seconds(2);
/** After an error of the program. */
const againAfter: Ms = seconds(1);

export interface PumpParts {
  readonly feed: Pick<Feed, 'lastSeq' | 'after' | 'onRing'>;
  readonly active: () => readonly Alert[];
  readonly store: Pick<Store, 'commit' | 'deliveryMemory'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

interface Asking {
  readonly channels: readonly string[];
  readonly answer: (messages: readonly Message[]) => void;
}

export class Pump implements Outbox {
  readonly dispatcher: Dispatcher;
  readonly counter = createDeliveryCounter();
  readonly tests: TestingDesk;
  readonly #parts: PumpParts;
  readonly #scribe: Scribe;
  readonly #asking = new Set<Asking>();
  #cursor = 0;
  #running = false;
  #again = false;
  #isStarted = false;
  /** Notes that are told before anything was restored wait here. */
  #early: (() => void)[] = [];
  #timer: Timer | undefined;
  #wakeAt: Ms = Number.POSITIVE_INFINITY;
  readonly #pace: Pace;
  #clockOffset: Ms;
  #forget: () => void = () => {};

  constructor(parts: PumpParts) {
    const { clock } = parts;
    this.#parts = parts;
    this.#pace = new Pace(clock);
    this.#clockOffset = clock.now() - clock.monotonic();
    this.dispatcher = new Dispatcher(parts);
    const { writes } = this.dispatcher;
    this.tests = new TestingDesk(clock, parts.host, writes);
    const cursor = (): number => this.#cursor;
    const onProgress = (): void => this.#serve();
    this.#scribe = new Scribe({ ...parts, writes, cursor, onProgress });
  }

  /** Restores everything, catches up with what was published since, and only then tells. */
  async start(profiles: readonly Profile[]): Promise<void> {
    const { active, clock, feed, store } = this.#parts;
    const memory = await store.deliveryMemory();
    this.dispatcher.restore(memory, profiles, active(), clock.now());
    this.#cursor = Math.min(memory.cursor ?? feed.lastSeq(), feed.lastSeq());
    await this.#takeChanges();
    this.#isStarted = true;
    this.#forget = feed.onRing(() => this.#soon());
    await this.configure(profiles);
    for (const goOn of this.#early.splice(0)) goOn();
  }

  async configure(profiles: readonly Profile[]): Promise<void> {
    for (const { name } of profiles) this.counter.know(name);
    // Whoever is not active any more is forgotten: every end must be known before that.
    while (this.#isStarted && this.#parts.feed.lastSeq() > this.#cursor) await this.#takeChanges();
    if (!this.#isStarted) return;
    this.dispatcher.configure(profiles, this.#parts.active(), this.#parts.clock.now());
    this.#soon();
  }

  /** Resolves when it is durable. */
  async tell(note: Note): Promise<void> {
    if (!this.#isStarted) await new Promise<void>((resolve) => this.#early.push(resolve));
    this.dispatcher.tell(note, this.#parts.clock.now());
    this.#soon();
    await this.#scribe.settled();
  }

  next(
    channels: readonly string[],
    patience: Ms,
    signal: AbortSignal,
  ): Promise<readonly Message[]> {
    const found = this.#due(channels);
    if (found.length > 0 || signal.aborted) return Promise.resolve(found);
    return new Promise((resolve) => {
      const end = (messages: readonly Message[]): void => {
        this.#asking.delete(asking);
        timer.cancel();
        signal.removeEventListener('abort', stop);
        resolve(messages);
      };
      const stop = (): void => end([]);
      const asking = { channels, answer: end };
      const timer = this.#parts.clock.after(patience, stop);
      signal.addEventListener('abort', stop);
      this.#asking.add(asking);
    });
  }

  async report(attempt: Attempt): Promise<void> {
    const isTest = this.tests.attempt(attempt);
    if (isTest) this.dispatcher.lane(attempt.channel)?.tested(attempt);
    if (isTest || this.dispatcher.attempt(attempt, this.#parts.clock.now()))
      this.counter.count(attempt);
    await this.#goOn(attempt.channel);
    await this.#scribe.settled();
  }

  async test(channel: string, by: string): ReturnType<TestingDesk['test']> {
    const answer = this.tests.test(channel, by);
    this.#serve();
    const { outcome, took } = await answer;
    await this.#scribe.settled();
    return { outcome, took };
  }

  /** When the oldest message that waits was made; null when none does. */
  oldestWaiting(): EpochMs | null {
    const waiting = this.dispatcher.lanes().flatMap(({ flight }) => flight?.message.at ?? []);
    return waiting.length === 0 ? null : Math.min(...waiting);
  }

  /** Writes what it knows; gives nothing out any more. */
  async stop(): Promise<void> {
    this.#forget();
    this.#timer?.cancel();
    this.#isStarted = false;
    for (const { answer } of this.#asking) answer([]);
    await this.#scribe.settled();
    this.#scribe.stop();
  }

  #due(channels: readonly string[]): readonly Message[] {
    if (!this.#isStarted) return [];
    const now = this.#parts.clock.now();
    return channels.flatMap(
      (channel) =>
        this.tests.give(channel) ??
        this.dispatcher.give(channel, now, this.#scribe.isGivenUp) ??
        [],
    );
  }

  #serve(): void {
    for (const { channels, answer } of this.#asking) {
      const messages = this.#due(channels);
      if (messages.length > 0) answer(messages);
    }
  }

  #soon(): void {
    const { clock } = this.#parts;
    const rest = this.#pace.left();
    if (this.#running || rest <= 0) this.#look();
    else if (clock.monotonic() + rest < this.#wakeAt) this.#wakeAfter(rest);
  }

  #look(): void {
    if (this.#running) this.#again = true;
    else {
      this.#running = true;
      this.#parts.clock.soon(() => void this.#run());
    }
  }

  /** What waited for an answer need not wait for the next look; what was published is in it. */
  async #goOn(channel: string): Promise<void> {
    const { clock } = this.#parts;
    if (this.#isStarted) await this.#takeChanges();
    if (!this.#isStarted) return;
    const due = this.dispatcher.lane(channel)?.tend(clock.now()) ?? Number.POSITIVE_INFINITY;
    if (clock.monotonic() + due - clock.now() < this.#wakeAt) this.#wakeAfter(due - clock.now());
    this.#scribe.look();
  }

  #wakeAfter(delay: Ms): void {
    this.#timer?.cancel();
    this.#wakeAt = this.#parts.clock.monotonic() + Math.min(delay, lookEveryMax);
    this.#timer = this.#parts.clock.after(Math.min(delay, lookEveryMax), () => this.#look());
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    this.#again = false;
    let wait: Ms = againAfter;
    try {
      this.#followClock();
      await this.#takeChanges();
      const tend = (): EpochMs => this.dispatcher.tend(clock.now());
      if (this.#isStarted) wait = this.#pace.measure(tend) - clock.now();
    } catch (error) {
      log.error(`delivery met a bug, trying again: ${(error as Error).stack}`);
    }
    this.#running = false;
    if (!this.#isStarted) return;
    this.#wakeAfter(this.#again ? this.#pace.rest() : Math.max(0, wait));
    this.#scribe.look();
    this.#serve();
  }

  async #takeChanges(): Promise<void> {
    const { feed } = this.#parts;
    for (;;) {
      const changes = await feed.after(this.#cursor, changesAtOnce);
      for (const change of changes.filter(({ seq }) => seq > this.#cursor)) {
        this.dispatcher.take(change);
        this.#cursor = change.seq;
      }
      if (changes.length < changesAtOnce) return;
    }
  }

  /** A wall clock that jumped must neither shorten nor lengthen what waits. */
  #followClock(): void {
    const { clock } = this.#parts;
    const offset = clock.now() - clock.monotonic();
    const step = offset - this.#clockOffset;
    if (Math.abs(step) < clockStepMin) return;
    this.#clockOffset = offset;
    this.dispatcher.clockStepped(step);
  }
}
