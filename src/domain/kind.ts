/** Kinds: a class of watched thing, declared once. Everything else about it is derived. */

export const attributeTypes = ['flag', 'word', 'gauge', 'counter', 'instant', 'duration'] as const;
export type AttributeType = (typeof attributeTypes)[number];

/** Those that can be summed up, drawn and compared over time. An instant is a date. */
export const isNumeric = (type: AttributeType): boolean =>
  type === 'gauge' || type === 'counter' || type === 'duration';

export interface Attribute<T extends AttributeType = AttributeType> {
  readonly type: T;
  readonly help: string;
  /** Where the fact comes from: a path, a D-Bus property, a command. */
  readonly source: string;
  /** Unit of a gauge or counter, in the plural of plain words: `bytes`, `sessions`, `ratio`. */
  readonly unit?: string;
  /** The words it can be, where the source fixes them. */
  readonly values?: readonly string[];
  /** The word names another resource, which this one needs (or is needed by): an edge. */
  readonly refersTo?: Reference;
}

export interface Reference {
  readonly kind: string;
  /** What the needed one does for the other, as a verb: `backs`. */
  readonly relation: string;
  /** The attribute of the other kind that holds the same word; left out: its id does. */
  readonly by?: string;
  /** The word is a list of names with blanks or commas between them. */
  readonly list?: boolean;
  /** The word is a path, and what it lies on is meant: the one whose `by` is a folder above it. */
  readonly below?: boolean;
  /** The other way round: the named one needs this one. */
  readonly inverse?: boolean;
  /** Left out: `strong`. */
  readonly strength?: Strength;
}

/**
 * What a reference says about blame. `strong`: what is named is needed. `certain`: its source says
 * that what is named is to blame now. `order`: it only comes first, which is no need by itself.
 */
export type Strength = 'certain' | 'strong' | 'order';

type Facts<T extends AttributeType> = Omit<Attribute<T>, 'type'>;

const declare =
  <T extends AttributeType>(type: T) =>
  (facts: Facts<T>): Attribute<T> => ({ type, ...facts });

/** True or false. */
export const flag = declare('flag');
/** A text, often one of a few words. */
export const word = declare('word');
/** A number that goes up and down. */
export const gauge = declare('gauge');
/** A number that only grows, until its source starts anew. */
export const counter = declare('counter');
/** A moment, as EpochMs. */
export const instant = declare('instant');
/** A length of time, as Ms. */
export const duration = declare('duration');

export type Attributes = Readonly<Record<string, Attribute>>;

/** What can happen to a resource of a kind, once: its facts are attributes too. */
export interface EventKind {
  readonly help: string;
  readonly attributes: Attributes;
}

export interface Kind<N extends string = string, A extends Attributes = Attributes> {
  readonly name: N;
  /** The last word of the name: what rule expressions call the resource. */
  readonly variable: string;
  readonly title: string;
  /** How an id is made up, for people: `DRIVER/TARGET`. */
  readonly identity: string;
  readonly attributes: A;
  readonly events: Readonly<Record<string, EventKind>>;
}

export function defineKind<const N extends string, const A extends Attributes>(
  name: N,
  declaration: {
    readonly title: string;
    readonly identity: string;
    readonly attributes: A;
    readonly events?: Readonly<Record<string, EventKind>>;
  },
): Kind<N, A> {
  const variable = name.slice(name.lastIndexOf('.') + 1);
  return { events: {}, ...declaration, name, variable };
}

/** Names of the attributes that are numbers. */
export const numbersOf = ({ attributes }: Pick<Kind, 'attributes'>): readonly string[] =>
  Object.entries(attributes).flatMap(([name, { type }]) => (isNumeric(type) ? [name] : []));

/** The value of an attribute: flag boolean, word string, all others number. */
export type ValueOf<A extends Attribute> = A['type'] extends 'flag'
  ? boolean
  : A['type'] extends 'word'
    ? string
    : number;
