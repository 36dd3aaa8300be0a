/**
 * Which alerts a rule mutes by another (`inhibitedBy`). Whom a resource names is known while it is
 * read; so it is kept over restarts, because its source may be blind when tocsin starts.
 */
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRule, Scope } from '../compiled.ts';
import { type Cell, cellKey, type Roster } from './cells.ts';
import { sameIds } from './mutes.ts';

type Instants = Readonly<Record<string, EpochMs>>;

/** `target ALERT RULE ID`, and `target ALERT` for one that names nothing: see memory.ts. */
const word = 'target';

/** What the rule says of any resource, without asking one. */
const plainTargets = ({ inhibitedBy }: CompiledRule, id: string): readonly string[] =>
  inhibitedBy.flatMap(({ rule, resource }) => (resource ? [] : [cellKey(rule, id)]));

/** True where a restart finds the targets out by itself. */
export const areTargetsPlain = ({ alert, entry, id, targets }: Cell): boolean =>
  alert?.phase !== 'firing' || sameIds(targets, plainTargets(entry.rule, id));

/** Adds what a restart could not find out by itself. */
export function addTargets(into: Record<string, EpochMs>, cell: Cell): void {
  const { alert, targets } = cell;
  if (alert === undefined || areTargetsPlain(cell)) return;
  if (targets.length === 0) into[`${word} ${alert.id}`] = 0;
  targets.forEach((target, i) => {
    into[`${word} ${alert.id} ${target}`] = i;
  });
}

/** Targets by the ids of alerts, of those that were kept. */
export function restoreTargets(instants: Instants): ReadonlyMap<string, readonly string[]> {
  const kept = Object.entries(instants).filter(([name]) => name.startsWith(`${word} `));
  const targets = new Map<string, string[]>();
  for (const [name] of kept.sort(([, a], [, b]) => a - b)) {
    const [, id = '', ...target] = name.split(' ');
    const known = targets.get(id) ?? [];
    targets.set(id, target.length === 0 ? known : [...known, target.join(' ')]);
  }
  return targets;
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

  /** As it was before a restart; `kept` is left out where the rule says it all. */
  restore(cell: Cell, kept: readonly string[] = plainTargets(cell.entry.rule, cell.id)): void {
    this.#aim(cell, kept);
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
