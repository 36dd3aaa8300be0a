/**
 * The pipeline: readings in, durable changes out. What arrives in one tick of the event loop is
 * applied in order and becomes one batch, which is one transaction.
 */
import type { Change } from '../domain/alert.ts';
import type { BlindTime } from '../domain/health.ts';
import type { ActiveMute } from '../domain/mute.ts';
import type { Event, Reading } from '../domain/reading.ts';
import type { Difference } from '../domain/resource.ts';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { applyInput, type Input, type Tap } from '../recording/input.ts';
import { type CompiledRules, digestsOf } from '../rules/compiled.ts';
import type { Deed, Engine, FlapSettings, RaisedByHand } from '../rules/engine.ts';
import type { CommitQueue } from './commit-queue.ts';

/** Smaller differences between the clocks are drift, which needs no care. */
const clockStepMin = seconds(2);

export interface PipelineParts {
  readonly inventory: Inventory;
  readonly engine: Engine;
  readonly queue: Pick<CommitQueue, 'add' | 'write'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Each blind time, as it begins and as it ends. */
  readonly onBlind?: (blind: BlindTime) => void;
  /** When the change with this number is published. */
  readonly published: (seq: number) => Promise<void>;
  /** What readings have changed, as soon as it is known. */
  readonly onDifferences?: (differences: readonly Difference[]) => void;
  /** For those who keep or record what comes in. */
  readonly tap?: Tap;
}

type Step = (now: EpochMs) => readonly Change[];

const nothing: Step = () => [];

const eventsOf = (reading: Reading): readonly Event[] =>
  reading.type === 'complete' || reading.type === 'partial' ? reading.events : [];

export class Pipeline {
  readonly #parts: PipelineParts;
  #inbox: Step[] = [];
  #scheduled = false;
  #timer: Timer | undefined;
  #clockOffset: Ms;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#clockOffset = parts.clock.now() - parts.clock.monotonic();
  }

  tell(collector: string, reading: Reading): void {
    const { queue } = this.#parts;
    this.#enter((now) => {
      const detected = eventsOf(reading).map((event) => ({ ...event, detectedAt: now }));
      if (detected.length > 0) queue.add({ events: detected });
      return this.#take({ type: 'reading', collector, reading }, now);
    });
  }

  markStale(collector: string, why: string): void {
    this.#enter((now) => this.#take({ type: 'stale', collector, why }, now));
  }

  markFresh(collector: string): void {
    this.#enter((now) => this.#take({ type: 'fresh', collector }, now));
  }

  blindTime(blind: BlindTime): void {
    this.#parts.onBlind?.(blind);
    this.#parts.queue.add({ blind: [blind] });
    this.#enter(nothing);
  }

  saveCursor(name: string, value: string): void {
    this.#parts.queue.add({ cursors: { [name]: value } });
    this.#enter(nothing);
  }

  /** Number of the last change it made, once that is durable and published; undefined for none. */
  async act(alertId: string, deed: Deed, by: string): Promise<number | undefined> {
    const input: Input = { type: 'act', alertId, deed, by };
    const changes = await this.#enterAndWait((now) => this.#take(input, now));
    return changes.at(-1)?.seq;
  }

  /** Id of the alert, new or old, once it is durable and published; undefined beyond the limit. */
  async raise(alert: RaisedByHand, by: string): Promise<string | undefined> {
    const { engine } = this.#parts;
    const input: Input = { type: 'raise', alert, by };
    const changes = await this.#enterAndWait((now) => this.#take(input, now));
    return changes.at(-1)?.alert.id ?? engine.findRaised(alert)?.id;
  }

  /** The first whole look at these kinds is in: alerts of what it did not name end. */
  settle(kinds: readonly string[], by: 'gone' | 'absent'): void {
    this.#enter((now) => this.#take({ type: 'settle', kinds, by }, now));
  }

  reload(rules: CompiledRules): void {
    const { queue } = this.#parts;
    this.#enter((now) => {
      const changes = this.#take({ type: 'reload', rules }, now);
      queue.add({ digests: digestsOf(rules) });
      return changes;
    });
  }

  /** The silences and maintenance windows that are in force from now on: all of them. */
  setMutes(mutes: readonly ActiveMute[]): void {
    this.#enter((now) => this.#take({ type: 'mutes', mutes }, now));
  }

  /** From how many changes on an alert flaps. */
  setFlapping(settings: FlapSettings | null): void {
    this.#enter((now) => this.#take({ type: 'flapping', settings }, now));
  }

  /**
   * All rules look at all resources anew; `begin`, called before, says what is settled. What is due
   * is done before that: no memory holds the middle of a tick.
   */
  takeStock(begin: (now: EpochMs) => readonly string[]): void {
    this.#enter((now) => this.#advance(now));
    this.#enter((now) => {
      const settled = begin(now);
      return this.#take({ type: 'stock', settled }, now);
    });
  }

  /** Resolves when everything told so far has been applied. */
  applied(): Promise<void> {
    return new Promise((resolve) =>
      this.#enter(() => {
        resolve();
        return [];
      }),
    );
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #take(input: Input, now: EpochMs): readonly Change[] {
    const outcome = applyInput(this.#parts, input, now);
    const { differences, changes } = outcome;
    if (differences.length > 0) this.#parts.onDifferences?.(differences);
    this.#parts.tap?.(input, now, outcome);
    return changes;
  }

  /** Only where there is something to do: most of what comes leaves nothing due. */
  #advance(now: EpochMs): readonly Change[] {
    const due = this.#parts.engine.nextDue();
    return due === undefined || due > now ? [] : this.#take({ type: 'advance' }, now);
  }

  #enter(step: Step): void {
    this.#inbox.push(step);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.clock.soon(() => this.#flush());
  }

  /** Resolves with the changes of the step once they are published. */
  #enterAndWait(step: Step): Promise<readonly Change[]> {
    return new Promise((resolve) => {
      this.#enter((now) => {
        const changes = this.#run(step, now);
        const last = changes.at(-1)?.seq;
        if (last === undefined) resolve(changes);
        else void this.#parts.published(last).then(() => resolve(changes));
        return changes;
      });
    });
  }

  #run(step: Step, now: EpochMs): readonly Change[] {
    try {
      return step(now);
    } catch (error) {
      // A bug in one step must not take the others with it.
      this.#parts.log.error(`a step of the pipeline failed, ignoring: ${(error as Error).stack}`);
      return [];
    }
  }

  #flush(): void {
    const { clock, queue } = this.#parts;
    this.#scheduled = false;
    this.#followClock();
    const steps = this.#inbox;
    this.#inbox = [];
    for (const step of steps) queue.add({ changes: this.#run(step, clock.now()) });
    queue.add({ changes: this.#run((now) => this.#advance(now), clock.now()) });
    this.#armTimer();
    queue.write();
  }

  /** A wall clock that jumped must neither shorten nor lengthen what waits. */
  #followClock(): void {
    const { clock, log } = this.#parts;
    const offset = clock.now() - clock.monotonic();
    const step = offset - this.#clockOffset;
    if (Math.abs(step) < clockStepMin) return;
    log.notice(`the wall clock jumped by ${Math.round(step)} ms; waiting times go on`);
    this.#take({ type: 'clock', delta: step }, clock.now());
    this.#clockOffset = offset;
  }

  #armTimer(): void {
    const { clock, engine } = this.#parts;
    this.#timer?.cancel();
    const due = engine.nextDue();
    if (due === undefined) return;
    this.#timer = clock.after(Math.max(0, due - clock.now()), () => this.#flush());
  }
}
