/**
 * Maintenance windows: which are open, when they open next, and what has to be said when one
 * closes. Whether one is open follows from the instant alone; systemd is asked beforehand.
 */
import type { ActiveMute, Maintenance, Schedule } from '../domain/mute.ts';
import { type EpochMs, type Ms, minutes } from '../domain/time.ts';
import type { Opening } from '../operations/house-mutes.ts';
import { firstOpening, openingMomentsMax, type Reckoned } from '../operations/maintenance-plan.ts';
import type { Calendar } from '../platform/calendar.ts';
import type { MuteRow, StoredMute, StoredOpening } from '../store/tables/mutes.ts';

/** Where systemd did not answer, it is asked again. */
const askAgainAfter = minutes(1);

type CalendarSchedule = Extract<Schedule, { readonly type: 'calendar' }>;
type StoredWindow = Extract<StoredMute, { readonly type: 'window' }>;

interface Entry {
  window: Maintenance;
  opening: StoredOpening | null;
  /** Over, and what they have muted is not told yet. */
  unreported: readonly StoredOpening[];
  isReporting: boolean;
  /** Systemd is being asked. */
  isAsking: boolean;
  /** Systemd is not asked before. */
  askAt: EpochMs;
  /** Why its next opening is not known, or its report cannot be made. */
  trouble: string | null;
}

export interface WindowParts {
  readonly calendar: Calendar;
  readonly now: () => EpochMs;
  readonly signal: AbortSignal;
  readonly lastSeq: () => number;
  readonly save: (row: MuteRow) => void;
  /** Tells what an opening that is over has muted; resolves when that cannot get lost. */
  readonly report: (window: Maintenance, opening: StoredOpening) => Promise<void>;
  /** Something has become known: look again. */
  readonly lookAgain: () => void;
  readonly warn: (text: string) => void;
}

const fresh = {
  unreported: [],
  isReporting: false,
  isAsking: false,
  askAt: 0,
  trouble: null,
} as const;

const covers = (opening: StoredOpening | null, now: EpochMs): opening is StoredOpening =>
  opening !== null && now >= opening.startsAt && now < opening.endsAt;

