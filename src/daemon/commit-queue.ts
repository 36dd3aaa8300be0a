/**
 * The commit queue: what the engine decided goes into the store, batch by batch, and is published
 * when it is durable. A full disk neither stops the watching nor loses an alert: batches wait in
 * memory (events are dropped first, oldest first; changes never), and go in when there is room.
 */
import type { Change } from '../domain/alert.ts';
import type { BlindTime } from '../domain/health.ts';
import type { Event } from '../domain/reading.ts';
import type { TaskRun } from '../domain/task.ts';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Batch, CommitAnswer, Store, StoredEvent } from '../store/store.ts';
import type { MuteRow } from '../store/tables/mutes.ts';
import { whileSilent } from './silence.ts';

/** Events that wait for a full disk; beyond this the oldest are dropped and counted. */
const eventsWaitingMax = 20_000;
const retryAfter = seconds(1);
/** A disk that stays full for this long does not keep people from being told. */
const tellUnstoredAfter = seconds(2);
/** Where nothing else has to be written, what is kept is looked at this often. */
const askEvery = seconds(1);

export type DetectedEvent = Event & { readonly detectedAt: EpochMs };

interface Waiting {
  changes: Change[];
  events: DetectedEvent[];
  cursors: Record<string, string>;
  blind: BlindTime[];
  digests: Readonly<Record<string, string>> | undefined;
  expiries: Readonly<Record<string, EpochMs>> | undefined;
  tasks: TaskRun[];
  mutes: MuteRow[];
}

export type StoreState =
  | { readonly type: 'ok' }
  | { readonly type: 'full'; readonly why: string; readonly eventsDropped: number }
  | { readonly type: 'broken'; readonly why: string };

export interface CommitQueueParts {
  readonly store: Pick<Store, 'commit'>;
  readonly clock: Clock;
  /** What the engine keeps beside its alerts; the same object as long as nothing in it changed. */
  readonly expiries: () => Readonly<Record<string, EpochMs>>;
  readonly onPublish: (changes: readonly Change[], events: readonly StoredEvent[]) => void;
  readonly onState: (state: StoreState) => void;
}

const empty = (): Waiting => ({
  changes: [],
  events: [],
  cursors: {},
  blind: [],
  digests: undefined,
  expiries: undefined,
  tasks: [],
  mutes: [],
});

export class CommitQueue {
  readonly #parts: CommitQueueParts;
  #waiting = empty();
  #state: StoreState = { type: 'ok' };
  #fullSince: Ms | undefined;
  #eventsDropped = 0;
  #writing = false;
  #stopped = false;
  #askedAt: Ms = 0;
  /** As stored last. */
  #expiries: Readonly<Record<string, EpochMs>>;
  #settling: (() => void)[] = [];

  constructor(parts: CommitQueueParts) {
    this.#parts = parts;
    this.#expiries = parts.expiries();
  }

  get state(): StoreState {
    return this.#state;
  }

  add(part: Partial<Batch>): void {
    const waiting = this.#waiting;
    for (const change of part.changes ?? []) waiting.changes.push(change);
    for (const event of part.events ?? []) waiting.events.push(event);
    for (const blind of part.blind ?? []) waiting.blind.push(blind);
    for (const run of part.tasks ?? []) waiting.tasks.push(run);
    for (const row of part.mutes ?? []) waiting.mutes.push(row);
    Object.assign(waiting.cursors, part.cursors);
    waiting.digests = part.digests ?? waiting.digests;
    this.#bound();
  }

