/** All resources, by kind and id. */
import type { ResourceRef } from '../domain/reading.ts';
import type { Resource } from '../domain/resource.ts';
import type { EpochMs } from '../domain/time.ts';

export interface Node {
  resource: Resource;
  /** When it was first read; its numbers are known since then. */
  appearedAt: EpochMs;
  /** Number of the complete reading that last named it. */
  look: number;
}

export class Nodes {
  readonly #kinds = new Map<string, Map<string, Node>>();
  size = 0;

  find(ref: ResourceRef): Node | undefined {
    return this.#kinds.get(ref.kind)?.get(ref.id);
  }

  add(node: Node): void {
    const { kind, id } = node.resource;
    let nodes = this.#kinds.get(kind);
    if (nodes === undefined) {
      nodes = new Map();
      this.#kinds.set(kind, nodes);
    }
    nodes.set(id, node);
    this.size++;
  }

  remove(ref: ResourceRef): void {
    if (this.#kinds.get(ref.kind)?.delete(ref.id)) this.size--;
  }

  list(kind?: string): Node[] {
    if (kind !== undefined) return [...(this.#kinds.get(kind)?.values() ?? [])];
    return [...this.#kinds.values()].flatMap((nodes) => [...nodes.values()]);
  }

  /** Those that `collector` reads. */
  ownedBy(collector: string): Node[] {
    const owned: Node[] = [];
    for (const nodes of this.#kinds.values()) {
      for (const node of nodes.values()) {
        if (node.resource.collector === collector) owned.push(node);
      }
    }
    return owned;
  }
}