export class MaintenanceWindows {
  readonly #parts: WindowParts;
  readonly #entries = new Map<string, Entry>();
  readonly #asking = new Set<Promise<void>>();
  /** One asking at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: WindowParts, stored: readonly StoredWindow[]) {
    this.#parts = parts;
    for (const { id, window, opening, unreported } of stored)
      this.#entries.set(id, { ...fresh, window, opening, unreported });
  }

  list(): readonly Maintenance[] {
    return [...this.#entries.values()].map(({ window }) => window);
  }

  find(id: string): Maintenance | undefined {
    return this.#entries.get(id)?.window;
  }

  /** Resolves when systemd has been asked about all whose openings were not known. */
  async reckoned(): Promise<void> {
    while (this.#asking.size > 0) await Promise.all(this.#asking);
  }

  openingOf(id: string): StoredOpening | null {
    const { window, opening = null } = this.#entries.get(id) ?? {};
    const isComing = opening !== null && this.#parts.now() < opening.endsAt;
    return window?.endedAt === null && isComing ? opening : null;
  }

  put(window: Maintenance, opening: Opening): void {
    const reckonedAt = this.#parts.now();
    const { startsAt, endsAt } = opening;
    const stored = { startsAt, endsAt, reckonedAt, openedAfter: null };
    this.#entries.set(window.id, { ...fresh, window, opening: stored });
    this.#save(window.id);
  }

  end(window: Maintenance): void {
    const entry = this.#entries.get(window.id);
    if (entry === undefined) return;
    entry.window = window;
    this.#save(window.id);
  }

  forget(id: string): void {
    this.#entries.delete(id);
  }

  active(now: EpochMs): readonly ActiveMute[] {
    return [...this.#entries.values()]
      .filter(({ window, opening }) => window.endedAt === null && covers(opening, now))
      .map(({ window: { id, matchers } }) => ({ id, type: 'maintenance', matchers }));
  }

  /** Edges that are known: when something opens or closes next. */
  edges(): readonly EpochMs[] {
    return [...this.#entries.values()].flatMap(({ window, opening }) =>
      window.endedAt !== null || opening === null ? [] : [opening.startsAt, opening.endsAt],
    );
  }

  /** Marks what opens; and begins what follows where one has closed, or nobody knows the next. */
  look(now: EpochMs): void {
    for (const [id, entry] of this.#entries) {
      const { window, opening } = entry;
      const isOpen = window.endedAt === null && covers(opening, now);
      if (isOpen && opening.openedAfter === null) {
        entry.opening = { ...opening, openedAfter: this.#parts.lastSeq() };
        this.#save(id);
      }
      // A clock that was set back may have brought back an opening that was over.
      const isOver = window.endedAt !== null || opening === null || now >= opening.endsAt;
      if (isOver && opening !== null && opening.openedAfter !== null) this.#close(entry, opening);
      if (!isOpen && (isOver || now < opening.reckonedAt)) this.#reckonNext(entry, now);
      if (entry.unreported.length > 0 && !entry.isReporting) void this.#report(entry);
    }
  }

  /** The opening that lasts at `now`, or the next one. */
  async reckon(calendar: string, duration: Ms, now: EpochMs): Promise<Reckoned> {
    const { signal } = this.#parts;
    const asked = { count: openingMomentsMax, signal };
    const ask = () => this.#parts.calendar.momentsAfter(calendar, now - duration, asked);
    const asking = this.#turn.then(ask);
    this.#turn = asking.catch(() => undefined);
    const answer = await asking;
    if (answer.type !== 'moments') return answer;
    // systemd counts in whole seconds: what ended within this one would come again.
    return firstOpening(
      answer.moments.filter((moment) => moment + duration > now),
      duration,
    );
  }

  #close(entry: Entry, opening: StoredOpening): void {
    const endsAt = Math.min(opening.endsAt, entry.window.endedAt ?? opening.endsAt);
    entry.unreported = [...entry.unreported, { ...opening, endsAt }];
    entry.opening = { ...opening, openedAfter: null };
    this.#save(entry.window.id);
  }

  async #report(entry: Entry): Promise<void> {
    const [first] = entry.unreported;
    if (first === undefined) return;
    entry.isReporting = true;
    try {
      await this.#parts.report(entry.window, first);
    } catch (error) {
      // What it has muted cannot be read now; the next look tries again.
      this.#warn(entry, `no report: ${(error as Error).message}`);
      return;
    } finally {
      entry.isReporting = false;
    }
    if (this.#parts.signal.aborted) return;
    entry.trouble = null;
    entry.unreported = entry.unreported.slice(1);
    this.#save(entry.window.id);
    await this.#report(entry);
  }

  #reckonNext(entry: Entry, now: EpochMs): void {
    const { schedule, endedAt } = entry.window;
    if (schedule.type === 'once' || endedAt !== null || entry.isAsking) return;
    // Far ahead of a clock that was set back, it would never come.
    if (now < entry.askAt && now >= entry.askAt - askAgainAfter) return;
    const asking = this.#ask(entry, schedule, now);
    this.#asking.add(asking);
    void asking.finally(() => this.#asking.delete(asking));
  }

  async #ask(entry: Entry, { calendar, duration }: CalendarSchedule, now: EpochMs): Promise<void> {
    entry.isAsking = true;
    const reckoned = await this.reckon(calendar, duration, now);
    entry.isAsking = false;
    if (this.#parts.signal.aborted) return;
    if (reckoned.type === 'opening')
      entry.opening = { ...reckoned.opening, reckonedAt: now, openedAfter: null };
    // Nobody ended it: its calendar has come to its end.
    else if (reckoned.type === 'never' && entry.window.endedAt === null)
      entry.window = { ...entry.window, endedAt: now, updatedAt: now };
    else {
      entry.askAt = now + askAgainAfter;
      this.#tellTrouble(entry, reckoned);
      return;
    }
    entry.trouble = null;
    this.#save(entry.window.id);
    this.#parts.lookAgain();
  }

  #tellTrouble(entry: Entry, reckoned: Reckoned): void {
    const why = 'why' in reckoned ? reckoned.why : 'its openings follow each other without a gap';
    this.#warn(entry, why);
  }

  #warn(entry: Entry, why: string): void {
    if (why !== entry.trouble)
      this.#parts.warn(`maintenance “${entry.window.comment}”: ${why}, trying again`);
    entry.trouble = why;
  }

  #save(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const { window, opening, unreported } = entry;
    this.#parts.save({ type: 'window', id, window, opening, unreported });
  }
}
