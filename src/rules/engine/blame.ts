/**
 * Who is to blame: while an inhibitor's alert fires, the alerts that name it in `inhibitedBy` are
 * muted by it. Mutes decide who is told; phases never depend on them.
 */
import type { Alert } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Scope } from '../compiled.ts';
import { type Cell, cellKey, type Roster } from './cells.ts';
import type { ChangeLog } from './log.ts';

/** Victims that an alert lists, in the order in which they came; further ones still name it. */
const victimsMax = 1000;

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);

export class Blame {
  readonly #roster: Roster;
  /** Firing cells by the id of their alert. */
  readonly #firing = new Map<string, Cell>();
  /** Firing cells that would be muted by the cell with this key. */
  readonly #waiting = new Map<string, Set<Cell>>();
  /** Ids of the victims of each alert that mutes. */
  readonly #victims = new Map<string, Set<string>>();
  readonly #changedVictims = new Set<Cell>();
  readonly #changedCauses = new Set<string>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** A cell fires from now on, or did so before the restart. */
  fires(cell: Cell): void {
    if (cell.alert === undefined) return;
    this.#firing.set(cell.alert.id, cell);
    if (cell.alert.victims.length > 0) {
      this.#victims.set(cell.alert.id, new Set(cell.alert.victims));
    }
    this.#touchWaiting(cell);
  }

  /** Asks the rule's inhibitors which alerts would mute this one; true when that has changed. */
  link(cell: Cell, scope: Scope): boolean {
    const { rule } = cell.entry;
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
    const mutedBy = this.#mutersOf(cell, alert);
    if (sameIds(mutedBy, alert.mutedBy)) return alert;
    for (const id of alert.mutedBy) this.#forgive(id, alert.id);
    for (const id of mutedBy) {
      const victims = this.#victims.get(id);
      if (victims) victims.add(alert.id);
      else this.#victims.set(id, new Set([alert.id]));
      this.#changedCauses.add(id);
    }
    return { ...alert, mutedBy, cause: mutedBy[0] ?? null };
  }

  /** The cell's alert has ended: `alert` is its last state. */
  ends(cell: Cell, alert: Alert): void {
    this.#firing.delete(alert.id);
    this.#unlink(cell);
    cell.targets = [];
    this.#changedVictims.delete(cell);
    for (const id of alert.mutedBy) this.#forgive(id, alert.id);
    for (const id of this.#victims.get(alert.id) ?? []) {
      const victim = this.#firing.get(id);
      if (victim) this.#changedVictims.add(victim);
    }
    this.#victims.delete(alert.id);
    this.#changedCauses.delete(alert.id);
    this.#touchWaiting(cell);
  }

  /** Records what has changed since the last call: once for each alert, however many victims. */
  flush(log: ChangeLog, now: EpochMs): void {
    for (const cell of this.#changedVictims) {
      if (cell.alert === undefined) continue;
      const muted = this.mute(cell, cell.alert);
      if (muted !== cell.alert) cell.alert = log.add(muted, 'cause', now);
    }
    this.#changedVictims.clear();
    for (const id of this.#changedCauses) {
      const cell = this.#firing.get(id);
      if (cell?.alert === undefined) continue;
      const victims = [...(this.#victims.get(id) ?? [])].slice(0, victimsMax);
      if (sameIds(victims, cell.alert.victims)) continue;
      cell.alert = log.add({ ...cell.alert, victims }, 'cause', now);
    }
    this.#changedCauses.clear();
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
