/**
 * A lane: one channel, what it was told of each alert, and at most one message on its way. News
 * that comes meanwhile is collected, and whatever held it back, it goes as one digest.
 */
import type { Alert } from '../../domain/alert.ts';
import { type Attempt, type Message, type Note, saidOf } from '../../domain/message.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import { budgetOpensAt, withinHour } from '../budget.ts';
import { isOpen } from '../hours.ts';
import type { Profile } from '../profile.ts';
import { composeAlerts, composeNote, type Envelope } from './compose.ts';
import { Entries } from './entries.ts';
import { Flight } from './flight.ts';
import { type Group, rememberGroups } from './groups.ts';
import { type Hold, type LaneMemory, moveLane, newLaneMemory } from './memory.ts';
import type { Told } from './standing.ts';
import { type Bucket, type Survey, survey } from './survey.ts';
import { whyDigest } from './why.ts';
import type { Writes } from './writes.ts';

/** What takes longer to arrive was an outage. */
const outageMin = minutes(1);
/** In an outage this long, news is put together anew before each attempt. */
const foldedAfter = minutes(10);
/** Notes that wait; beyond this the oldest go. */
const notesMax = 100;

export interface LaneParts {
  readonly host: string;
  readonly writes: Writes;
  readonly titleOf: (alertId: string) => string | undefined;
}

const without = (held: LaneMemory['held'], holds: readonly Hold[]): LaneMemory['held'] =>
  Object.fromEntries(Object.entries(held).filter(([hold]) => !holds.includes(hold as Hold)));

export class Lane {
  readonly entries: Entries;
  flight: Flight | null = null;
  #profile: Profile;
  #groupOf: (alert: Alert) => Group;
  #memory: LaneMemory;
  /** Of the message that was folded, for the one in its place. */
  #failures = 0;
  readonly #parts: LaneParts;

  constructor(profile: Profile, parts: LaneParts, memory: LaneMemory = newLaneMemory) {
    this.#profile = profile;
    this.#groupOf = rememberGroups(profile.groupBy);
    this.#parts = parts;
    this.#memory = memory;
    this.entries = new Entries(profile.name, parts.writes);
  }

  get profile(): Profile {
    return this.#profile;
  }

  get memory(): LaneMemory {
    return this.#memory;
  }

  reconfigure(profile: Profile): void {
    this.#profile = profile;
    this.#groupOf = rememberGroups(profile.groupBy);
  }

