/** What may be to blame for what, by the time of both and by how bad they are. */
import { rankOf } from '../../domain/alert.ts';
import type { Strength } from '../../domain/kind.ts';
import { minutes, seconds } from '../../domain/time.ts';
import { type Fault, firstOf, type Node } from './fault.ts';

/** Clocks and the ways of news differ: so much earlier than its cause may a victim seem. */
const jitter = seconds(1);
/** What failed longer ago is not the cause of what was well since then: at most it may be. */
const apartMax = minutes(10);
/** What only comes first in the order of starts is blamed for what follows at once. */
const orderApartMax = minutes(1);
/** Within this time everything belongs to one collapse, and the first is the likeliest. */
const collapse = minutes(1);

/** How well a need explains a failure: smaller is better. */
export const ranks: Readonly<Record<Strength, number>> = { certain: 0, strong: 2, order: 8 };

export const canBlame = ({ severity }: Fault): boolean => severity !== 'info';
const isWorse = (a: Fault, b: Fault): number =>
  rankOf(b.severity) - rankOf(a.severity) || firstOf(a, b);

export const isBefore = (cause: Fault, victim: Fault): boolean =>
  cause.earliestAt <= victim.startsAt + jitter;
export const isNear = (cause: Fault, victim: Fault, strength: Strength): boolean =>
  victim.startsAt - cause.startsAt <= (strength === 'order' ? orderApartMax : apartMax);

/** The worst fault of the node that may have caused this one. */
export function worstBefore(node: Node, victim: Fault, strength: Strength): Fault | undefined {
  let worst: Fault | undefined;
  for (const fault of node.faults) {
    if (!canBlame(fault) || (strength !== 'certain' && !isBefore(fault, victim))) continue;
    if (worst === undefined || isWorse(fault, worst) < 0) worst = fault;
  }
  return worst;
}

/** It was long before: a whole collapse goes before it. */
export const isLong = (cause: Fault, victim: Fault): boolean =>
  victim.startsAt - cause.startsAt > collapse;
