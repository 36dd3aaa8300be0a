/** What has been told of each resource, so that a watcher tells only what differs. */
import {
  type AttributeReading,
  isUnreadable,
  type ResourceReading,
  type ResourceRef,
  refKey,
} from '../domain/reading.ts';

type Attributes = Readonly<Record<string, AttributeReading>>;

/** What was not told before. */
export interface News {
  readonly resources: readonly ResourceReading[];
  readonly gone: readonly ResourceRef[];
}

export class Told {
  readonly #known = new Map<string, ResourceReading>();

  /** Nothing has been told yet, or nothing is there. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** The attributes that are new or different, from now on known; undefined when none is. */
  take(resource: ResourceReading): ResourceReading | undefined {
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

  /** Of some resources what differs; nothing is said of the others. */
  changes(resources: readonly ResourceReading[]): readonly ResourceReading[] {
    return resources.flatMap((resource) => this.take(resource) ?? []);
  }

  /** Those that are known and not among `resources`; from now on unknown. */
  gone(resources: readonly ResourceReading[]): readonly ResourceRef[] {
    const here = new Set(resources.map(refKey));
    const gone = [...this.#known].filter(([key]) => !here.has(key));
    for (const [key] of gone) this.#known.delete(key);
    return gone.map(([, { kind, id }]) => ({ kind, id }));
  }

  /** `resources` is all there is: what differs, and what is gone. */
  news(resources: readonly ResourceReading[]): News {
    return { resources: this.changes(resources), gone: this.gone(resources) };
  }
}

const same = (a: AttributeReading | undefined, b: AttributeReading): boolean =>
  a === b || (isUnreadable(a) && isUnreadable(b) && a.unreadable === b.unreadable);

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
function withRest(resource: ResourceReading, before: ResourceReading): ResourceReading {
  for (const name in before.attributes) {
    if (!(name in resource.attributes))
      return { ...resource, attributes: { ...before.attributes, ...resource.attributes } };
  }
  return resource;
}
