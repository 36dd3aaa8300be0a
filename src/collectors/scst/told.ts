/** What has been told of each resource, so that only differences are told again. */
import {
  type AttributeReading,
  isUnreadable,
  type ResourceReading,
  type ResourceRef,
  refKey,
} from '../../domain/reading.ts';

import type { Pace } from './pace.ts';

type Attributes = Readonly<Record<string, AttributeReading>>;

const same = (a: AttributeReading | undefined, b: AttributeReading): boolean =>
  a === b || (isUnreadable(a) && isUnreadable(b) && a.unreadable === b.unreadable);

export class Told {
  #known = new Map<string, ResourceReading>();

  /** All there is: replaces what was known. */
  async replace(resources: readonly ResourceReading[], pace: Pace): Promise<void> {
    const before = this.#known;
    this.#known = new Map();
    for (const resource of resources) {
      if (pace.due()) await pace.rest();
      const key = refKey(resource);
      this.#known.set(key, withRest(resource, before.get(key)));
    }
  }

  /** Those of `resources` that are new or different, with what differs; from now on known. */
  async changes(
    resources: readonly ResourceReading[],
    pace: Pace,
  ): Promise<readonly ResourceReading[]> {
    const changes: ResourceReading[] = [];
    for (const resource of resources) {
      if (pace.due()) await pace.rest();
      const change = this.#take(resource);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  #take(resource: ResourceReading): ResourceReading | undefined {
    const key = refKey(resource);
    const before = this.#known.get(key);
    if (before === undefined) {
      this.#known.set(key, resource);
      return resource;
    }
    const attributes = difference(before.attributes, resource.attributes);
    if (attributes === undefined) return undefined;
    this.#known.set(key, withRest(resource, before));
    return { ...resource, attributes };
  }

  /** Those that are known and not among `resources`; from now on unknown. */
  gone(resources: readonly ResourceReading[]): readonly ResourceRef[] {
    const here = new Set(resources.map(refKey));
    const gone = [...this.#known].filter(([key]) => !here.has(key));
    for (const [key] of gone) this.#known.delete(key);
    return gone.map(([, { kind, id }]) => ({ kind, id }));
  }
}

function difference(before: Attributes, now: Attributes): Attributes | undefined {
  let different: Record<string, AttributeReading> | undefined;
  for (const name in now) {
    const fact = now[name];
    if (fact === undefined || same(before[name], fact)) continue;
    different ??= {};
    different[name] = fact;
  }
  return different;
}

/** What a reading leaves out stays as it was. */
function withRest(resource: ResourceReading, before: ResourceReading | undefined): ResourceReading {
  if (before === undefined) return resource;
  for (const name in before.attributes) {
    if (!(name in resource.attributes))
      return { ...resource, attributes: { ...before.attributes, ...resource.attributes } };
  }
  return resource;
}
