/** Listens to lines of the kernel log, whichever source they come from, and tells their faults. */
import { type Event, partial } from '../../domain/reading.ts';
import { type EpochMs, hours, type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Watcher } from '../collector.ts';
import { findFault } from './fault-lines.ts';
import type { FaultMemory } from './fault-memory.ts';
import { toldByHost } from './faults.ts';
import type { KernelLine } from './kernel-line.ts';

/** At the very first start, what happened before then is history and no news. */
const newsAge: Ms = hours(1);
/** Counts alone are not urgent. */
const countsEvery: Ms = seconds(1);

export interface EarParts {
  readonly clock: Clock;
  readonly watcher: Watcher;
  readonly memory: FaultMemory;
  readonly bootId: string;
  /** When the running kernel was started. */
  readonly bootedAt: () => EpochMs;
}

export class KernelEar {
  readonly #parts: EarParts;
  readonly #startedAt: EpochMs;
  #events: Event[] = [];
  #planned: 'none' | 'counts' | 'now' = 'none';

  constructor(parts: EarParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** `known`: the line was dealt with before the last restart. True when it was an event. */
  hear(line: KernelLine, known: boolean): boolean {
    const found = line.isKernel ? findFault(line.text) : undefined;
    if (found === undefined) return false;
    const { memory, watcher } = this.#parts;
    const at = this.#instantOf(line);
    const isHistory = watcher.lastSeenAt === undefined && at < this.#startedAt - newsAge;
    const event = memory.take({
      found,
      text: line.text,
      at,
      key: this.#keyOf(line),
      foundBy: at < this.#startedAt ? 'journal' : 'signal',
      silent: known || isHistory,
    });
    const isNews = event !== undefined && !watcher.wasStored(event);
    if (isNews) this.#events.push(event);
    this.#plan(isNews);
    return isNews;
  }

  /** Tells what has come up to now. */
  flush(): void {
    const { memory, watcher } = this.#parts;
    this.#planned = 'none';
    const { resources, gone } = memory.takeChanged();
    const events = this.#events.splice(0);
    if (watcher.signal.aborted || resources.length + gone.length + events.length === 0) return;
    watcher.tell(partial(resources, { gone, events }));
    const isHosts = events.some(({ attributes }) =>
      toldByHost.some((fault) => fault === attributes.fault),
    );
    if (isHosts) watcher.lookAgain('the kernel log tells of a fault of the machine');
  }

  #plan(urgent: boolean): void {
    const { clock } = this.#parts;
    if (urgent && this.#planned !== 'now') {
      this.#planned = 'now';
      clock.soon(() => this.flush());
    } else if (this.#planned === 'none') {
      this.#planned = 'counts';
      clock.after(countsEvery, () => this.flush());
    }
  }

  #instantOf({ at, uptime }: KernelLine): EpochMs {
    const { clock, bootedAt } = this.#parts;
    const now = clock.now();
    return Math.min(now, at ?? (uptime === undefined ? now : bootedAt() + uptime));
  }

  /** The time since the boot is the same in both sources, and no two lines have the same. */
  #keyOf({ bootId, uptime, position, text }: KernelLine): string {
    const boot = bootId ?? this.#parts.bootId;
    return uptime === undefined ? position : `${boot} ${uptime} ${text.slice(0, 40)}`;
  }
}
