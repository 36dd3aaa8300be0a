/** Builds the inventory: the resources, the differences readings make, the past of numbers. */
import type { Event, Reading, ResourceReading, ResourceRef } from '../domain/reading.ts';
import { refKey } from '../domain/reading.ts';
import type { Difference, Resource, Sample } from '../domain/resource.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Inventory, InventorySnapshot, SampleWish } from './inventory.ts';
import { changedNames, merge } from './merge.ts';
import { type Node, Nodes } from './nodes.ts';
import { defaultSamplesLimits, Samples, type SamplesLimits } from './samples.ts';

export interface InventoryLimits extends SamplesLimits {
  /** All resources of all kinds; further ones are left out and counted by `leftOut`. */
  readonly resourcesMax: number;
  /** Happenings remembered so that a second report of one is dropped; the oldest go first. */
  readonly eventKeysMax: number;
}

const defaultLimits: InventoryLimits = {
  ...defaultSamplesLimits,
  resourcesMax: 50_000,
  eventKeysMax: 4096,
};

type CompleteOrPartial = Extract<Reading, { readonly resources: unknown }>;

class ResourceInventory implements Inventory {
  readonly #limits: InventoryLimits;
  readonly #samples: Samples;
  readonly #nodes = new Nodes();
  readonly #eventKeys = new Set<string>();
  /** By collector: how many its last complete reading and what followed had too many. */
  readonly #leftOut = new Map<string, number>();
  #looks = 0;

  constructor(limits: InventoryLimits, from: InventorySnapshot | undefined) {
    this.#limits = limits;
    this.#samples = new Samples(limits);
    for (const node of from?.resources ?? []) this.#nodes.add({ ...node, look: 0 });
    for (const key of from?.eventKeys ?? []) this.#eventKeys.add(key);
    for (const one of from?.samples ?? []) this.#samples.restore(one);
  }

