/** Acknowledgements that end by themselves: at an instant, or when the alert changes. */
import { type Alert, rankOf } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { AlertCell } from './cells.ts';
import { type DueEntry, DueQueue } from './due.ts';
import type { ChangeLog } from './log.ts';

interface Ending extends DueEntry {
  readonly id: string;
}

/** The alert as it was when it was acknowledged, or last seen since. */
type Seen = Pick<Alert, 'title' | 'message' | 'severity'>;

const whyOver = 'the time it was acknowledged for is over';

/** What has changed, in words; undefined when nothing that somebody should look at. */
function newsOf(seen: Seen, alert: Alert): string | undefined {
  if (rankOf(alert.severity) > rankOf(seen.severity)) {
    return `it was acknowledged until it changes, and is ${alert.severity} now`;
  }
  if (alert.title === seen.title && alert.message === seen.message) return undefined;
  return 'it was acknowledged until it changes, and what it says has changed';
}

/**
 * The same acknowledgement once more changes nothing, whoever it comes from and with whatever
 * comment: who took care first stays, since when too. A comment of its own is another deed.
 */
export const isSameAcknowledgement = (alert: Alert, until: EpochMs | 'change' | null): boolean =>
  alert.acknowledged &&
  alert.acknowledgedUntilChange === (until === 'change') &&
  alert.acknowledgedUntil === (until === 'change' ? null : until);

export class Acknowledgements {
  readonly #active: ReadonlyMap<string, AlertCell>;
  /** Of those that end at one moment the oldest first, which a restart and a replay find again. */
  readonly #due = new DueQueue<Ending>(({ id }) => id);
  readonly #endings = new Map<string, Ending>();
  readonly #seen = new Map<string, Seen>();
  /** Ids of those that have changed, with the reason. */
  #changed = new Map<string, string>();

  constructor(active: ReadonlyMap<string, AlertCell>) {
    this.#active = active;
  }

  /** Every alert as it is after a change, and each one that a restart brought back. */
  follow(alert: Alert): void {
    this.#followTime(alert);
    if (!alert.acknowledgedUntilChange || alert.phase === 'resolved') {
      if (this.#seen.delete(alert.id)) this.#changed.delete(alert.id);
      return;
    }
    const seen = this.#seen.get(alert.id);
    const news = seen && newsOf(seen, alert);
    if (news !== undefined) this.#changed.set(alert.id, news);
    const { title, message, severity } = alert;
    this.#seen.set(alert.id, { title, message, severity });
  }

  nextDue(): EpochMs | undefined {
    return this.#due.peek()?.due;
  }

  /** Ends what is over. The instants are those of the wall clock, however it was set meanwhile. */
  end(log: ChangeLog, now: EpochMs): void {
    for (const [id, why] of this.#changed) this.#end(id, why, log, now);
    this.#changed.clear();
    for (let first = this.#due.peek(); first?.due !== undefined && first.due <= now; ) {
      this.#end(first.id, whyOver, log, now);
      first = this.#due.peek();
    }
  }

  #end(id: string, comment: string, log: ChangeLog, now: EpochMs): void {
    const cell = this.#active.get(id);
    const ending = this.#endings.get(id);
    if (ending) this.#forget(ending);
    if (cell === undefined) return;
    const author = { by: 'tocsin', comment };
    cell.alert = log.add({ ...cell.alert, ...unacknowledged }, 'unacknowledged', now, author);
  }

  #followTime({ id, phase, acknowledgedUntil }: Alert): void {
    const until = phase === 'resolved' ? null : acknowledgedUntil;
    const known = this.#endings.get(id);
    if (until === null) {
      if (known) this.#forget(known);
      return;
    }
    const ending = known ?? { id, due: undefined, place: -1 };
    this.#endings.set(id, ending);
    this.#due.set(ending, until);
  }

  #forget(ending: Ending): void {
    this.#due.set(ending, undefined);
    this.#endings.delete(ending.id);
  }
}

/** The fields of an alert that nobody has acknowledged. */
export const unacknowledged = {
  acknowledged: false,
  acknowledgedBy: null,
  acknowledgedAt: null,
  acknowledgedUntil: null,
  acknowledgedUntilChange: false,
} satisfies Partial<Alert>;
