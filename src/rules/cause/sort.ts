/**
 * Puts nodes in an order in which what is needed comes before what needs it. Nodes that need each
 * other, directly or around a corner, come together as one knot (Tarjan, SIAM J. Comput. 1972).
 */
import type { Node } from './fault.ts';

interface Visit {
  readonly node: Node;
  readonly index: number;
  low: number;
  onStack: boolean;
  readonly below: Iterator<Node>;
}

/** Nodes that one search looks at; what lies beyond counts as healthy. */
export const visitedMax = 100_000;

/** `needed` gives what a node needs. Knots of all nodes that can be reached from `starts`. */
export function knotsOf(
  starts: Iterable<Node>,
  needed: (node: Node) => Iterable<Node>,
): readonly (readonly Node[])[] {
  const visits = new Map<Node, Visit>();
  const stack: Visit[] = [];
  const knots: (readonly Node[])[] = [];
  const enter = (node: Node): Visit => {
    const index = visits.size;
    const below = needed(node)[Symbol.iterator]();
    const visit = { node, index, low: index, onStack: true, below };
    visits.set(node, visit);
    stack.push(visit);
    return visit;
  };
  const leave = (visit: Visit): void => {
    if (visit.low !== visit.index) return;
    const members = stack.splice(stack.lastIndexOf(visit));
    for (const member of members) member.onStack = false;
    knots.push(members.map(({ node }) => node));
  };
  for (const start of starts) {
    if (visits.has(start)) continue;
    const path = [enter(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const next = visit.below.next();
      if (next.done === true) {
        path.pop();
        leave(visit);
        const parent = path.at(-1);
        if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
        continue;
      }
      const seen = visits.get(next.value);
      if (seen === undefined) {
        if (visits.size < visitedMax) path.push(enter(next.value));
      } else if (seen.onStack) visit.low = Math.min(visit.low, seen.index);
    }
  }
  return knots;
}
