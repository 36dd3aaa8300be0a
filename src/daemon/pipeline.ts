/**
 * The pipeline: readings in, durable changes out. What arrives in one tick of the event loop is
 * applied in order and becomes one batch, which is one transaction.
 */
import type { Change } from '../domain/alert.ts';
import type { BlindTime } from '../domain/health.ts';
import type { Event, Reading } from '../domain/reading.ts';
import type { Difference } from '../domain/resource.ts';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { type CompiledRules, digestsOf } from '../rules/compiled.ts';
import type { Deed, Engine, RaisedByHand } from '../rules/engine.ts';
import type { CommitQueue } from './commit-queue.ts';

/** Smaller differences between the clocks are drift, which needs no care. */
const clockStepMin = seconds(2);

export interface PipelineParts {
  readonly inventory: Inventory;
  readonly engine: Engine;
  readonly queue: CommitQueue;
  readonly clock: Clock;
  readonly log: Log;
  /** Each blind time, as it begins and as it ends. */
  readonly onBlind?: (blind: BlindTime) => void;
  /** When the change with this number is published. */
  readonly published: (seq: number) => Promise<void>;
  /** What readings have changed, as soon as it is known. */
  readonly onDifferences?: (differences: readonly Difference[]) => void;
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
    const { inventory, queue } = this.#parts;
    this.#enter((now) => {
      const detected = eventsOf(reading).map((event) => ({ ...event, detectedAt: now }));
      if (detected.length > 0) queue.add({ events: detected });
      return this.#apply(inventory.apply(collector, reading, now), now);
    });
  }

  markStale(collector: string, why: string): void {
    const { inventory } = this.#parts;
    this.#enter((now) => this.#apply(inventory.markStale(collector, why, now), now));
  }

  markFresh(collector: string): void {
    const { inventory } = this.#parts;
    this.#enter((now) => this.#apply(inventory.markFresh(collector, now), now));
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
    const { engine } = this.#parts;
    const changes = await this.#enterAndWait((now) => engine.act(alertId, deed, by, now));
    return changes.at(-1)?.seq;
  }

  /** Id of the alert, new or old, once it is durable and published; undefined beyond the limit. */
  async raise(alert: RaisedByHand, by: string): Promise<string | undefined> {
    const { engine } = this.#parts;
    const changes = await this.#enterAndWait((now) => engine.raise(alert, by, now));
    return changes.at(-1)?.alert.id ?? engine.findRaised(alert)?.id;
  }

  /** The first whole look at these kinds is in: alerts of what it did not name end. */
  settle(kinds: readonly string[], by: 'gone' | 'absent'): void {
    const { engine } = this.#parts;
    this.#enter((now) => engine.settle(kinds, now, by));
  }

  reload(rules: CompiledRules): void {
    const { engine, inventory, queue } = this.#parts;
    this.#enter((now) => {
      const changes = engine.reload(rules, inventory.list(), now);
      queue.add({ digests: digestsOf(rules) });
      return changes;
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

  #apply(differences: readonly Difference[], now: EpochMs): readonly Change[] {
    if (differences.length === 0) return [];
    this.#parts.onDifferences?.(differences);
    return this.#parts.engine.apply(differences, now);
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
    const { clock, engine, queue } = this.#parts;
    this.#scheduled = false;
    this.#followClock();
    const steps = this.#inbox;
    this.#inbox = [];
    for (const step of steps) queue.add({ changes: this.#run(step, clock.now()) });
    queue.add({ changes: this.#run((now) => engine.advance(now), clock.now()) });
    this.#armTimer();
    queue.write();
  }

  /** A wall clock that jumped must neither shorten nor lengthen what waits. */
  #followClock(): void {
    const { clock, engine, inventory, log } = this.#parts;
    const offset = clock.now() - clock.monotonic();
    const step = offset - this.#clockOffset;
    if (Math.abs(step) < clockStepMin) return;
    log.notice(`the wall clock jumped by ${Math.round(step)} ms; waiting times go on`);
    engine.clockStepped(step);
    inventory.clockStepped(step);
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
