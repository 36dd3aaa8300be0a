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

/** What only comes first is not needed: it is no edge. */
const linksOf = ({ attributes }: Kind): readonly Link[] =>
  Object.entries(attributes).flatMap(([attribute, { refersTo }]) =>
    refersTo === undefined || refersTo.strength === 'order'
      ? []
      : [{ attribute, reference: refersTo }],
  );

const namesIn = (fact: unknown, { list }: Reference): readonly string[] => {
  if (typeof fact !== 'string' || fact === '') return [];
  return list === true ? fact.split(/[ ,]+/).filter((name) => name !== '') : [fact];
};

const wordOf = ({ attributes }: Resource, name: string): string => {
  const fact = attributes[name];
  return typeof fact === 'string' ? fact : '';
};

/** The folders that a path lies in, the nearest first; the root is none, for all lies in it. */
export function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    folders.push(path.slice(0, end));
  }
  return folders;
}

/** A way to find resources of a kind by one of their attributes, made when first asked. */
class Finder {
  readonly #resources: readonly Resource[];
  readonly #tables = new Map<string, ReadonlyMap<string, readonly ResourceRef[]>>();

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  find({ kind, by, below }: Reference, name: string): readonly ResourceRef[] {
    const key = `${kind} ${by ?? ''}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      const of = this.#resources.filter((one) => one.kind === kind);
      table = Map.groupBy(of, (one) => (by === undefined ? one.id : wordOf(one, by)));
      this.#tables.set(key, table);
    }
    if (below !== true) return table.get(name) ?? [];
    const nearest = foldersAbove(name).find((folder) => table.has(folder));
    return nearest === undefined ? [] : (table.get(nearest) ?? []);
  }
}

function edgeOf(one: ResourceRef, other: ResourceRef, { relation, inverse }: Reference): Edge {
  const self = { kind: one.kind, id: one.id };
  const named = { kind: other.kind, id: other.id };
  return inverse === true
    ? { from: self, to: named, relation }
    : { from: named, to: self, relation };
}

const edgeKey = ({ from, to, relation }: Edge): string =>
  `${refKey(from)} ${relation} ${refKey(to)}`;

/**
 * All edges among these resources; what both ends name is one. What is named and not known yields
 * none.
 */
export function edgesOf(resources: readonly Resource[], kinds: readonly Kind[]): readonly Edge[] {
  const links = new Map(kinds.map((kind) => [kind.name, linksOf(kind)]));
  const finder = new Finder(resources);
  const edges = resources.flatMap((resource) =>
    (links.get(resource.kind) ?? []).flatMap(({ attribute, reference }) =>
      namesIn(resource.attributes[attribute], reference).flatMap((name) =>
        finder.find(reference, name).map((other) => edgeOf(resource, other, reference)),
      ),
    ),
  );
  return [...new Map(edges.map((edge) => [edgeKey(edge), edge])).values()];
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
