/**
 * The dispatcher: what should be told against what was told, for every channel. Level-triggered:
 * it looks at how things are, so nothing depends on having seen each step. Pure: changes, attempts
 * and the time come in, messages and what must be written go out; the same in, the same out.
 */
import type { Alert, Change } from '../../domain/alert.ts';
import type { Attempt, Message, Note } from '../../domain/message.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { DeliveryMemory } from '../../store/delivery-writes.ts';
import type { Profile } from '../profile.ts';
import { Lane } from './lane.ts';
import { type LaneMemory, newLaneMemory, parseLane } from './memory.ts';
import { Noted } from './noted.ts';
import { restoreLane } from './restore.ts';
import { isTellable } from './standing.ts';
import { Writes } from './writes.ts';

export interface DispatcherParts {
  readonly host: string;
  /** From 0 to below 1: the jitter of waiting times. */
  readonly random: () => number;
}

export interface Untold {
  readonly alert: Alert;
  readonly since: EpochMs;
}

export class Dispatcher {
  readonly writes = new Writes();
  readonly #parts: DispatcherParts;
  readonly #lanes = new Map<string, Lane>();
  /** Memories of channels that are not there: their numbers go on if they come back. */
  readonly #gone = new Map<string, string>();
  /** Alerts that fire, as of the last change taken. */
  readonly #firing = new Map<string, Alert>();
  /** Since when a critical alert is to be told. */
  readonly #criticalSince = new Map<string, EpochMs>();
  readonly #noted: Noted;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#noted = new Noted(this.writes);
  }

  /** What was stored, once, before anything else. Lanes come to life in `configure`. */
  restore(
    memory: DeliveryMemory,
    profiles: readonly Profile[],
    active: readonly Alert[],
    now: EpochMs,
  ): void {
    const alerts = new Map(active.map((alert) => [alert.id, alert]));
    for (const { name, doc } of memory.channels) {
      if (this.#noted.restore(name, doc)) continue;
      this.#gone.set(name, doc);
      const profile = profiles.find((one) => one.name === name && one.enabled);
      if (parseLane(doc).isGone) continue;
      if (profile === undefined) {
        this.#forget(name, parseLane(doc));
        continue;
      }
      const lane = new Lane(profile, this.#laneParts(), parseLane(doc));
      restoreLane(lane, memory, alerts, now);
      this.#lanes.set(name, lane);
    }
    for (const { message } of memory.waiting)
      if (!this.#lanes.has(message.channel)) this.writes.drop(message, now);
    // The clock may have been wrong before: nothing that was lies in the future.
    for (const lane of this.#lanes.values()) lane.move((at) => Math.min(at, now));
  }

  /** The wall clock jumped by `delta`: what waits goes on waiting as if it had not. */
  clockStepped(delta: Ms): void {
    for (const lane of this.#lanes.values()) {
      lane.move((at) => at + delta);
      if (lane.flight !== null) lane.flight.notBefore += delta;
    }
    for (const [id, at] of this.#criticalSince) this.#criticalSince.set(id, at + delta);
  }

  /**
   * The channels there are from now on, and every active alert: those that are new are told what
   * fires; what waits for those that are gone, goes. Settings of the others hold at once.
   */
  configure(profiles: readonly Profile[], active: readonly Alert[], now: EpochMs): void {
    const enabled = new Map(profiles.filter((one) => one.enabled).map((one) => [one.name, one]));
    for (const [name, lane] of this.#lanes) if (!enabled.has(name)) this.#remove(lane, now);
    for (const profile of enabled.values()) {
      const lane = this.#lanes.get(profile.name);
      if (lane === undefined) this.#add(profile, now);
      else lane.reconfigure(profile);
    }
    this.reconcile(active, now);
  }

  take(change: Change): void {
    this.#follow(change.alert, change.at);
  }

  /** Compares with all active alerts: what a lost memory does not know of is found again. */
  reconcile(active: readonly Alert[], now: EpochMs): void {
    const known = new Set(active.map(({ id }) => id));
    for (const alert of active) this.#follow(alert, Math.min(now, alert.updatedAt));
    for (const id of this.#firing.keys()) {
      if (known.has(id)) continue;
      this.#firing.delete(id);
      this.#criticalSince.delete(id);
    }
    for (const lane of this.#lanes.values()) {
      for (const { alert } of lane.entries.list())
        if (alert.phase !== 'resolved' && !known.has(alert.id)) lane.entries.forget(alert.id);
    }
  }

  tell(note: Note, now: EpochMs): void {
    if (!this.#noted.take(note.key, now)) return;
    for (const lane of this.#lanes.values()) lane.tell(note);
  }

  /** Makes the messages that are due; answers when to look again. */
  tend(now: EpochMs): EpochMs {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...[...this.#lanes.values()].map((one) => one.tend(now)),
    );
  }

  /** The message of this channel that is due, for whoever sends it. */
  give(channel: string, now: EpochMs, mayBeUnstored: boolean): Message | undefined {
    return this.#lanes.get(channel)?.flight?.give(now, mayBeUnstored);
  }

  /** False: nothing of this kind is on its way (any more). */
  attempt(attempt: Attempt, now: EpochMs): boolean {
    const lane = this.#lanes.get(attempt.channel);
    return lane?.attempt(attempt, this.#parts.random(), now) === true;
  }

  lane(name: string): Lane | undefined {
    return this.#lanes.get(name);
  }

  lanes(): readonly Lane[] {
    return [...this.#lanes.values()];
  }

  /** Critical alerts that are to be told, since when, and that no such channel has taken. */
  untold(counts: (profile: Profile) => boolean): readonly Untold[] {
    const lanes = this.lanes().filter(({ profile }) => counts(profile));
    const isTold = (id: string): boolean =>
      lanes.some(({ entries }) => entries.find(id)?.standing.told?.accepted === 'critical');
    return [...this.#criticalSince].flatMap(([id, since]) => {
      const alert = this.#firing.get(id);
      return alert === undefined || isTold(id) ? [] : [{ alert, since }];
    });
  }

  #follow(alert: Alert, at: EpochMs): void {
    const { id } = alert;
    if (alert.phase === 'firing') this.#firing.set(id, alert);
    else this.#firing.delete(id);
    const isCry = isTellable(alert) && alert.severity === 'critical';
    if (!isCry) this.#criticalSince.delete(id);
    else if (!this.#criticalSince.has(id)) this.#criticalSince.set(id, at);
    for (const lane of this.#lanes.values()) lane.take(alert, at);
  }

  #add(profile: Profile, now: EpochMs): void {
    const { name } = profile;
    const before = this.#gone.get(name);
    const { sequence, made } = before === undefined ? newLaneMemory : parseLane(before);
    const lane = new Lane(profile, this.#laneParts(), { ...newLaneMemory, sequence, made });
    this.#lanes.set(name, lane);
    this.writes.lane(name, lane.memory, true);
    lane.hold('new', now);
  }

  #remove(lane: Lane, now: EpochMs): void {
    if (lane.flight !== null) this.writes.drop(lane.flight.message, now);
    this.#lanes.delete(lane.profile.name);
    this.#forget(lane.profile.name, lane.memory);
  }

  #forget(name: string, { sequence, made }: LaneMemory): void {
    const memory = { ...newLaneMemory, isGone: true, sequence, made };
    this.#gone.set(name, JSON.stringify(memory));
    this.writes.lane(name, memory, true);
  }

  #laneParts() {
    const titleOf = (id: string): string | undefined => this.#firing.get(id)?.title;
    return { host: this.#parts.host, writes: this.writes, titleOf };
  }
}