  apply(collector: string, reading: Reading, at: EpochMs): readonly Difference[] {
    if (reading.type === 'failed') return [];
    if (reading.type === 'absent') {
      const gone = { why: reading.why, at, absent: true };
      return this.#nodes.ownedBy(collector).map((node) => this.#remove(node, gone));
    }
    const differences: Difference[] = [];
    if (reading.type === 'complete') {
      this.#looks++;
      this.#leftOut.delete(collector);
    }
    for (const resource of reading.resources) this.#read(collector, resource, at, differences);
    for (const node of this.#goneBy(collector, reading)) {
      const why = reading.type === 'complete' ? 'not found any more' : 'announced as gone';
      differences.push(this.#remove(node, { why, at }));
    }
    for (const event of reading.events) {
      if (!this.#isNew(event)) continue;
      const resource = this.find(event);
      differences.push({ type: 'happened', event, resource });
    }
    return differences;
  }

  markStale(collector: string, why: string, at: EpochMs): readonly Difference[] {
    return this.#mark(collector, at).map((resource) => ({ type: 'stale', resource, why }));
  }

  markFresh(collector: string): readonly Difference[] {
    return this.#mark(collector, null).map((resource) => ({ type: 'fresh', resource }));
  }

  find(ref: ResourceRef): Resource | undefined {
    return this.#nodes.find(ref)?.resource;
  }

  list(kind?: string): readonly Resource[] {
    return this.#nodes.list(kind).map((node) => node.resource);
  }

  readonly past = (ref: ResourceRef, attribute: string): readonly Sample[] => {
    const node = this.#nodes.find(ref);
    if (node === undefined) return [];
    const { readAt, attributes } = node.resource;
    const found = this.#samples.list(ref, attribute, readAt - this.#limits.pastMax);
    const value = attributes[attribute];
    if (typeof value !== 'number') return found;
    if (found.length === 0) found.push({ at: Math.min(node.appearedAt, readAt), value });
    if (readAt > (found.at(-1)?.at ?? readAt)) found.push({ at: readAt, value });
    return found;
  };

  recent(ref: ResourceRef, attribute: string, from: EpochMs): readonly Sample[] {
    return this.#samples.recent(ref, attribute, from);
  }

  readonly known = {
    find: (kind: string, id: string): Resource | undefined => this.find({ kind, id }),
    list: (kind: string): readonly Resource[] => this.list(kind),
  };

  snapshot(wants: SampleWish): InventorySnapshot {
    return {
      resources: this.#nodes.list().map(({ resource, appearedAt }) => ({ resource, appearedAt })),
      samples: this.#samples.dump(wants),
      eventKeys: [...this.#eventKeys],
    };
  }

  leftOut(): number {
    return [...this.#leftOut.values()].reduce((sum, n) => sum + n, 0);
  }

  clockStepped(delta: Ms): void {
    this.#samples.shift(delta);
    for (const node of this.#nodes.list()) node.appearedAt += delta;
  }

  #read(collector: string, reading: ResourceReading, at: EpochMs, into: Difference[]): void {
    const node = this.#nodes.find(reading);
    if (node === undefined) {
      this.#appear(collector, reading, at, into);
      return;
    }
    node.look = this.#looks;
    const before = node.resource;
    const changed = changedNames(before.attributes, reading.attributes);
    const fresh = { collector, readAt: at, staleSince: null };
    if (changed.length === 0) {
      node.resource = { ...before, ...fresh };
    } else {
      const attributes = merge(before.attributes, reading.attributes, changed);
      node.resource = { ...before, ...fresh, attributes, changedAt: reading.at ?? at };
      this.#sample(node, before, changed, at);
      into.push({ type: 'changed', resource: node.resource, before, changed });
    }
    if (before.staleSince !== null) into.push({ type: 'fresh', resource: node.resource });
  }

  #appear(collector: string, reading: ResourceReading, at: EpochMs, into: Difference[]): void {
    if (this.#nodes.size >= this.#limits.resourcesMax) {
      this.#leftOut.set(collector, (this.#leftOut.get(collector) ?? 0) + 1);
      return;
    }
    const { kind, id, attributes } = reading;
    const changedAt = reading.at ?? at;
    const times = { changedAt, readAt: at, staleSince: null };
    const resource: Resource = { kind, id, collector, attributes, ...times };
    this.#nodes.add({ resource, appearedAt: at, look: this.#looks });
    into.push({ type: 'appeared', resource });
  }

  #sample(node: Node, before: Resource, changed: readonly string[], at: EpochMs): void {
    for (const name of changed) {
      const value = node.resource.attributes[name];
      if (typeof value !== 'number') continue;
      const old = before.attributes[name];
      const known = typeof old === 'number' ? { value: old, since: node.appearedAt } : undefined;
      this.#samples.add(before, name, known, { at, value });
    }
  }

  #goneBy(collector: string, reading: CompleteOrPartial): readonly Node[] {
    if (reading.type === 'complete') {
      return this.#nodes.ownedBy(collector).filter((node) => node.look !== this.#looks);
    }
    return [...new Set(reading.gone.flatMap((ref) => this.#nodes.find(ref) ?? []))];
  }

  #remove(
    { resource }: Node,
    gone: { readonly why: string; readonly at: EpochMs; readonly absent?: boolean },
  ): Difference {
    this.#nodes.remove(resource);
    this.#samples.forget(resource);
    return { type: 'gone', resource, ...gone };
  }

  #isNew(event: Event): boolean {
    const key = `${refKey(event)} ${event.event} ${event.key}`;
    if (this.#eventKeys.has(key)) return false;
    this.#eventKeys.add(key);
    if (this.#eventKeys.size > this.#limits.eventKeysMax) {
      const [oldest] = this.#eventKeys;
      if (oldest !== undefined) this.#eventKeys.delete(oldest);
    }
    return true;
  }

  #mark(collector: string, staleSince: EpochMs | null): Resource[] {
    const marked: Resource[] = [];
    for (const node of this.#nodes.ownedBy(collector)) {
      if ((node.resource.staleSince === null) === (staleSince === null)) continue;
      node.resource = { ...node.resource, staleSince };
      marked.push(node.resource);
    }
    return marked;
  }
}

/** `from`: what another inventory knew; left out: it knows nothing yet. */
export const createInventory = (
  options: Partial<InventoryLimits> = {},
  from?: InventorySnapshot,
): Inventory => new ResourceInventory({ ...defaultLimits, ...options }, from);
