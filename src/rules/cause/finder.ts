/**
 * Which fault is to blame for which. A fault is blamed on the first ones in all that its resource
 * needs: up along the needs, through what shows no fault of its own, to those whose own needs
 * were well. Pure; needed things are judged before those that need them.
 */
import { type Fault, firstOf, type Need, type Node, type Verdict } from './fault.ts';
import { canBlame, isBefore, isLong, isNear, ranks, worstBefore } from './plausible.ts';
import { knotsOf } from './sort.ts';

/** More than any strong need has, less than a mere order: see `ranks`. */
const lateRank = 4;
const frontierMax = 16;
const rootsMax = 6;
export const alternativesMax = 5;
/** Needs crossed that show no fault, from one fault to the next. */
const depthMax = 64;

/** A faulty node that can be reached without crossing another. */
interface Border {
  readonly node: Node;
  /** Nodes without fault between. */
  readonly between: number;
}

const firstIn = ({ faults }: Node): Fault | undefined => [...faults].sort(firstOf)[0];

/** The nearer first, then what failed first. */
function nearerOf(a: Border, b: Border): number {
  const [left, right] = [firstIn(a.node), firstIn(b.node)];
  return a.between - b.between || (left && right ? firstOf(left, right) : 0);
}

/** A fault to blame, and how well it explains the victim: smaller is better. */
interface Suspect {
  readonly fault: Fault;
  readonly rank: number;
}

interface Found {
  /** Firsts of all causes, the likeliest first. Empty: it is a first itself. */
  readonly roots: readonly Fault[];
  /** What fell between those and this one, the earliest first: perhaps it fell by itself. */
  readonly between: readonly Fault[];
  /** Firsts of what failed long ago. */
  readonly others: readonly Fault[];
}

const unblamed: Found = { roots: [], between: [], others: [] };
function* neededBy(node: Node): Iterable<Node> {
  const isFaulty = node.faults.size > 0;
  for (const { from, strength } of node.needs) {
    if (strength !== 'order' || (isFaulty && from.faults.size > 0)) yield from;
  }
  for (const { muter } of node.faults) if (muter !== undefined) yield muter.node;
}

class Search {
  readonly #knots: readonly (readonly Node[])[];
  readonly #borders = new Map<Node, readonly Border[]>();
  readonly #found = new Map<Fault, Found | 'open'>();
  /** The first faults of the knot that a node belongs to, where it is not alone. */
  readonly #knotted = new Map<Node, readonly Fault[]>();
  /** Faults that a rule or their source blames on another of their knot. */
  readonly #ruled = new Set<Fault>();

  constructor(starts: Iterable<Node>) {
    this.#knots = knotsOf(starts, neededBy);
  }

  run(): void {
    for (const knot of this.#knots) {
      this.#drawBorder(knot);
      const faults = knot.flatMap(({ faults }) => [...faults]);
      if (knot.length > 1) {
        this.#tie(knot, faults);
      }
      for (const fault of faults) this.#find(fault);
    }
  }

  verdict(fault: Fault): Verdict {
    const { roots, between, others } = this.#find(fault);
    const [cause] = roots;
    const listed = new Set([...roots.slice(1), ...between, ...others]);
    listed.delete(fault);
    if (cause !== undefined) listed.delete(cause);
    return { cause, alternatives: [...listed].slice(0, alternativesMax) };
  }

  #tie(knot: readonly Node[], faults: readonly Fault[]): void {
    const inside = new Set(knot);
    // Whom a rule or its source blames on another of the knot is not the first in it.
    const isAccused = ({ from, strength }: Need): boolean =>
      strength === 'certain' && inside.has(from) && [...from.faults].some(canBlame);
    for (const fault of faults) {
      const { muter, node } = fault;
      const isRuled = muter !== undefined && inside.has(muter.node);
      if (isRuled || [...node.needs].some(isAccused)) this.#ruled.add(fault);
    }
    const firsts = faults.filter((fault) => canBlame(fault) && !this.#ruled.has(fault));
    firsts.sort(firstOf).splice(rootsMax);
    for (const node of knot) this.#knotted.set(node, firsts);
  }

  /** What lies before the knot: its members share it, because each needs all the others. */
  #drawBorder(knot: readonly Node[]): void {
    const inside = new Set(knot);
    const borders = new Map<Node, Border>();
    const add = (node: Node, between: number): void => {
      const known = borders.get(node);
      if (known === undefined || between < known.between) borders.set(node, { node, between });
    };
    for (const node of knot) {
      for (const { from, strength } of node.needs) {
        if (strength === 'order' || inside.has(from)) continue;
        if (from.faults.size > 0) add(from, 0);
        else for (const far of this.#borders.get(from) ?? []) add(far.node, far.between + 1);
      }
    }
    // Which needs came first must not matter, neither here nor where they are cut.
    const list = [...borders.values()].sort(nearerOf).slice(0, frontierMax);
    for (const node of knot) this.#borders.set(node, list);
  }

