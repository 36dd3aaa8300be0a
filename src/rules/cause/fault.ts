/** Faults: firing alerts as the search for causes sees them, and the resources they hang on. */
import type { Severity } from '../../domain/alert.ts';
import type { Strength } from '../../domain/kind.ts';
import type { EpochMs } from '../../domain/time.ts';

/** One thing needs another. */
export interface Need {
  /** What is needed. */
  readonly from: Node;
  /** Who needs it. */
  readonly to: Node;
  readonly strength: Strength;
}

/** A resource, known or only named, or a set of resources that share a word. */
export interface Node {
  readonly key: string;
  /** What the graph keeps; the sets of most nodes are empty, and one and the same. */
  needs: ReadonlySet<Need>;
  serves: ReadonlySet<Need>;
  /** Needs that this resource's own attributes name, in either direction. */
  declared: readonly Need[];
  /** The facts from which `declared` was made. */
  facts: readonly unknown[];
  faults: ReadonlySet<Fault>;
}

export interface Fault {
  /** Of the alert. */
  readonly id: string;
  readonly node: Node;
  readonly startsAt: EpochMs;
  /** It cannot have begun before: a source that is looked at now and then tells late. */
  readonly earliestAt: EpochMs;
  severity: Severity;
  /** A rule says that this one mutes it (`inhibitedBy`). */
  muter: Fault | undefined;
  /** The faults that have this one as `muter`. */
  readonly mutes: Set<Fault>;
}

/** What was found about one fault. */
export interface Verdict {
  readonly cause: Fault | undefined;
  /** Others that may be to blame, the likelier first. */
  readonly alternatives: readonly Fault[];
}

export const blameless: Verdict = { cause: undefined, alternatives: [] };

/** Who failed first; ids are ULIDs, so that they settle what happened in one millisecond. */
export const firstOf = (a: Fault, b: Fault): number =>
  a.startsAt - b.startsAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
