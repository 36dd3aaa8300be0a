/**
 * Which alerts a rule mutes by another (`inhibitedBy`). Whom a resource names is known while it is
 * read; so it is kept over restarts, because its source may be blind when tocsin starts.
 */
import type { EpochMs } from '../../domain/time.ts';
import type { Scope } from '../compiled.ts';
import { type AlertCell, type Cell, cellKey, type Roster } from './cells.ts';
import { sameIds } from './mutes.ts';

type Instants = Readonly<Record<string, EpochMs>>;
/** By id of the alert. */
type Active = ReadonlyMap<string, AlertCell>;

/** `target ALERT RULE ID`, and `target ALERT` for one that names nothing: see memory.ts. */
const word = 'target';

/** What the rule and the alert say by themselves: the resource names whose alert mutes it now. */
function plainTargets({ entry, id, alert }: Cell, active: Active): readonly string[] {
  const { inhibitedBy } = entry.rule;
  if (inhibitedBy.length === 0) return [];
  const muters = alert?.mutedBy.flatMap((muter) => active.get(muter)?.alert ?? []);
  return inhibitedBy.flatMap(({ rule, resource }) => {
    if (resource === undefined) return [cellKey(rule, id)];
    const named = muters?.find((muter) => muter.rule === rule);
    return named ? [cellKey(rule, named.resource.id)] : [];
  });
}

/** True where a restart finds the targets out by itself. */
export const areTargetsPlain = (cell: Cell, active: Active): boolean =>
  cell.alert?.phase !== 'firing' || sameIds(cell.targets, plainTargets(cell, active));

/** Adds what a restart could not find out by itself. */
export function addTargets(into: Record<string, EpochMs>, cell: Cell, active: Active): void {
  const { alert, targets } = cell;
  if (alert === undefined || areTargetsPlain(cell, active)) return;
  if (targets.length === 0) into[`${word} ${alert.id}`] = 0;
  targets.forEach((target, i) => {
    into[`${word} ${alert.id} ${target}`] = i;
  });
}

/** The targets of restored cells. */
export function restoreTargets(
  instants: Instants,
  active: Active,
): (cell: Cell) => readonly string[] {
  const kept = Object.entries(instants).filter(([name]) => name.startsWith(`${word} `));
  const targets = new Map<string, string[]>();
  for (const [name] of kept.sort(([, a], [, b]) => a - b)) {
    const [, id = '', ...target] = name.split(' ');
    const known = targets.get(id) ?? [];
    targets.set(id, target.length === 0 ? known : [...known, target.join(' ')]);
  }
  return (cell) => targets.get(cell.alert?.id ?? '') ?? plainTargets(cell, active);
}

export class Inhibition {
  readonly #roster: Roster;
  /** Firing cells that would be muted by the cell with this key. */
  readonly #waiting = new Map<string, Set<Cell>>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** Asks the rule's inhibitors which alerts would mute this one; true when that has changed. */
  ask(cell: Cell, scope: Scope): boolean {
    const { inhibitedBy } = cell.entry.rule;
    if (inhibitedBy.length + cell.targets.length === 0) return false;
    const targets: string[] = [];
    for (const inhibitor of inhibitedBy) {
      const id = inhibitor.resource ? inhibitor.resource(scope) : cell.id;
      if (id !== undefined && id !== '') targets.push(cellKey(inhibitor.rule, id));
    }
    if (sameIds(targets, cell.targets)) return false;
    this.#aim(cell, targets);
    return true;
  }

  /** As it was before a restart. */
  restore(cell: Cell, targets: readonly string[]): void {
    this.#aim(cell, targets);
  }

  forget(cell: Cell): void {
    this.#aim(cell, []);
  }

  /** Firing cells that this one mutes, if it fires. */
  waitingFor({ entry, id }: Cell): Iterable<Cell> {
    return this.#waiting.get(cellKey(entry.rule.id, id)) ?? [];
  }

  /** Firing cells that its rule lets mute this one, in the order of the rule. */
  *inhibitorsOf(cell: Cell): Iterable<Cell> {
    for (const target of cell.targets) {
      const space = target.indexOf(' ');
      const entry = this.#roster.byId.get(target.slice(0, space));
      const other = entry?.cells.get(target.slice(space + 1));
      if (other !== undefined && other !== cell && other.state?.phase === 'firing') yield other;
    }
  }

  #aim(cell: Cell, targets: readonly string[]): void {
    for (const target of cell.targets) {
      const cells = this.#waiting.get(target);
      cells?.delete(cell);
      if (cells?.size === 0) this.#waiting.delete(target);
    }
    cell.targets = targets;
    for (const target of targets) {
      const cells = this.#waiting.get(target);
      if (cells) cells.add(cell);
      else this.#waiting.set(target, new Set([cell]));
    }
  }
}
