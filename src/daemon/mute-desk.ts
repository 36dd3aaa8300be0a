/**
 * The mute desk: holds silences and maintenance windows, makes them durable, and gives the engine
 * those that are in force. What is in force follows from the instant alone, so a lost timer or a
 * clock that jumps is set right by the next look.
 */
import { randomUUID } from 'node:crypto';
import type { Note } from '../domain/message.ts';
import type { ActiveMute, Maintenance, Silence } from '../domain/mute.ts';
import { type EpochMs, hours, type Ms, minutes, seconds } from '../domain/time.ts';
import { ulidOf } from '../domain/ulid.ts';
import type { Feed } from '../operations/house.ts';
import type {
  MaintenanceDraft,
  MuteAnswer,
  Mutes,
  Opening,
  SilenceDraft,
} from '../operations/house-mutes.ts';
import { type AcceptedOpening, acceptOpening } from '../operations/maintenance-plan.ts';
import {
  endSilence,
  overAt,
  planSilence,
  refuseWindow,
  silenceStateOf,
} from '../operations/silence-plan.ts';
import type { Calendar } from '../platform/calendar.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { within } from '../platform/within.ts';
import type { MuteRow, StoredMute, StoredOpening } from '../store/tables/mutes.ts';
import type { CommitQueue } from './commit-queue.ts';
import { reportOf } from './maintenance-report.ts';
import { MaintenanceWindows } from './maintenance-windows.ts';
import type { Pipeline } from './pipeline.ts';

/** As Alertmanager keeps them (its data.retention). */
const keptAfterEnd = hours(120);
/** What is over and still kept; beyond this the one that ended longest ago goes. */
const overMax = 5000;
/** A systemd that does not answer must not keep tocsin from its work. */
const restoredWithin = seconds(5);
/** Edges are instants of the wall clock, which may be set meanwhile: looked at this often. */
const lookEvery = minutes(1);

export interface MuteDeskParts {
  readonly pipeline: Pick<Pipeline, 'setMutes' | 'applied'>;
  readonly queue: Pick<CommitQueue, 'add' | 'settled' | 'state'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warning'>;
  readonly calendar: Calendar;
  readonly feed: Pick<Feed, 'after' | 'lastSeq'>;
  readonly longest: () => Ms;
  /** Resolves when it cannot get lost. */
  readonly tell: (note: Note) => Promise<void>;
  /** Each time it looks. */
  readonly onLook?: (silences: readonly Silence[]) => void;
}

export class MuteDesk implements Mutes {
  readonly longest: () => Ms;
  readonly #parts: MuteDeskParts;
  readonly #silences = new Map<string, Silence>();
  readonly #windows: MaintenanceWindows;
  readonly #abort = new AbortController();
  #given = '[]';
  #number = 0;
  #timer: Timer | undefined;

