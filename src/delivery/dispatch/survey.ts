/** One look at everything that a channel has not been told: what is ready, and what is next. */
import { type Alert, rankOf } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { isOpen, nextOpening } from '../hours.ts';
import type { Profile } from '../profile.ts';
import type { Item } from './compose.ts';
import type { Group } from './groups.ts';
import { newsOf } from './news.ts';
import type { Standing } from './standing.ts';

export interface Entry {
  readonly alert: Alert;
  readonly standing: Standing;
}

/** News of one group. */
export interface Bucket {
  readonly group: Group;
  readonly items: readonly Item[];
  readonly readyAt: EpochMs;
  /** Rank of its highest severity. */
  readonly worst: number;
}

export interface Survey {
  /** Groups with news that is told for its own sake; what is ready first, then the worst. */
  readonly buckets: readonly Bucket[];
  /** Alerts with news that waits for working hours. */
  readonly heldByHours: number;
  /** The earliest instant at which something more is ready. */
  readonly nextAt: EpochMs;
  /** Alerts with news, and since when the oldest has it. */
  readonly waiting: number;
  readonly waitingSince: EpochMs | null;
}

export type GroupOf = (alert: Alert) => Group;

interface Draft {
  readonly group: Group;
  readonly items: Item[];
  readyAt: EpochMs;
  worst: number;
}

const never = Number.POSITIVE_INFINITY;

class Surveyor {
  readonly #profile: Profile;
  readonly #groupOf: GroupOf;
  readonly #now: EpochMs;
  readonly #isOpen: boolean;
  readonly #drafts = new Map<string, Draft>();
  heldByHours = 0;
  nextAt = never;
  waiting = 0;
  waitingSince = never;

  constructor(profile: Profile, groupOf: GroupOf, now: EpochMs) {
    this.#groupOf = groupOf;
    this.#profile = profile;
    this.#now = now;
    this.#isOpen = profile.hours === null || isOpen(profile.hours, now);
  }

  look({ alert, standing }: Entry): void {
    const news = newsOf(standing, alert, this.#profile, this.#now);
    if (news === undefined) return;
    if (news.since > this.#now || !news.isAlone) this.#expect(news.readyAt);
    if (news.since > this.#now) return;
    if (news.isAlone) {
      this.waiting += 1;
      this.waitingSince = Math.min(this.waitingSince, news.since);
    }
    if (this.#waitsForHours(alert)) {
      if (news.isAlone) this.heldByHours += 1;
      return;
    }
    const group = this.#groupOf(alert);
    const draft = this.#drafts.get(group.key) ?? { group, items: [], readyAt: never, worst: 0 };
    this.#drafts.set(group.key, draft);
    draft.items.push({ alert, reason: news.reason, before: standing.told?.accepted ?? null });
    draft.worst = Math.max(draft.worst, rankOf(alert.severity));
    if (news.isAlone) draft.readyAt = Math.min(draft.readyAt, news.readyAt);
  }

  finish(toldAt: Readonly<Record<string, EpochMs>>): readonly Bucket[] {
    const { groupInterval, hours } = this.#profile;
    const buckets: Bucket[] = [];
    for (const [key, { group, items, readyAt, worst }] of this.#drafts) {
      if (readyAt === never) continue;
      const before = toldAt[key];
      // A clock that was set back must not make it wait longer than once.
      const free = before === undefined ? readyAt : Math.min(before, this.#now) + groupInterval;
      const at = Math.max(Math.min(readyAt, this.#now + this.#profile.groupWait), free);
      if (at > this.#now) this.#expect(at);
      buckets.push({ group, items, readyAt: at, worst });
    }
    if (this.heldByHours > 0 && hours !== null) this.#expect(nextOpening(hours, this.#now));
    const isReady = ({ readyAt }: Bucket): boolean => readyAt <= this.#now;
    return buckets.sort(
      (a, b) =>
        Number(isReady(b)) - Number(isReady(a)) || b.worst - a.worst || a.readyAt - b.readyAt,
    );
  }

  #expect(at: EpochMs): void {
    this.nextAt = Math.min(this.nextAt, at);
  }

  #waitsForHours(alert: Alert): boolean {
    return !this.#isOpen && this.#profile.hours?.waits.has(alert.severity) === true;
  }
}

/** `groups.toldAt`: when each group was told last, by its key. */
export function survey(
  entries: Iterable<Entry>,
  profile: Profile,
  groups: { readonly of: GroupOf; readonly toldAt: Readonly<Record<string, EpochMs>> },
  now: EpochMs,
): Survey {
  const surveyor = new Surveyor(profile, groups.of, now);
  for (const entry of entries) surveyor.look(entry);
  const buckets = surveyor.finish(groups.toldAt);
  const { heldByHours, nextAt, waiting, waitingSince } = surveyor;
  const since = waiting === 0 ? null : Math.min(waitingSince, now);
  return { buckets, heldByHours, nextAt, waiting, waitingSince: since };
}