  /** Starts writing what waits, unless it is being written already. */
  write(): void {
    if (this.#writing) return;
    if (!this.#hasWork()) this.#lookAtExpiries();
    if (this.#hasWork()) void this.#writeAll();
  }

  /** Resolves when everything added so far is durable, or when the store is not ok. */
  settled(): Promise<void> {
    if (this.#state.type !== 'ok' || (!this.#writing && !this.#hasWork())) return Promise.resolve();
    return new Promise((resolve) => this.#settling.push(resolve));
  }

  /** Writes nothing more: the store is about to close. */
  stop(): void {
    this.#stopped = true;
  }

  /** A reading may change what is kept without making a change of an alert: a level that waits. */
  #lookAtExpiries(): void {
    const now = this.#parts.clock.monotonic();
    if (now - this.#askedAt >= askEvery) this.#askExpiries(this.#waiting);
  }

  /** It looks at every active alert: asked once for a batch, and not once for a reading. */
  #askExpiries(batch: Waiting): void {
    this.#askedAt = this.#parts.clock.monotonic();
    const kept = this.#parts.expiries();
    if (kept !== this.#expiries) batch.expiries = kept;
    this.#expiries = kept;
  }

  #setState(next: StoreState): void {
    const same = JSON.stringify(next) === JSON.stringify(this.#state);
    this.#state = next;
    if (!same) this.#parts.onState(next);
  }

  #bound(): void {
    const tooMany = this.#waiting.events.length - eventsWaitingMax;
    if (tooMany <= 0) return;
    this.#waiting.events.splice(0, tooMany);
    this.#eventsDropped += tooMany;
  }

  /** The batch did not go in: it stands before everything that came meanwhile. */
  #putBack(batch: Waiting): void {
    const later = this.#waiting;
    this.#waiting = {
      changes: [...batch.changes, ...later.changes],
      events: [...batch.events, ...later.events],
      cursors: { ...batch.cursors, ...later.cursors },
      blind: [...batch.blind, ...later.blind],
      digests: later.digests ?? batch.digests,
      expiries: later.expiries ?? batch.expiries,
      tasks: [...batch.tasks, ...later.tasks],
      mutes: [...batch.mutes, ...later.mutes],
    };
    this.#bound();
  }

  async #waitForRoom(why: string): Promise<void> {
    const { clock, onPublish } = this.#parts;
    this.#fullSince ??= clock.monotonic();
    this.#setState({ type: 'full', why, eventsDropped: this.#eventsDropped });
    if (clock.monotonic() - this.#fullSince >= tellUnstoredAfter)
      onPublish(this.#waiting.changes, []);
    await clock.sleep(retryAfter);
  }

  #whileSilent(batch: Waiting): Timer {
    const { clock, onPublish } = this.#parts;
    return whileSilent(clock, () => {
      const why = 'the disk does not answer';
      this.#setState({ type: 'full', why, eventsDropped: this.#eventsDropped });
      this.#settle();
      onPublish([...batch.changes, ...this.#waiting.changes], []);
    });
  }

  async #commit(batch: Waiting): Promise<CommitAnswer> {
    const { digests, expiries, ...rest } = batch;
    const silence = this.#whileSilent(batch);
    try {
      return await this.#parts.store.commit({
        ...rest,
        at: this.#parts.clock.now(),
        ...(digests === undefined ? {} : { digests }),
        ...(expiries === undefined ? {} : { expiries }),
      });
    } finally {
      silence.cancel();
    }
  }

  async #writeOne(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = empty();
    this.#askExpiries(batch);
    const answer = await this.#commit(batch);
    if (answer.type === 'committed') {
      this.#fullSince = undefined;
      this.#setState({ type: 'ok' });
      this.#parts.onPublish(batch.changes, answer.events);
      return;
    }
    this.#putBack(batch);
    if (answer.type === 'full') await this.#waitForRoom(answer.why);
    else this.#setState({ type: 'broken', why: answer.why });
  }

  #hasWork(): boolean {
    const { changes, events, blind, digests, expiries, cursors, tasks, mutes } = this.#waiting;
    return (
      this.#state.type !== 'broken' &&
      !this.#stopped &&
      (changes.length > 0 ||
        events.length > 0 ||
        blind.length > 0 ||
        tasks.length > 0 ||
        mutes.length > 0 ||
        digests !== undefined ||
        expiries !== undefined ||
        Object.keys(cursors).length > 0)
    );
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#hasWork()) {
      await this.#writeOne();
      this.#settle();
    }
    this.#writing = false;
  }

  #settle(): void {
    if (this.#hasWork() && this.#state.type === 'ok') return;
    const settled = this.#settling;
    this.#settling = [];
    for (const resolve of settled) resolve();
  }
}