  /** What was stored is in force before anything else is told. */
  constructor(parts: MuteDeskParts, stored: readonly StoredMute[]) {
    this.#parts = parts;
    this.longest = parts.longest;
    for (const one of stored) if (one.type === 'silence') this.#silences.set(one.id, one.silence);
    this.#windows = new MaintenanceWindows(
      {
        calendar: parts.calendar,
        now: () => parts.clock.now(),
        signal: this.#abort.signal,
        lastSeq: () => parts.feed.lastSeq(),
        save: (row) => this.#save(row),
        report: (window, opening) => this.#report(window, opening),
        lookAgain: () => this.#look(),
        warn: (text) => parts.log.warning(text),
      },
      stored.filter((one) => one.type === 'window'),
    );
    this.#look({ isFirst: true });
  }

  /** Resolves when it is known of every window whether it is open. */
  restored(): Promise<void> {
    return within(this.#parts.clock, restoredWithin, this.#windows.reckoned(), undefined);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#abort.abort();
  }

  silences(): readonly Silence[] {
    return [...this.#silences.values()].reverse();
  }

  windows(): readonly Maintenance[] {
    return [...this.#windows.list()].reverse();
  }

  openingOf(id: string): Opening | null {
    const opening = this.#windows.openingOf(id);
    return opening && { startsAt: opening.startsAt, endsAt: opening.endsAt };
  }

  async saveSilence(draft: SilenceDraft, by: string): Promise<MuteAnswer<Silence>> {
    const before = draft.id === undefined ? undefined : this.#silences.get(draft.id);
    if (draft.id !== undefined && before === undefined) return { type: 'unknown' };
    const now = this.#parts.clock.now();
    const held = this.silences().filter((one) => silenceStateOf(one, now) !== 'expired').length;
    const limits = { now, held, longest: this.longest() };
    const plan = planSilence(before, draft, { by, newId: randomUUID }, limits);
    if (plan.type === 'wrong') return plan;
    if (plan.ended !== null) this.#putSilence(plan.ended);
    this.#putSilence(plan.silence);
    return this.#enforce(plan.silence);
  }

  async expireSilence(id: string, by: string): Promise<MuteAnswer<Silence>> {
    const found = this.#silences.get(id);
    if (found === undefined) return { type: 'unknown' };
    const ended = endSilence(found, by, this.#parts.clock.now());
    if (ended !== found) this.#putSilence(ended);
    return this.#enforce(ended);
  }

  async addWindow(draft: MaintenanceDraft, by: string): Promise<MuteAnswer<Maintenance>> {
    const now = this.#parts.clock.now();
    const held = this.windows().filter((one) => !this.#isOver(one, now)).length;
    const refused = refuseWindow(draft, { now, held, longest: this.longest() });
    if (refused !== undefined) return refused;
    const found = await this.#findOpening(draft, now);
    if (found.type === 'wrong') return found;
    this.#number += 1;
    const { createdBy = by, ...rest } = draft;
    const id = ulidOf(now, ['maintenance', String(this.#number), draft.comment]);
    const times = { createdAt: now, updatedAt: now, endedBy: null, endedAt: null };
    const window: Maintenance = { ...rest, id, createdBy, setBy: by, ...times };
    this.#windows.put(window, found.opening);
    return this.#enforce(window);
  }

  async endWindow(id: string, by: string): Promise<MuteAnswer<Maintenance>> {
    const found = this.#windows.find(id);
    if (found === undefined) return { type: 'unknown' };
    const now = this.#parts.clock.now();
    if (this.#isOver(found, now)) return { type: 'done', value: found };
    const ended = { ...found, endedBy: by, endedAt: now, updatedAt: now };
    this.#windows.end(ended);
    return this.#enforce(ended);
  }

  async #findOpening({ schedule }: MaintenanceDraft, now: EpochMs): Promise<AcceptedOpening> {
    if (schedule.type === 'once')
      return { type: 'opening', opening: { startsAt: schedule.startsAt, endsAt: schedule.endsAt } };
    const { calendar, duration } = schedule;
    return acceptOpening(await this.#windows.reckon(calendar, duration, now), this.longest());
  }

  #isOver = (window: Maintenance, now: EpochMs): boolean => now >= (overAt(window) ?? now + 1);

  #putSilence(silence: Silence): void {
    this.#silences.set(silence.id, silence);
    this.#save({ type: 'silence', id: silence.id, silence });
  }

  #save(row: MuteRow): void {
    this.#parts.queue.add({ mutes: [row] });
  }

  /** Resolves when what was changed is durable, and the engine has it. */
  async #enforce<T>(value: T): Promise<MuteAnswer<T>> {
    const { pipeline, queue } = this.#parts;
    this.#look();
    await pipeline.applied();
    await queue.settled();
    // It is in force all the same, and is stored when there is room.
    return queue.state.type === 'ok'
      ? { type: 'done', value }
      : { type: 'unstored', why: queue.state.why };
  }

  /** Gives the engine what is in force now, forgets what is long over, waits for the next edge. */
  #look({ isFirst = false } = {}): void {
    const { clock, pipeline } = this.#parts;
    if (this.#abort.signal.aborted) return;
    const now = clock.now();
    this.#windows.look(now);
    const active = [...this.#activeSilences(now), ...this.#windows.active(now)];
    const text = JSON.stringify(active);
    // The first time always: what muted an alert before this start may have ended meanwhile.
    if (isFirst || text !== this.#given) pipeline.setMutes(active);
    this.#given = text;
    this.#forget(now);
    // The first look is taken while the house is being built: nobody can be told yet.
    if (!isFirst) this.#parts.onLook?.(this.silences());
    this.#armTimer(now);
  }

  #activeSilences(now: EpochMs): readonly ActiveMute[] {
    return [...this.#silences.values()]
      .filter((one) => silenceStateOf(one, now) === 'active')
      .map(({ id, matchers }) => ({ id, type: 'silence', matchers }));
  }

  #forget(now: EpochMs): void {
    const silences = this.silences().map(({ id, endsAt }) => ({ id, at: endsAt }));
    const windows = this.windows().map((one) => ({ id: one.id, at: overAt(one) ?? now + 1 }));
    const over = [...silences, ...windows].filter(({ at }) => at <= now);
    over.sort((a, b) => b.at - a.at);
    for (const [i, { id, at }] of over.entries()) {
      if (i < overMax && at >= now - keptAfterEnd) continue;
      this.#silences.delete(id);
      this.#windows.forget(id);
      this.#save({ type: 'forgotten', id });
    }
  }

  #armTimer(now: EpochMs): void {
    const edges = [
      ...this.silences().flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
      ...this.#windows.edges(),
    ].filter((at) => at > now);
    const left = edges.reduce((least, at) => Math.min(least, at - now), lookEvery);
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(left, () => this.#look());
  }

  async #report(window: Maintenance, opening: StoredOpening): Promise<void> {
    const { feed, pipeline, queue, tell } = this.#parts;
    await pipeline.applied();
    await queue.settled();
    const note = await reportOf(window, opening, feed);
    if (note !== undefined) await tell(note);
  }
}
