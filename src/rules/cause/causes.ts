/**
 * Causes of all firing alerts, kept while alerts and references come and go. A fault is judged at
 * once when it begins; what that means for others waits for `settle`, once for a whole tick, so
 * that five thousand failures in one moment are one search and not five thousand.
 */
import type { Alert, Severity } from '../../domain/alert.ts';
import type { Kind } from '../../domain/kind.ts';
import { refKey } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { seconds } from '../../domain/time.ts';
import { blameless, type Fault, type Node, type Verdict } from './fault.ts';
import { findCauses } from './finder.ts';
import { NeedGraph } from './graph.ts';

/** The longest time between two whole looks of a collector that hears no signals. */
const lookEvery = seconds(30);

/** Faults judged in one call of `settle`; the others wait for the next tick. */
export const judgedAtOnceMax = 1000;

const kindOf = ({ node }: Fault): string => node.key.slice(0, node.key.indexOf(' '));

/** What the alert says of its beginning: a moment told by the source, or that of the look. */
const earliestOf = ({ startsAt, detectedAt }: Alert): number =>
  startsAt < detectedAt ? startsAt : startsAt - lookEvery;

export class Causes {
  readonly #graph: NeedGraph;
  readonly #faults = new Map<string, Fault>();
  /** Below these something has changed. */
  readonly #touched = new Set<Node>();
  readonly #dirty = new Set<Fault>();
  /** Restored faults, with the ids of those that may be to blame for them. */
  readonly #held = new Map<Fault, readonly string[]>();
  readonly #settled = new Set<string>();

  constructor(kinds: readonly Kind[]) {
    this.#graph = new NeedGraph(kinds);
  }

  /** Resources and names that are kept. */
  get size(): number {
    return this.#graph.size;
  }

  /** There is something to `settle`. */
  get isDue(): boolean {
    return this.#touched.size + this.#dirty.size > 0;
  }

  see(resource: Resource): void {
    this.#touch(this.#graph.see(resource));
  }

  lose(kind: string, id: string): void {
    this.#touch(this.#graph.lose(refKey({ kind, id })));
  }

  /** The alert fires from now on. */
  begin(alert: Alert): Fault {
    const known = this.#faults.get(alert.id);
    if (known !== undefined) return known;
    const node = this.#graph.node(refKey(alert.resource));
    const { id, startsAt, severity } = alert;
    const earliestAt = earliestOf(alert);
    const fault = {
      id,
      node,
      startsAt,
      earliestAt,
      severity,
      muter: undefined,
      mutes: new Set<Fault>(),
    };
    this.#graph.addFault(fault);
    this.#faults.set(id, fault);
    this.#touchBelow(node);
    return fault;
  }

  /**
   * Its blame is as it was before a restart until its kind, and those of the ones that it names,
   * have been seen whole: half of the needs can lead anywhere.
   */
  hold(id: string, named: readonly string[]): void {
    const fault = this.#faults.get(id);
    if (fault !== undefined && !this.#settled.has(kindOf(fault))) this.#held.set(fault, named);
  }

  /** Everything of these kinds has been seen. */
  settleKinds(kinds: readonly string[]): void {
    for (const kind of kinds) this.#settled.add(kind);
    for (const [fault, named] of this.#held) {
      const faults = [fault, ...named.flatMap((id) => this.#faults.get(id) ?? [])];
      if (faults.every((one) => this.#settled.has(kindOf(one)))) this.doubt(fault.id);
    }
  }

  /** It must be judged anew, whatever was known. */
  doubt(id: string): void {
    const fault = this.#faults.get(id);
    if (fault === undefined) return;
    this.#held.delete(fault);
    this.#dirty.add(fault);
  }

  end(id: string): void {
    const fault = this.#faults.get(id);
    if (fault === undefined) return;
    this.#mute(fault, undefined);
    for (const muted of fault.mutes) {
      muted.muter = undefined;
      this.#dirty.add(muted);
    }
    this.#faults.delete(id);
    this.#dirty.delete(fault);
    this.#held.delete(fault);
    this.#touchBelow(fault.node);
    this.#graph.removeFault(fault);
  }

  /** True when it had another severity. */
  alter(id: string, severity: Severity): boolean {
    const fault = this.#faults.get(id);
    if (fault === undefined || fault.severity === severity) return false;
    fault.severity = severity;
    this.#touchBelow(fault.node);
    return true;
  }

  /** A rule says that `muter` mutes this one, or that nothing does; true when that is news. */
  muteBy(id: string, muter: string | undefined): boolean {
    const fault = this.#faults.get(id);
    const by = muter === undefined ? undefined : this.#faults.get(muter);
    if (fault === undefined || fault.muter === by) return false;
    this.#mute(fault, by);
    this.#dirty.add(fault);
    this.#touchBelow(fault.node);
    return true;
  }

  /** Undefined while it is held. */
  judge(id: string): Verdict | undefined {
    const fault = this.#faults.get(id);
    if (fault === undefined) return blameless;
    if (this.#held.has(fault)) return undefined;
    this.#dirty.delete(fault);
    if (fault.node.needs.size === 0 && fault.muter === undefined) return blameless;
    return findCauses([fault]).get(fault) ?? blameless;
  }

  /** Verdicts about what has changed for others; call it again while `isDue`. */
  settle(): ReadonlyMap<Fault, Verdict> {
    if (!this.isDue) return new Map();
    this.#spread();
    const some: Fault[] = [];
    for (const fault of this.#dirty) {
      if (some.length >= judgedAtOnceMax) break;
      this.#dirty.delete(fault);
      if (!this.#held.has(fault)) some.push(fault);
    }
    return findCauses(some);
  }

  #mute(fault: Fault, muter: Fault | undefined): void {
    fault.muter?.mutes.delete(fault);
    fault.muter = muter;
    muter?.mutes.add(fault);
  }

  #touch(nodes: readonly Node[]): void {
    if (this.#faults.size === 0) return;
    for (const node of nodes) this.#touched.add(node);
  }

  #touchBelow(node: Node): void {
    for (const { to } of node.serves) this.#touched.add(to);
    for (const fault of node.faults)
      for (const { node: muted } of fault.mutes) this.#touched.add(muted);
  }

  /** All faults at and below what was touched. */
  #spread(): void {
    // A Set that grows while it is walked is walked to its end.
    for (const node of this.#touched) {
      for (const fault of node.faults) {
        this.#dirty.add(fault);
        for (const muted of fault.mutes) this.#touched.add(muted.node);
      }
      for (const { to, strength } of node.serves) {
        if (strength !== 'order' || node.faults.size + to.faults.size > 0) this.#touched.add(to);
      }
    }
    this.#touched.clear();
  }
}
