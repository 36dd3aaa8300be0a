/** What one channel knows of each alert: standings, and which of them have to be written. */
import type { Alert } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { type Profile, routes } from '../profile.ts';
import { newsOf } from './news.ts';
import {
  follow,
  move,
  type Standing,
  settle,
  type Told,
  tell,
  unknownStanding,
  untell,
} from './standing.ts';
import type { Entry } from './survey.ts';
import type { Writes } from './writes.ts';

export class Entries {
  readonly #channel: string;
  readonly #writes: Writes;
  readonly #entries = new Map<string, Entry>();

  constructor(channel: string, writes: Writes) {
    this.#channel = channel;
    this.#writes = writes;
  }

  list(): Iterable<Entry> {
    return this.#entries.values();
  }

  ids(): readonly string[] {
    return [...this.#entries.keys()];
  }

  find(alertId: string): Entry | undefined {
    return this.#entries.get(alertId);
  }

  restore(entry: Entry): void {
    this.#entries.set(entry.alert.id, entry);
  }

  take(alert: Alert, at: EpochMs, profile: Profile): void {
    const before = this.#entries.get(alert.id);
    if (before === undefined && (alert.phase !== 'firing' || !routes(profile, alert))) return;
    const standing = before?.standing ?? unknownStanding;
    this.#put(alert, follow(standing, alert, at, profile), before);
    this.#drop(alert.id, profile);
  }

  /** The alert is in a message; answers what was told of it before. */
  tell(alertId: string, at: EpochMs): Told | null {
    const before = this.#entries.get(alertId);
    if (before === undefined) return null;
    this.#put(before.alert, tell(before.standing, before.alert, at), before);
    return before.standing.told;
  }

  settle(alertId: string, outcome: 'accepted' | 'refused', profile: Profile): void {
    const before = this.#entries.get(alertId);
    if (before === undefined) return;
    if (before.standing.closing) this.forget(alertId);
    else this.#put(before.alert, settle(before.standing, outcome), before);
    this.#drop(alertId, profile);
  }

  untell(alertId: string, told: Told | null, profile: Profile): Alert | undefined {
    const before = this.#entries.get(alertId);
    if (before === undefined) return undefined;
    this.#put(before.alert, untell(before.standing, told), before);
    this.#drop(alertId, profile);
    return before.alert;
  }

  /** Whether one of these is told as firing, and is over by now. */
  hasEnded(alertIds: readonly string[]): boolean {
    return alertIds.some((id) => {
      const standing = this.#entries.get(id)?.standing;
      return standing !== undefined && standing.overSince !== null && !standing.closing;
    });
  }

  forget(alertId: string): void {
    this.#entries.delete(alertId);
    this.#writes.told(this.#channel, alertId, undefined);
  }

  /** The wall clock was set. */
  move(by: (at: EpochMs) => EpochMs): void {
    for (const entry of this.#entries.values()) {
      const moved = move(entry.standing, by);
      const isSame = JSON.stringify(moved) === JSON.stringify(entry.standing);
      this.#put(entry.alert, isSame ? entry.standing : moved, entry);
    }
  }

  /** It is over, and there is nothing to say of that. */
  #drop(alertId: string, profile: Profile): void {
    const entry = this.#entries.get(alertId);
    if (entry === undefined) return;
    const { overSince, closing, told } = entry.standing;
    if (overSince === null || closing) return;
    const isOnItsWay = told !== null && !told.refused && told.accepted !== told.severity;
    const news = newsOf(entry.standing, entry.alert, profile, Number.POSITIVE_INFINITY);
    if (!isOnItsWay && news === undefined) this.forget(alertId);
  }

  #put(alert: Alert, standing: Standing, before: Entry | undefined): void {
    this.#entries.set(alert.id, { alert, standing });
    if (standing !== before?.standing) this.#writes.told(this.#channel, alert.id, standing);
  }
}
