/**
 * Who is to blame. While an inhibitor's alert fires, the alerts that name it in `inhibitedBy` are
 * muted by it; where no rule says so, what resources need tells (rules/cause). `cause` is the
 * first of the chain in both. Mutes decide who is told; phases never depend on them.
 */
import { type Alert, rankOf } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Causes } from '../cause/causes.ts';
import type { Scope } from '../compiled.ts';
import type { Cell, Roster } from './cells.ts';
import { Inhibition } from './inhibition.ts';
import type { ChangeLog } from './log.ts';
import { type Mutes, sameIds } from './mutes.ts';
import { Verdicts } from './verdicts.ts';

/** Victims that an alert lists, in the order in which they came; further ones still name it. */
const victimsMax = 1000;
/** A longer list is told once a tick, not at each step: every change of it holds all the ids. */
const victimsAtOnceMax = 100;
/** Whoever is freed may mute others, who free others; two rounds are the most that was seen. */
const roundsMax = 8;

/** Alerts that this one is a victim of, in its own words. */
const blamedBy = ({ mutedBy, cause }: Pick<Alert, 'mutedBy' | 'cause'>): ReadonlySet<string> =>
  new Set(cause === null ? mutedBy : [...mutedBy, cause]);

const isWorse = (a: Alert, b: Alert): boolean => rankOf(a.severity) > rankOf(b.severity);

const byAlert = (a: Cell, b: Cell): number => ((a.alert?.id ?? '') < (b.alert?.id ?? '') ? -1 : 1);

export class Blame {
  readonly #inhibition: Inhibition;
  readonly #mutes: Mutes;
  readonly #verdicts: Verdicts;
  /** Firing cells by the id of their alert. */
  readonly #firing = new Map<string, Cell>();
  /** Ids of the victims of each alert that mutes. */
  readonly #victims = new Map<string, Set<string>>();
  readonly #changedVictims = new Set<Cell>();
  readonly #changedCauses = new Set<string>();
  #toldAt: EpochMs = 0;

  /** Without `causes` only rules say who is to blame. */
  constructor(roster: Roster, mutes: Mutes, causes?: Causes) {
    this.#inhibition = new Inhibition(roster);
    this.#mutes = mutes;
    this.#verdicts = new Verdicts(causes);
  }

  /** Since when there is something to `settle`; undefined: there is nothing. */
  get dueAt(): EpochMs | undefined {
    return this.#changedCauses.size > 0 || this.#verdicts.isDue ? this.#toldAt : undefined;
  }

  see(resource: Resource): void {
    this.#verdicts.see(resource);
  }

  lose(kind: string, id: string): void {
    this.#verdicts.lose(kind, id);
  }

  /** All resources of these kinds have been seen: blame that was restored is judged anew. */
  settleKinds(kinds: readonly string[]): void {
    this.#verdicts.settleKinds(kinds);
  }

  /** A cell fires from now on. */
  fires(cell: Cell): void {
    const { alert } = cell;
    if (alert === undefined) return;
    this.#firing.set(alert.id, cell);
    this.#verdicts.fires(alert);
    this.#touchWaiting(cell);
  }