  #find(fault: Fault): Found {
    const known = this.#found.get(fault);
    // Asked for again while it is being judged: a circle, in which nobody can be first.
    if (known === 'open') return unblamed;
    if (known !== undefined) return known;
    this.#found.set(fault, 'open');
    const found = this.#judge(fault);
    this.#found.set(fault, found);
    return found;
  }

  #judge(fault: Fault): Found {
    if (fault.muter !== undefined) {
      const roots = this.#rootsOf(fault.muter).filter((root) => root !== fault);
      return { ...unblamed, roots };
    }
    const suspects = this.#suspects(fault);
    if (suspects.length === 0) return unblamed;
    const isCertain = suspects.some(({ rank }) => rank === ranks.certain);
    const likely = suspects.filter(
      ({ fault: other, rank }) =>
        rank === ranks.certain ||
        (!isCertain && isNear(other, fault, rank >= ranks.order ? 'order' : 'strong')),
    );
    const roots = this.#weigh(fault, likely);
    const far = suspects.filter((suspect) => !likely.includes(suspect));
    const between = isCertain ? [] : this.#betweenOf(fault, likely, new Set(roots));
    return { roots, between, others: this.#weigh(fault, far) };
  }

  #betweenOf(
    victim: Fault,
    suspects: readonly Suspect[],
    roots: ReadonlySet<Fault>,
  ): readonly Fault[] {
    const inside = this.#knotted.get(victim.node) ?? [];
    const chained = suspects.flatMap(({ fault }) => [fault, ...this.#find(fault).between]);
    const all = new Set([...chained, ...inside.filter((one) => isBefore(one, victim))]);
    all.delete(victim);
    return [...all.difference(roots)].sort(firstOf).slice(0, alternativesMax);
  }

  /** Firsts behind the suspects, the likeliest first. */
  #weigh(victim: Fault, suspects: readonly Suspect[]): readonly Fault[] {
    const best = new Map<Fault, number>();
    for (const { fault, rank } of suspects) {
      const late = isLong(fault, victim) ? lateRank : 0;
      for (const root of this.#rootsOf(fault)) {
        if (root !== victim) best.set(root, Math.min(best.get(root) ?? Infinity, rank + late));
      }
    }
    return [...best]
      .sort(([a, rankA], [b, rankB]) => rankA - rankB || firstOf(a, b))
      .slice(0, rootsMax)
      .map(([root]) => root);
  }

  #rootsOf(fault: Fault): readonly Fault[] {
    const { roots } = this.#find(fault);
    return roots.length === 0 ? [fault] : roots;
  }

  #suspects(victim: Fault): readonly Suspect[] {
    const suspects: Suspect[] = [];
    const { node } = victim;
    const first = this.#knotted.get(node)?.[0];
    const isInside = first !== undefined && first.node !== node;
    if (isInside && isBefore(first, victim)) suspects.push({ fault: first, rank: ranks.strong });
    for (const { from, strength } of node.needs) {
      if (strength === 'strong' || (strength === 'order' && this.#isKnotted(from, node))) continue;
      const fault = worstBefore(from, victim, strength);
      const isRuled = fault !== undefined && this.#ruled.has(fault) && this.#isKnotted(from, node);
      if (fault !== undefined && !isRuled) suspects.push({ fault, rank: ranks[strength] });
    }
    this.#cross(victim, node, 0, suspects, new Set([node]));
    return suspects;
  }

  #isKnotted(a: Node, b: Node): boolean {
    const knot = this.#knotted.get(a);
    return knot !== undefined && knot === this.#knotted.get(b);
  }

  /** Adds the faults at the border of a node, and behind those that cannot be to blame. */
  #cross(victim: Fault, at: Node, between: number, into: Suspect[], seen: Set<Node>): void {
    if (between > depthMax) return;
    const blameless: Border[] = [];
    for (const border of this.#borders.get(at) ?? []) {
      if (seen.has(border.node)) continue;
      seen.add(border.node);
      const fault = worstBefore(border.node, victim, 'strong');
      const far = between + border.between;
      if (fault !== undefined) into.push({ fault, rank: ranks.strong + (far > 0 ? 1 : 0) });
      else blameless.push(border);
    }
    // After all that are near: what is reached in two ways counts as near.
    for (const { node, between: more } of blameless)
      this.#cross(victim, node, between + more + 1, into, seen);
  }
}

/** A verdict about each of these faults. */
export function findCauses(faults: Iterable<Fault>): ReadonlyMap<Fault, Verdict> {
  const asked = [...faults];
  const search = new Search(new Set(asked.map(({ node }) => node)));
  search.run();
  return new Map(asked.map((fault) => [fault, search.verdict(fault)]));
}
