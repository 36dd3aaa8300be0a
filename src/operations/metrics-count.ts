/**
 * Counting for the metrics object. A figure is null when it cannot be known: its source has not
 * looked yet or is blind, or one of the facts it is made of could not be read. It is 0 only when
 * there is known to be none.
 */
import { isUnreadable } from '../domain/reading.ts';
import type { Resource } from '../domain/resource.ts';
import type { House } from './house.ts';

export type Figure = number | null;

/** The resources that a figure is made of; null when they cannot be known. */
export type Counted = readonly Resource[] | null;

/** All of a kind. */
export type Look = (kind: string) => Counted;

/** Several collectors may read one kind: all of them must see, or say that there is none. */
export function createLook(house: Pick<House, 'figures' | 'resources'>): Look {
  const { sources } = house.figures();
  return (kind) => {
    const readers = sources.filter(({ kinds }) => kinds.includes(kind));
    const sees = readers.every(({ state }) => state === 'seeing' || state === 'absent');
    if (readers.length === 0 || !sees) return null;
    const found = house.resources(kind);
    return found.some(({ staleSince }) => staleSince !== null) ? null : found;
  };
}

export const count = (counted: Counted): Figure => counted?.length ?? null;

/** Those for which `test` holds; null when it cannot be said of one. */
export function keep(counted: Counted, test: (one: Resource) => boolean | null): Counted {
  if (counted === null) return null;
  const kept: Resource[] = [];
  for (const one of counted) {
    const holds = test(one);
    if (holds === null) return null;
    if (holds) kept.push(one);
  }
  return kept;
}

/** A flag; `unsaid` where the kind has none or it does not apply; null when unreadable. */
export function flagOf({ attributes }: Resource, name: string, unsaid: boolean): boolean | null {
  const fact = attributes[name];
  if (isUnreadable(fact)) return null;
  return typeof fact === 'boolean' ? fact : unsaid;
}

/** A word; undefined where it does not apply, null when unreadable. */
export function wordOf({ attributes }: Resource, name: string): string | undefined | null {
  const fact = attributes[name];
  if (isUnreadable(fact)) return null;
  return typeof fact === 'string' ? fact : undefined;
}

export function numberOf(one: Resource | undefined, name: string): Figure {
  const fact = one?.attributes[name];
  return typeof fact === 'number' ? fact : null;
}

/** The numbers of an attribute where it applies; null when one was not read or is unreadable. */
export function numbersOf(counted: Counted, name: string): readonly number[] | null {
  if (counted === null) return null;
  const numbers: number[] = [];
  for (const { attributes } of counted) {
    const fact = attributes[name];
    if (fact === undefined || isUnreadable(fact)) return null;
    if (typeof fact === 'number') numbers.push(fact);
  }
  // It applies to none of them: then nobody knows, which is not 0.
  return numbers.length === 0 && counted.length > 0 ? null : numbers;
}

export function sum(counted: Counted, name: string): Figure {
  const numbers = numbersOf(counted, name);
  return numbers === null ? null : numbers.reduce((total, one) => total + one, 0);
}

/** Null for none. */
export function average(counted: Counted, name: string): Figure {
  const numbers = numbersOf(counted, name);
  if (numbers === null || numbers.length === 0) return null;
  return numbers.reduce((total, one) => total + one, 0) / numbers.length;
}

/** How many different words; null when one is unreadable. */
export function distinct(counted: Counted, name: string): Figure {
  if (counted === null) return null;
  const words = new Set<string>();
  for (const one of counted) {
    const word = wordOf(one, name);
    if (word === null) return null;
    if (word !== undefined) words.add(word);
  }
  return words.size;
}

export const minus = (from: Figure, what: Figure): Figure =>
  from === null || what === null ? null : from - what;

export const plus = (one: Figure, other: Figure): Figure =>
  one === null || other === null ? null : one + other;

/** Null also where there is nothing to be a part of. */
export const ratio = (part: Figure, whole: Figure): Figure =>
  part === null || whole === null || whole === 0 ? null : part / whole;
