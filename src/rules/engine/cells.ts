/** The cells: one for each rule × resource about which there is something to remember. */
import type { Alert } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import type { DueEntry } from './due.ts';
import type { StepState } from './step.ts';

/** A resource as last heard of, and since when it has been watched without a break. */
export interface Watched {
  resource: Resource;
  seenSince: EpochMs;
}

export interface Cell extends DueEntry {
  readonly type: 'rule';
  entry: RuleEntry;
  /** Id of the resource; its kind is the rule's. */
  readonly id: string;
  state: StepState | undefined;
  /** The occurrence that is pending or firing. */
  alert: Alert | undefined;
  /** The occurrence that was resolved by hand while its condition was true, as long as it is. */
  held: Alert | undefined;
  /** Keys of the cells that would mute this one if they fired: `RULE ID`. */
  targets: readonly string[];
  /** The rule was written anew since its state was made; the next evaluation starts from there. */
  anew: boolean;
  /** The resource went away, and the alert stays all the same. */
  isGone: boolean;
  /** `updated` changes of this occurrence so far. */
  updates: number;
  /** As it was when a restart could find it out by itself (memory.ts), which is nearly always. */
  plain: Pick<Cell, 'entry' | 'state' | 'alert' | 'targets'> | undefined;
}

/** An alert raised by hand. */
export interface HandCell extends DueEntry {
  readonly type: 'hand';
  alert: Alert;
}

/** An alert which says that another one flaps; resolved by hand, it waits for that to end. */
export interface FlapCell extends DueEntry {
  readonly type: 'flap';
  /** What flaps: `RULE KIND ID`. */
  readonly key: string;
  alert: Alert;
}

export type AlertCell = (Cell & { alert: Alert }) | HandCell | FlapCell;

export interface RuleEntry {
  readonly rule: CompiledRule;
  readonly form: 'state' | 'event';
  /** By id of the resource. */
  readonly cells: Map<string, Cell>;
}

/** In an order that a restart and a replay find again, whatever was seen first. */
export const inOrder = (cells: ReadonlyMap<string, Cell>): readonly Cell[] =>
  [...cells.values()].sort((a, b) => (a.id < b.id ? -1 : 1));

export const cellKey = (rule: string, id: string): string => `${rule} ${id}`;
export const occurrenceKey = (rule: string, kind: string, id: string): string =>
  `${rule} ${kind} ${id}`;

/** Rules by id and by kind, in their order, and the resources of each kind. */
export class Roster {
  readonly byId = new Map<string, RuleEntry>();
  readonly #byKind = new Map<string, RuleEntry[]>();
  readonly #watched = new Map<string, Map<string, Watched>>();

  /** Takes the place of all rules. */
  replace(entries: readonly RuleEntry[]): void {
    this.byId.clear();
    this.#byKind.clear();
    for (const entry of entries) {
      this.byId.set(entry.rule.id, entry);
      const ofKind = this.#byKind.get(entry.rule.kind);
      if (ofKind) ofKind.push(entry);
      else this.#byKind.set(entry.rule.kind, [entry]);
    }
  }

  ofKind(kind: string): readonly RuleEntry[] {
    return this.#byKind.get(kind) ?? [];
  }

  find(kind: string, id: string): Watched | undefined {
    return this.#watched.get(kind)?.get(id);
  }

  /** Keeps the newest state of the resource; a new one is watched from `now` on. */
  see(resource: Resource, now: EpochMs): Watched {
    let ofKind = this.#watched.get(resource.kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.#watched.set(resource.kind, ofKind);
    }
    const known = ofKind.get(resource.id);
    if (known) {
      known.resource = resource;
      return known;
    }
    const watched = { resource, seenSince: now };
    ofKind.set(resource.id, watched);
    return watched;
  }

  lose(kind: string, id: string): void {
    this.#watched.get(kind)?.delete(id);
  }
}

export const createHandCell = (alert: Alert): HandCell => ({
  type: 'hand',
  alert,
  due: undefined,
  place: -1,
});

export const createFlapCell = (key: string, alert: Alert): FlapCell => ({
  type: 'flap',
  key,
  alert,
  due: undefined,
  place: -1,
});

export function createCell(entry: RuleEntry, id: string): Cell {
  const cell: Cell = {
    type: 'rule',
    entry,
    id,
    state: undefined,
    alert: undefined,
    held: undefined,
    targets: [],
    anew: false,
    isGone: false,
    updates: 0,
    plain: undefined,
    due: undefined,
    place: -1,
  };
  entry.cells.set(id, cell);
  return cell;
}
