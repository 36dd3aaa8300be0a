/**
 * Who needs whom, kept while resources come, change and go: only a resource whose references have
 * changed is linked anew. The edges are those of `domain/topology.ts`; a resource that is named
 * and not known is a node without faults, which blames nobody.
 */
import type { Kind, Reference, Strength } from '../../domain/kind.ts';
import { refKey } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { foldersAbove } from '../../domain/topology.ts';
import type { Fault, Need, Node } from './fault.ts';

/** How the resources of one kind are tied to others by one attribute. */
interface Tie {
  readonly attribute: string;
  readonly list: boolean;
  /** The keys of the nodes that the word names. */
  readonly keysOf: (word: string) => readonly string[];
  /** The resource needs what it names; else what it names needs the resource. */
  readonly isNeedy: boolean;
  readonly strength: Strength;
}

/** A set of resources that have the same word in one attribute is a node of its own. */
const setKey = ({ kind, by }: Reference, word: string): string => `${kind}@${by} ${word}`;

function tieOf(attribute: string, reference: Reference): Tie {
  const { kind, by, list = false, inverse = false, strength = 'strong' } = reference;
  const keysOf = (word: string): readonly string[] => {
    if (by === undefined) return [refKey({ kind, id: word })];
    const words = reference.below === true ? foldersAbove(word) : [word];
    return words.map((one) => setKey(reference, one));
  };
  return { attribute, list, keysOf, isNeedy: !inverse, strength };
}

/** What makes a resource part of a set that others refer to by `by`. */
function membershipOf(reference: Reference): readonly (readonly [string, Tie])[] {
  const { kind, by, inverse = false, strength = 'strong' } = reference;
  if (by === undefined) return [];
  const keysOf = (word: string): readonly string[] => [setKey(reference, word)];
  return [[kind, { attribute: by, list: false, keysOf, isNeedy: inverse, strength }]];
}

function tiesOf(kinds: readonly Kind[]): ReadonlyMap<string, readonly Tie[]> {
  const ties = new Map<string, Tie[]>();
  const add = (kind: string, tie: Tie): void => {
    const known = ties.get(kind) ?? [];
    ties.set(kind, [...known, tie]);
  };
  for (const kind of kinds) {
    for (const [attribute, { refersTo }] of Object.entries(kind.attributes)) {
      if (refersTo === undefined) continue;
      add(kind.name, tieOf(attribute, refersTo));
      for (const [other, tie] of membershipOf(refersTo)) add(other, tie);
    }
  }
  return ties;
}

const wordsIn = (fact: unknown, list: boolean): readonly string[] => {
  if (typeof fact !== 'string' || fact === '') return [];
  return list ? fact.split(/[ ,]+/).filter((word) => word !== '') : [fact];
};

const none: ReadonlySet<never> = new Set();
const nothing: readonly never[] = [];

const createNode = (key: string): Node => ({
  key,
  needs: none,
  serves: none,
  declared: nothing,
  facts: nothing,
  faults: none,
});

/** A set that has one more; of five thousand nodes most have sets of none or one. */
function withOne<T>(set: ReadonlySet<T>, one: T): ReadonlySet<T> {
  if (set === none) return new Set([one]);
  (set as Set<T>).add(one);
  return set;
}

function withoutOne<T>(set: ReadonlySet<T>, one: T): ReadonlySet<T> {
  if (set !== none) (set as Set<T>).delete(one);
  return set.size === 0 ? none : set;
}

export class NeedGraph {
  readonly #ties: ReadonlyMap<string, readonly Tie[]>;
  readonly #nodes = new Map<string, Node>();

  constructor(kinds: readonly Kind[]) {
    this.#ties = tiesOf(kinds);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The node of a resource, made when there is none. */
  node(key: string): Node {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = createNode(key);
      this.#nodes.set(key, node);
    }
    return node;
  }

  /** The ends of needs that came or went, the needy ones; nothing when all is as it was. */
  see(resource: Resource): readonly Node[] {
    const ties = this.#ties.get(resource.kind);
    if (ties === undefined) return [];
    const key = refKey(resource);
    const known = this.#nodes.get(key);
    const { attributes } = resource;
    if (known !== undefined && known.facts.length > 0) {
      if (ties.every(({ attribute }, i) => attributes[attribute] === known.facts[i])) return [];
    }
    const node = known ?? this.node(key);
    const before = this.#unlink(node);
    node.facts = ties.map(({ attribute }) => attributes[attribute]);
    this.#link(node, ties);
    return [...before, ...node.declared.map(({ to }) => to)];
  }

  /** The resource is gone, and so is what it named. What names it stays. */
  lose(key: string): readonly Node[] {
    const node = this.#nodes.get(key);
    if (node === undefined) return [];
    const touched = this.#unlink(node);
    node.facts = nothing;
    this.tidy(node);
    return touched;
  }

  /** A fault hangs on the node from now on. */
  addFault(fault: Fault): void {
    const { node } = fault;
    node.faults = withOne(node.faults, fault);
    if (node.faults.size === 1) this.#relink(node);
  }

  removeFault(fault: Fault): void {
    const { node } = fault;
    node.faults = withoutOne(node.faults, fault);
    if (node.faults.size === 0) this.#relink(node);
    this.tidy(node);
  }

  /** Forgets a node that nothing hangs on any more. */
  tidy(node: Node): void {
    if (node.facts.length + node.needs.size + node.serves.size + node.faults.size > 0) return;
    this.#nodes.delete(node.key);
  }

  /** What only comes first is of interest while something is wrong: it is linked then. */
  #relink(node: Node): void {
    const ties = this.#ties.get(node.key.slice(0, node.key.indexOf(' '))) ?? nothing;
    const hasOrder = ties.some(
      ({ strength }, i) => strength === 'order' && typeof node.facts[i] === 'string',
    );
    if (!hasOrder) return;
    this.#unlink(node);
    this.#link(node, ties);
  }

  #link(node: Node, ties: readonly Tie[]): void {
    const declared: Need[] = [];
    ties.forEach(({ list, keysOf, isNeedy, strength }, i) => {
      if (strength === 'order' && node.faults.size === 0) return;
      for (const key of wordsIn(node.facts[i], list).flatMap(keysOf)) {
        const named = this.node(key);
        if (named === node) continue;
        const [from, to] = isNeedy ? [named, node] : [node, named];
        const need = { from, to, strength };
        from.serves = withOne(from.serves, need);
        to.needs = withOne(to.needs, need);
        declared.push(need);
      }
    });
    node.declared = declared.length === 0 ? nothing : declared;
  }

  #unlink(node: Node): readonly Node[] {
    const { declared } = node;
    node.declared = nothing;
    for (const need of declared) {
      need.from.serves = withoutOne(need.from.serves, need);
      need.to.needs = withoutOne(need.to.needs, need);
    }
    for (const { from, to } of declared) this.tidy(from === node ? to : from);
    return declared.map(({ to }) => to);
  }
}
