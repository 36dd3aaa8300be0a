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
import { type Cell, cellKey, type Roster } from './cells.ts';
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
  readonly #roster: Roster;
  readonly #mutes: Mutes;
  readonly #verdicts: Verdicts;
  /** Firing cells by the id of their alert. */
  readonly #firing = new Map<string, Cell>();
  /** Firing cells that would be muted by the cell with this key. */
  readonly #waiting = new Map<string, Set<Cell>>();
  /** Ids of the victims of each alert that mutes. */
  readonly #victims = new Map<string, Set<string>>();
  readonly #changedVictims = new Set<Cell>();
  readonly #changedCauses = new Set<string>();
  #toldAt: EpochMs = 0;

  /** Without `causes` only rules say who is to blame. */
  constructor(roster: Roster, mutes: Mutes, causes?: Causes) {
    this.#roster = roster;
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

  /** A cell fires from now on, or did so before the restart. */
  fires(cell: Cell): void {
    const { alert } = cell;
    if (alert === undefined) return;
    this.#firing.set(alert.id, cell);
    this.#verdicts.fires(alert);
    if (alert.victims.length > 0) this.#victims.set(alert.id, new Set(alert.victims));
    this.#touchWaiting(cell);
  }

  /** Asks the rule's inhibitors which alerts would mute this one; true when that has changed. */
  link(cell: Cell, scope: Scope): boolean {
    const { rule } = cell.entry;
    if (cell.alert !== undefined && this.#verdicts.alter(cell.alert)) {
      this.#changedVictims.add(cell);
    }
    if (rule.inhibitedBy.length === 0) return false;
    const targets: string[] = [];
    for (const inhibitor of rule.inhibitedBy) {
      const id = inhibitor.resource ? inhibitor.resource(scope) : cell.id;
      if (id !== undefined && id !== '') targets.push(cellKey(inhibitor.rule, id));
    }
    if (sameIds(targets, cell.targets)) return false;
    this.#unlink(cell);
    cell.targets = targets;
    for (const target of targets) {
      const cells = this.#waiting.get(target);
      if (cells) cells.add(cell);
      else this.#waiting.set(target, new Set([cell]));
    }
    this.#changedVictims.add(cell);
    return true;
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
    this.#unlink(cell);
    cell.targets = [];
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
    if (before.mutedBy.length === 0 || muted.mutedBy.length > 0) return;
    // It can mute now whom it is to blame for: while they muted it, that was a circle.
    for (const id of this.#victims.get(muted.id) ?? []) {
      const victim = this.#firing.get(id);
      if (victim?.alert?.mutedBy.includes(muted.id) === false) this.#changedVictims.add(victim);
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
    for (const target of cell.targets) {
      const space = target.indexOf(' ');
      const entry = this.#roster.byId.get(target.slice(0, space));
      const muter = entry?.cells.get(target.slice(space + 1));
      if (muter === undefined || muter === cell || muter.state?.phase !== 'firing') continue;
      if (muter.alert === undefined || muters.includes(muter.alert.id)) continue;
      if (!this.#isMutedBy(muter.alert, alert.id)) muters.push(muter.alert.id);
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

  #accuse(cause: string, victim: string): void {
    const victims = this.#victims.get(cause);
    if (victims) victims.add(victim);
    else this.#victims.set(cause, new Set([victim]));
    this.#changedCauses.add(cause);
  }

  #forgive(cause: string, victim: string): void {
    if (this.#victims.get(cause)?.delete(victim)) this.#changedCauses.add(cause);
  }

  #unlink(cell: Cell): void {
    for (const target of cell.targets) {
      const cells = this.#waiting.get(target);
      cells?.delete(cell);
      if (cells?.size === 0) this.#waiting.delete(target);
    }
  }

  #touchWaiting(cell: Cell): void {
    const waiting = this.#waiting.get(cellKey(cell.entry.rule.id, cell.id));
    for (const victim of waiting ?? []) this.#changedVictims.add(victim);
  }
}
