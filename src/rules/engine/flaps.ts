/**
 * Flap detection: who flaps is announced once, and not at each change.
 *
 * Elsewhere flapping is a share: of the last 21 checks, how many found another state. tocsin has
 * no checks to divide by: it hears of a change when it happens, in a millisecond or in a month. So
 * the share is one of time: changes of state (begun, ended, another severity) in a window, and a
 * state that changes as often flaps as much, whether it is read each second or told by a signal.
 * It flaps from `enter` changes in the window on, until there are fewer than `exit`.
 *
 * Only what would be announced counts: what is muted (silence, maintenance, a cause) makes no
 * message that would have to be spared.
 */
import { type Alert, type Change, rankOf } from '../../domain/alert.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { FlapSettings } from '../engine.ts';
import { createFlapCell, type FlapCell, occurrenceKey } from './cells.ts';
import { flapKeyOf, flappingRule, isOfFlaps, newFlapAlert, stoodFor } from './flap-alert.ts';
import type { Author } from './log.ts';
import type { EngineParts } from './moves.ts';

/** Rule × resource whose changes are remembered; beyond this those go that changed longest ago. */
const tracksMax = 20_000;

/** What is muted for other reasons than flapping itself. */
const isMutedBy = (alert: Alert, flapping: string | undefined): boolean =>
  alert.mutedBy.some((id) => id !== flapping);

const ruleIn = (key: string): string => key.slice(0, key.indexOf(' '));

/** Whether the change is one of state. What a person or a reload ends does not flap. */
function isTurn({ reason, alert }: Change): boolean {
  if (alert.origin !== 'rule' || isOfFlaps(alert)) return false;
  if (reason === 'raised' || reason === 'severity') return true;
  if (reason !== 'resolved') return false;
  return alert.resolvedBy !== 'rule-removed' && !alert.resolvedBy?.startsWith('operator:');
}

export class Flaps {
  readonly #parts: EngineParts;
  #settings: FlapSettings | null;
  /** By `RULE KIND ID`, that which changed longest ago first: the latest instants, oldest first. */
  readonly #tracks = new Map<string, EpochMs[]>();
  /** Of the tick that is going on. */
  #turns: Change[] = [];