  take(alert: Alert, at: EpochMs): void {
    this.entries.take(alert, at, this.#profile);
  }

  tell(note: Note): void {
    if (!this.#profile.severities.has('info')) return;
    this.#remember({ notes: [...this.#memory.notes, note].slice(-notesMax) });
  }

  hold(why: Hold, since: EpochMs): void {
    if (this.#memory.held[why] !== undefined) return;
    this.#remember({ held: { ...this.#memory.held, [why]: since } });
  }

  /** The wall clock was set, or had been wrong before a restart. */
  move(by: (at: EpochMs) => EpochMs): void {
    this.entries.move(by);
    const moved = moveLane(this.#memory, by);
    if (JSON.stringify(moved) !== JSON.stringify(this.#memory)) this.#remember(moved);
  }

  survey(now: EpochMs): Survey {
    return survey(
      this.entries.list(),
      this.#profile,
      { of: this.#groupOf, toldAt: this.#memory.groups },
      now,
    );
  }

  /** Makes the next message when it is time; answers when to look again. */
  tend(now: EpochMs): EpochMs {
    const seen = this.survey(now);
    const { flight } = this;
    if (flight !== null) {
      const again = flight.notBefore > now ? flight.notBefore : Number.POSITIVE_INFINITY;
      if (!this.#mayFold(flight, seen, now)) return again;
      this.#fold(flight, now);
      return this.tend(now);
    }
    if (seen.heldByHours > 0) this.hold('hours', now);
    const note = this.#readyNote(now);
    const ready = seen.buckets[0];
    const isReady = ready !== undefined && ready.readyAt <= now;
    if (!isReady && note === undefined) {
      if (seen.waiting === 0) this.#release([]);
      return Math.min(seen.nextAt, this.#notesOpenAt(now));
    }
    const opensAt = budgetOpensAt(this.#profile.budget, this.#memory.sent, now);
    if (opensAt > now) {
      this.hold('budget', now);
      return Math.min(opensAt, seen.nextAt);
    }
    if (isReady) this.#sendAlerts(seen, ready, now);
    else if (note !== undefined) this.#sendNote(note, now);
    return Number.POSITIVE_INFINITY;
  }

  /** Whether the attempt concerns what is on its way. */
  attempt(attempt: Attempt, random: number, now: EpochMs): boolean {
    const { flight } = this;
    if (flight?.message.key !== attempt.key) return false;
    if (!flight.note(attempt, random, now)) return true;
    if (attempt.outcome.type !== 'retry') this.#land(flight, attempt, now);
    else this.#fail(attempt, { downSince: this.#memory.downSince ?? attempt.at });
    this.#parts.writes.attempt(attempt, this.flight === null ? null : flight.notBefore);
    return true;
  }

  /** A test message was tried: it says how the channel is, and that what waits need not. */
  tested(attempt: Attempt): void {
    if (attempt.outcome.type !== 'delivered') this.#fail(attempt, {});
    else this.#remember({ failingSince: null, reason: null, lastDeliveredAt: attempt.at });
    this.flight?.tested(attempt);
  }

  #land(flight: Flight, attempt: Attempt, now: EpochMs): void {
    const isTaken = attempt.outcome.type === 'delivered';
    this.flight = null;
    const downSince = Math.min(this.#memory.downSince ?? now, flight.message.at);
    if (now - downSince > outageMin) this.hold('outage', downSince);
    if (isTaken) {
      const lastDeliveredAt = attempt.at;
      this.#remember({ downSince: null, failingSince: null, reason: null, lastDeliveredAt });
    } else this.#fail(attempt, { downSince: null });
    for (const alertId of Object.keys(flight.undo))
      this.entries.settle(alertId, isTaken ? 'accepted' : 'refused', this.#profile);
    this.#parts.writes.end(attempt.key, isTaken ? 'delivered' : 'refused', now);
  }

  #fail(attempt: Attempt, more: Partial<LaneMemory>): void {
    const failingSince = this.#memory.failingSince ?? attempt.at;
    this.#remember({ ...more, failingSince, reason: saidOf(attempt.outcome) });
  }

  #mayFold(flight: Flight, { buckets }: Survey, now: EpochMs): boolean {
    const { downSince } = this.#memory;
    if (downSince === null || now - downSince < foldedAfter || !flight.mayFold(now)) return false;
    return buckets.length > 0 || this.entries.hasEnded(Object.keys(flight.undo));
  }

  /** It surely never arrived: as if it had never been made. Its number is used again. */
  #fold(flight: Flight, now: EpochMs): void {
    const { groups, sent, sequence, downSince } = this.#memory;
    const keys = Object.entries(flight.undo).flatMap(([alertId, told]) => {
      const alert = this.entries.untell(alertId, told, this.#profile);
      return alert === undefined ? [] : [this.#groupOf(alert).key];
    });
    const folded = new Set(keys);
    this.flight = null;
    this.#failures = flight.failures;
    this.hold('outage', downSince ?? flight.message.at);
    this.#remember({
      sequence: sequence - 1,
      sent: sent.filter((at) => at !== flight.message.at),
      groups: Object.fromEntries(Object.entries(groups).filter(([key]) => !folded.has(key))),
    });
    this.#parts.writes.end(flight.message.key, 'folded', now);
  }

  #readyNote(now: EpochMs): Note | undefined {
    return this.#notesOpenAt(now) <= now ? this.#memory.notes[0] : undefined;
  }

  #notesOpenAt(now: EpochMs): EpochMs {
    const { hours } = this.#profile;
    if (this.#memory.notes.length === 0) return Number.POSITIVE_INFINITY;
    // Looked at with the alerts; a minute late is early enough for a report.
    return hours?.waits.has('info') === true && !isOpen(hours, now) ? now + minutes(1) : now;
  }

  #sendNote(note: Note, now: EpochMs): void {
    const message = composeNote(this.#envelope(now), note);
    this.#remember({ notes: this.#memory.notes.slice(1) });
    this.#launch(message, {}, now);
  }

  #sendAlerts(seen: Survey, ready: Bucket, now: EpochMs): void {
    const stillHeld: readonly Hold[] = seen.heldByHours > 0 ? ['hours'] : [];
    const held = without(this.#memory.held, stillHeld);
    const isDigest = Object.keys(held).length > 0 && seen.buckets.length > 1;
    const buckets = isDigest ? seen.buckets : [ready];
    const about = isDigest ? { why: whyDigest(held, this.#profile, now) } : { group: ready.group };
    const items = buckets.flatMap((bucket) => bucket.items);
    const message = composeAlerts(this.#envelope(now), items, about, this.#parts.titleOf);
    const undo: Record<string, Told | null> = {};
    for (const { alert } of items) undo[alert.id] = this.entries.tell(alert.id, now);
    const { groupInterval } = this.#profile;
    const recent = Object.entries(this.#memory.groups).filter(([, at]) => at > now - groupInterval);
    const told = buckets.map(({ group }) => [group.key, now] as const);
    this.#remember({ groups: Object.fromEntries([...recent, ...told]) });
    this.#release(stillHeld);
    this.#launch(message, undo, now);
  }

  #envelope(at: EpochMs): Envelope {
    const { sequence, made } = this.#memory;
    const { host } = this.#parts;
    const { name: channel, itemsMax } = this.#profile;
    return { channel, sequence: sequence + 1, made: made + 1, at, host, itemsMax };
  }

  #launch(message: Message, undo: Flight['undo'], now: EpochMs): void {
    const sent = [...withinHour(this.#memory.sent, now), now];
    this.#remember({ sequence: message.sequence, made: this.#memory.made + 1, sent });
    this.flight = new Flight(message, undo, undefined, this.#failures);
    this.#failures = 0;
    this.#parts.writes.message(this.flight);
  }

  #release(except: readonly Hold[]): void {
    const { held } = this.#memory;
    const kept = Object.fromEntries(
      Object.entries(held).filter(([hold]) => except.includes(hold as Hold)),
    );
    if (Object.keys(kept).length < Object.keys(held).length) this.#remember({ held: kept });
  }

  #remember(part: Partial<LaneMemory>): void {
    this.#memory = { ...this.#memory, ...part };
    this.#parts.writes.lane(this.#profile.name, this.#memory);
  }
}
