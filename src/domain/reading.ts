/**
 * Readings: what a collector saw. Gone, unreadable and "could not look" are different things.
 *
 * The value of an attribute is one of
 *   a boolean, string or number   it is known
 *   null                          known not to apply (a timer that has never run has no last run)
 *   { unreadable: why }           the source refused this one fact; rules hold what they had
 *   left out                      not looked at this time (a partial reading): the last value stays
 */
import type { Attribute, Attributes, Kind, ValueOf } from './kind.ts';
import type { EpochMs } from './time.ts';

export interface Unreadable {
  readonly unreadable: string;
}
export const unreadable = (why: string): Unreadable => ({ unreadable: why });

export type Value = boolean | string | number;
export type AttributeReading = Value | null | Unreadable;

/** One fact on its way into a reading; it may be a list or bytes as yet. null: it is not there. */
export type Fact<T> = T | null | Unreadable;

/** A refusal, and no other object: facts may be lists and objects themselves. */
export const isUnreadable = (value: unknown): value is Unreadable =>
  typeof value === 'object' &&
  value !== null &&
  'unreadable' in value &&
  typeof value.unreadable === 'string';

export const isKnown = <T>(fact: Fact<T>): fact is Exclude<T, Unreadable | null> =>
  fact !== null && !isUnreadable(fact);

/** `derive` of a known fact; one that is refused or not there stays so. */
export const derived = <T, U>(fact: Fact<T>, derive: (value: T) => Fact<U> | undefined): Fact<U> =>
  isKnown(fact) ? (derive(fact) ?? null) : (fact as null | Unreadable);

export interface ResourceReading {
  readonly kind: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, AttributeReading>>;
  /** When this became so at the source, where the source says; else the time of the reading. */
  readonly at?: EpochMs;
}

/** A resource reading whose attributes the compiler checks against the kind. */
export function reading<A extends Attributes>(
  kind: Kind<string, A>,
  id: string,
  attributes: { readonly [K in keyof A]?: ValueOf<A[K] & Attribute> | null | Unreadable },
  at?: EpochMs,
): ResourceReading {
  const known = attributes as Readonly<Record<string, AttributeReading>>;
  return at === undefined
    ? { kind: kind.name, id, attributes: known }
    : { kind: kind.name, id, attributes: known, at };
}

/** How we came to know of an event. `journal` and `reconciliation` mean: found late. */
export type FoundBy = 'signal' | 'journal' | 'reconciliation' | 'report';

/** Something that happened once to one resource. */
export interface Event {
  /** One of the kind's declared events: `run-failed`. */
  readonly event: string;
  readonly kind: string;
  readonly id: string;
  readonly at: EpochMs;
  readonly foundBy: FoundBy;
  readonly attributes: Readonly<Record<string, Value | null>>;
  /**
   * Two reports of the same happening (signal and journal) have the same key; the second is
   * dropped. Unique for kind, id and event.
   */
  readonly key: string;
}

export type Reading =
  /** All there is: a resource of this collector that is missing here is gone. */
  | {
      readonly type: 'complete';
      readonly resources: readonly ResourceReading[];
      readonly events: readonly Event[];
    }
  /** These are so now; nothing else is touched. `gone` names what went away. */
  | {
      readonly type: 'partial';
      readonly resources: readonly ResourceReading[];
      readonly gone: readonly ResourceRef[];
      readonly events: readonly Event[];
    }
  /** No such thing on this machine. */
  | { readonly type: 'absent'; readonly why: string }
  /** Could not look at all. */
  | { readonly type: 'failed'; readonly why: string };

export interface ResourceRef {
  readonly kind: string;
  readonly id: string;
}

/** One text for one resource, usable as a map key: `systemd.unit backup.service`. */
export const refKey = ({ kind, id }: ResourceRef): string => `${kind} ${id}`;

export const complete = (
  resources: readonly ResourceReading[],
  events: readonly Event[] = [],
): Reading => ({ type: 'complete', resources, events });

export const partial = (
  resources: readonly ResourceReading[],
  more: { readonly gone?: readonly ResourceRef[]; readonly events?: readonly Event[] } = {},
): Reading => ({ type: 'partial', resources, gone: more.gone ?? [], events: more.events ?? [] });

export const absent = (why: string): Reading => ({ type: 'absent', why });
export const failed = (why: string): Reading => ({ type: 'failed', why });