  constructor(parts: EngineParts, settings: FlapSettings | null) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** Every change, as it is made. */
  note(change: Change): void {
    if (this.#settings !== null && isTurn(change)) this.#turns.push(change);
  }

  /** There is something to `settle`. */
  get isDue(): boolean {
    return this.#turns.length > 0;
  }

  /** Counts what a tick has changed, now that it is known who is to blame. */
  settle(now: EpochMs): void {
    if (this.#turns.length === 0) return;
    const turns = this.#turns;
    this.#turns = [];
    for (const { alert, at } of turns) this.#count(alert, at, now);
  }

  /** The window of one that flaps may have become calm. */
  wake(cell: FlapCell, now: EpochMs): void {
    // Set back while tocsin was away, the clock would let it flap until it has caught up.
    const track = this.#tracks.get(cell.key)?.map((at) => Math.min(at, now));
    if (track) this.#tracks.set(cell.key, track);
    const end = this.#calmAt(cell.key);
    if (end > now) this.#parts.due.set(cell, end);
    else this.#end(cell, 'recovered', now);
  }

  /** It is told of no more, although it flaps on; its alerts are announced again. */
  endByHand(cell: FlapCell, author: Author, now: EpochMs): void {
    const { active, log } = this.#parts;
    active.delete(cell.alert.id);
    const resolvedBy = `operator:${author.by ?? ''}`;
    const end = { phase: 'resolved', resolvedAt: now, resolvedBy, stillTrue: true } as const;
    cell.alert = log.add({ ...cell.alert, ...end }, 'resolved', now, author);
    this.#unmute(cell.alert, now);
  }

  /** Other settings. What flapped by the old ones goes on by the new ones. */
  set(settings: FlapSettings | null, now: EpochMs): void {
    this.#settings = settings;
    if (settings === null) this.keep(() => false, now);
    for (const cell of this.#parts.flapping.values()) {
      this.#parts.due.set(cell, this.#calmAt(cell.key));
    }
  }

  /** Other rules: under one that is not the same nothing has flapped yet. */
  keep(isSame: (rule: string) => boolean, now: EpochMs): void {
    for (const key of this.#tracks.keys()) {
      if (!isSame(ruleIn(key))) this.#tracks.delete(key);
    }
    for (const cell of this.#parts.flapping.values()) {
      if (!isSame(stoodFor(cell.alert))) this.#end(cell, 'rule-removed', now);
    }
  }

  get settings(): FlapSettings | null {
    return this.#settings;
  }

  /** After a restart: what has changed lately, before any alert is adopted. */
  restore(
    turns: Readonly<Record<string, readonly EpochMs[]>>,
    isSame: (rule: string) => boolean,
  ): void {
    if (this.#settings === null) return;
    for (const [key, instants] of Object.entries(turns)) {
      if (isSame(ruleIn(key))) this.#tracks.set(key, instants.slice(-this.#settings.enter));
    }
  }

  /** Takes the alert of one that flapped before a restart; false: nobody looks for that now. */
  adopt(alert: Alert): boolean {
    const { active, flapping, due } = this.#parts;
    if (this.#settings === null) return false;
    const { kind, id } = alert.resource;
    const cell = createFlapCell(occurrenceKey(stoodFor(alert), kind, id), alert);
    flapping.set(cell.key, cell);
    if (alert.phase === 'firing') active.set(alert.id, cell);
    due.set(cell, 0);
    return true;
  }

  /** What has changed lately, as `restore` takes it. */
  turns(): Readonly<Record<string, readonly EpochMs[]>> {
    return Object.fromEntries([...this.#tracks].map(([key, instants]) => [key, [...instants]]));
  }

  clockStepped(delta: Ms): void {
    for (const [key, instants] of this.#tracks) {
      this.#tracks.set(
        key,
        instants.map((at) => at + delta),
      );
    }
    for (const cell of this.#parts.flapping.values()) this.#parts.due.set(cell, 0);
  }

  /** When it has changed fewer than `exit` times in the window, if it does not change again. */
  #calmAt(key: string): EpochMs {
    if (this.#settings === null) return 0;
    const { window, exit } = this.#settings;
    const last = this.#tracks.get(key)?.at(-exit);
    return last === undefined ? 0 : last + window;
  }

  #count(turned: Alert, at: EpochMs, now: EpochMs): void {
    const settings = this.#settings;
    if (settings === null) return;
    const { active, roster, flapping, due } = this.#parts;
    if (roster.byId.get(turned.rule)?.rule.flapping === false) return;
    const alert = active.get(turned.id)?.alert ?? turned;
    const key = flapKeyOf(alert);
    const cell = flapping.get(key);
    if (isMutedBy(alert, cell?.alert.id)) return;
    const track = this.#follow(key, settings, at);
    if (cell === undefined) {
      if (track.length >= settings.enter) this.#begin(key, alert, track, now);
      return;
    }
    due.set(cell, this.#calmAt(key));
    if (cell.alert.phase === 'firing') this.#worsen(cell, alert, now);
  }

  /** The instants in the window, this one included; at most as many as it takes to flap. */
  #follow(key: string, { window, enter }: FlapSettings, now: EpochMs): readonly EpochMs[] {
    const tracks = this.#tracks;
    const before = (tracks.get(key) ?? []).filter((at) => at > now - window && at <= now);
    const track = [...before, now].slice(-enter);
    tracks.delete(key);
    tracks.set(key, track);
    for (const [oldest, instants] of tracks) {
      const isOver = (instants.at(-1) ?? 0) <= now - window;
      if (oldest === key || (!isOver && tracks.size <= tracksMax)) break;
      tracks.delete(oldest);
    }
    return track;
  }

  #begin(key: string, about: Alert, track: readonly EpochMs[], now: EpochMs): void {
    const { active, flapping, log, mutes, occurrences, due, limits } = this.#parts;
    if (active.size >= limits.alertsMax || this.#settings === null) return;
    const count = occurrenceKey(flappingRule, about.resource.kind, about.resource.id);
    const occurrence = (occurrences.get(count) ?? 0) + 1;
    occurrences.set(count, occurrence);
    const at = { now, occurrence, seq: log.lastSeq + 1 };
    const alert = newFlapAlert(about, track, this.#settings.window, at);
    const cell = createFlapCell(key, log.add(mutes.renew(alert), 'raised', now));
    flapping.set(key, cell);
    active.set(cell.alert.id, cell);
    due.set(cell, this.#calmAt(key));
    this.#unmute(cell.alert, now);
  }

  /** A worse state than the one that was told of must not hide behind it. */
  #worsen(cell: FlapCell, { severity }: Alert, now: EpochMs): void {
    if (rankOf(severity) <= rankOf(cell.alert.severity)) return;
    const { log, mutes } = this.#parts;
    const worse = mutes.renew({ ...cell.alert, severity });
    cell.alert = log.add(worse, 'severity', now);
  }

  #end(cell: FlapCell, resolvedBy: string, now: EpochMs): void {
    const { active, flapping, due, log } = this.#parts;
    active.delete(cell.alert.id);
    flapping.delete(cell.key);
    due.set(cell, undefined);
    if (cell.alert.phase === 'resolved') {
      log.add({ ...cell.alert, stillTrue: false }, 'cleared', now);
      return;
    }
    const end = { phase: 'resolved', resolvedAt: now, resolvedBy } as const;
    this.#unmute(log.add({ ...cell.alert, ...end }, 'resolved', now), now);
  }

  /** The alert that it stands for is muted from now on, or no more. */
  #unmute(flapping: Alert, now: EpochMs): void {
    const { roster, log, mutes } = this.#parts;
    const cell = roster.byId.get(stoodFor(flapping))?.cells.get(flapping.resource.id);
    if (cell?.alert?.phase !== 'firing') return;
    const muted = mutes.renew(cell.alert);
    if (muted !== cell.alert) cell.alert = log.add(muted, 'muted', now);
  }
}