  /** These have fired since before the restart. */
  restore(cells: readonly Cell[], targetsOf: (cell: Cell) => readonly string[]): void {
    for (const cell of cells) {
      const { id = '', victims = [] } = cell.alert ?? {};
      this.#inhibition.restore(cell, targetsOf(cell));
      // The search for causes must know who mutes it by a rule.
      if (cell.targets.length > 0) this.#changedVictims.add(cell);
      if (victims.length > 0) this.#victims.set(id, new Set(victims));
      this.fires(cell);
    }
    // An alert lists some victims; all of them name it.
    for (const { alert } of cells) {
      for (const id of alert ? blamedBy(alert) : []) {
        if (alert && this.#firing.has(id)) this.#victimsOf(id).add(alert.id);
      }
    }
  }

  /** Asks the rule's inhibitors which alerts would mute this one. */
  link(cell: Cell, scope: Scope): void {
    if (this.#inhibition.ask(cell, scope)) this.#changedVictims.add(cell);
  }

  /** The alert may have another severity, which decides who may be to blame. */
  alters(cell: Cell): void {
    if (cell.alert && this.#verdicts.alter(cell.alert)) this.#changedVictims.add(cell);
  }

  /** The alert with the mutes that are in force now. */
  mute(cell: Cell, alert: Alert): Alert {
    const blame = this.#blameOf(cell, alert);
    const { cause, alternatives } = blame;
    const mutedBy = [...blame.mutedBy, ...this.#mutes.idsOf(alert)];
    const isSame = sameIds(mutedBy, alert.mutedBy) && cause === alert.cause;
    if (isSame && sameIds(alternatives, alert.alternatives)) return alert;
    const [before, after] = [blamedBy(alert), blamedBy(blame)];
    for (const id of before.difference(after)) this.#forgive(id, alert.id);
    for (const id of after.difference(before)) this.#accuse(id, alert.id);
    return { ...alert, mutedBy, cause, alternatives };
  }

  /** The cell's alert has ended: `alert` is its last state. */
  ends(cell: Cell, alert: Alert): void {
    this.#firing.delete(alert.id);
    this.#verdicts.ends(alert.id);
    this.#inhibition.forget(cell);
    this.#changedVictims.delete(cell);
    for (const id of blamedBy(alert)) this.#forgive(id, alert.id);
    for (const id of this.#victims.get(alert.id) ?? []) {
      const victim = this.#firing.get(id);
      // Whom no rule blames waits for the end of the tick: perhaps it recovers in it, too.
      if (victim && victim.targets.length > 0) this.#changedVictims.add(victim);
      else this.#verdicts.doubt(id);
    }
    this.#victims.delete(alert.id);
    this.#changedCauses.delete(alert.id);
    this.#touchWaiting(cell);
  }

  /** Records what has changed since the last call: once for each alert, however many victims. */
  flush(log: ChangeLog, now: EpochMs): void {
    this.#tell(log, now, victimsAtOnceMax);
  }

  /** Judges what the changes of a tick mean for others. Again, where `dueAt` says so. */
  settle(log: ChangeLog, now: EpochMs): void {
    for (const id of this.#verdicts.settle()) {
      const cell = this.#firing.get(id);
      if (cell) this.#changedVictims.add(cell);
    }
    this.#tell(log, now, Infinity);
  }

  #tell(log: ChangeLog, now: EpochMs, listedMax: number): void {
    this.#toldAt = now;
    for (let round = 0; round < roundsMax && this.#changedVictims.size > 0; round++) {
      // The oldest first: an order that a restart and a replay find again.
      const cells = [...this.#changedVictims].sort(byAlert);
      this.#changedVictims.clear();
      for (const cell of cells) this.#renew(cell, log, now);
    }
    for (const id of [...this.#changedCauses].sort()) {
      const ids = this.#victims.get(id);
      if ((ids?.size ?? 0) > listedMax) continue;
      this.#changedCauses.delete(id);
      const cell = this.#firing.get(id);
      if (cell?.alert === undefined) continue;
      const victims = [...(ids ?? [])].slice(0, victimsMax);
      if (sameIds(victims, cell.alert.victims)) continue;
      cell.alert = log.add({ ...cell.alert, victims }, 'cause', now);
    }
  }

  #renew(cell: Cell, log: ChangeLog, now: EpochMs): void {
    const before = cell.alert;
    if (before === undefined) return;
    const muted = this.mute(cell, before);
    if (muted === before) return;
    cell.alert = log.add(muted, 'cause', now);
    if (before.mutedBy.some((id) => !muted.mutedBy.includes(id))) this.#free(cell);
  }

  /**
   * It has lost a muter, so it can mute now whom it is to blame for, and so can those it mutes:
   * while the others muted it, that was a circle.
   */
  #free(cell: Cell, seen = new Set<Cell>()): void {
    seen.add(cell);
    this.#touchWaiting(cell);
    const id = cell.alert?.id ?? '';
    for (const victimId of this.#victims.get(id) ?? []) {
      const victim = this.#firing.get(victimId);
      if (victim === undefined || seen.has(victim)) continue;
      this.#changedVictims.add(victim);
      if (victim.alert?.mutedBy.includes(id)) this.#free(victim, seen);
    }
  }

  #blameOf(cell: Cell, alert: Alert): Pick<Alert, 'mutedBy' | 'cause' | 'alternatives'> {
    const muters = this.#mutersOf(cell, alert);
    const { cause: found, alternatives } = this.#verdicts.find(alert, muters[0]);
    const culprit = found === null ? undefined : this.#firing.get(found)?.alert;
    const cause = culprit?.id ?? muters[0] ?? null;
    const isMuted =
      muters.length === 0 &&
      culprit !== undefined &&
      !isWorse(alert, culprit) &&
      // However rules and needs contradict each other, one of a circle must be told.
      !this.#isMutedBy(culprit, alert.id);
    return { mutedBy: isMuted ? [culprit.id] : muters, cause, alternatives };
  }

  #mutersOf(cell: Cell, alert: Alert): string[] {
    const muters: string[] = [];
    for (const { alert: muter } of this.#inhibition.inhibitorsOf(cell)) {
      if (muter === undefined || muters.includes(muter.id)) continue;
      if (!this.#isMutedBy(muter, alert.id)) muters.push(muter.id);
    }
    return muters;
  }

  /** Two rules that name each other must not mute both: the one that fired first stays. */
  #isMutedBy(alert: Alert, id: string, seen = new Set<string>()): boolean {
    if (seen.has(alert.id)) return false;
    seen.add(alert.id);
    return alert.mutedBy.some((muter) => {
      const next = this.#firing.get(muter)?.alert;
      return muter === id || (next !== undefined && this.#isMutedBy(next, id, seen));
    });
  }

  #victimsOf(cause: string): Set<string> {
    const known = this.#victims.get(cause);
    if (known) return known;
    const victims = new Set<string>();
    this.#victims.set(cause, victims);
    return victims;
  }

  #accuse(cause: string, victim: string): void {
    this.#victimsOf(cause).add(victim);
    this.#changedCauses.add(cause);
  }

  #forgive(cause: string, victim: string): void {
    if (this.#victims.get(cause)?.delete(victim)) this.#changedCauses.add(cause);
  }

  #touchWaiting(cell: Cell): void {
    for (const victim of this.#inhibition.waitingFor(cell)) this.#changedVictims.add(victim);
  }
}
