/**
 * Who needs whom: edges between resources, derived from the attributes that name other resources.
 * An edge runs from what is needed to what needs it, so that following edges from something that
 * died finds everything that loses it.
 */
import type { Kind, Reference } from './kind.ts';
import { type ResourceRef, refKey } from './reading.ts';
import type { Resource } from './resource.ts';

export interface Edge {
  /** What is needed. */
  readonly from: ResourceRef;
  /** Who needs it. */
  readonly to: ResourceRef;
  /** What `from` does for `to`: `backs`, `offers`, `serves`. */
  readonly relation: string;
}

interface Link {
  readonly attribute: string;
  readonly reference: Reference;
}

const linksOf = ({ attributes }: Kind): readonly Link[] =>
  Object.entries(attributes).flatMap(([attribute, { refersTo }]) =>
    refersTo === undefined ? [] : [{ attribute, reference: refersTo }],
  );

const namesIn = (fact: unknown, { list }: Reference): readonly string[] => {
  if (typeof fact !== 'string' || fact === '') return [];
  return list === true ? fact.split(' ').filter((name) => name !== '') : [fact];
};

const wordOf = ({ attributes }: Resource, name: string): string => {
  const fact = attributes[name];
  return typeof fact === 'string' ? fact : '';
};

/** A way to find resources of a kind by one of their attributes, made when first asked. */
class Finder {
  readonly #resources: readonly Resource[];
  readonly #tables = new Map<string, ReadonlyMap<string, readonly ResourceRef[]>>();

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  find({ kind, by }: Reference, name: string): readonly ResourceRef[] {
    const key = `${kind} ${by ?? ''}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      const of = this.#resources.filter((one) => one.kind === kind);
      table = Map.groupBy(of, (one) => (by === undefined ? one.id : wordOf(one, by)));
      this.#tables.set(key, table);
    }
    return table.get(name) ?? [];
  }
}

function edgeOf(one: ResourceRef, other: ResourceRef, { relation, inverse }: Reference): Edge {
  const self = { kind: one.kind, id: one.id };
  const named = { kind: other.kind, id: other.id };
  return inverse === true
    ? { from: self, to: named, relation }
    : { from: named, to: self, relation };
}

/** All edges among these resources. What is named and not known yields none. */
export function edgesOf(resources: readonly Resource[], kinds: readonly Kind[]): readonly Edge[] {
  const links = new Map(kinds.map((kind) => [kind.name, linksOf(kind)]));
  const finder = new Finder(resources);
  return resources.flatMap((resource) =>
    (links.get(resource.kind) ?? []).flatMap(({ attribute, reference }) =>
      namesIn(resource.attributes[attribute], reference).flatMap((name) =>
        finder.find(reference, name).map((other) => edgeOf(resource, other, reference)),
      ),
    ),
  );
}

/** Everything that needs `start`, directly or through others; nearest first, without `start`. */
export function dependantsOf(start: ResourceRef, edges: readonly Edge[]): readonly ResourceRef[] {
  const below = Map.groupBy(edges, ({ from }) => refKey(from));
  const seen = new Map([[refKey(start), start]]);
  // A Map that grows while it is walked is walked to its end.
  for (const [key] of seen) {
    for (const { to } of below.get(key) ?? []) {
      if (!seen.has(refKey(to))) seen.set(refKey(to), to);
    }
  }
  return [...seen.values()].slice(1);
}
