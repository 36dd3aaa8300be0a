/** A resource as the inventory last knew it, and the differences that a reading makes. */
import type { AttributeReading, Event } from './reading.ts';
import type { EpochMs } from './time.ts';

export interface Resource {
  readonly kind: string;
  readonly id: string;
  /** Name of the collector that reads it. */
  readonly collector: string;
  /** Last known attributes. One that was never read is left out. */
  readonly attributes: Readonly<Record<string, AttributeReading>>;
  /** When the last change became true at the source. */
  readonly changedAt: EpochMs;
  readonly readAt: EpochMs;
  /** Since when its collector could not read it; null while it can. */
  readonly staleSince: EpochMs | null;
}

/** What a reading changed. The engine evaluates these, in order, and nothing else. */
export type Difference =
  | { readonly type: 'appeared'; readonly resource: Resource }
  | {
      readonly type: 'changed';
      readonly resource: Resource;
      readonly before: Resource;
      readonly changed: readonly string[];
    }
  /** `resource` is its last known state. */
  | {
      readonly type: 'gone';
      readonly resource: Resource;
      readonly why: string;
      readonly at: EpochMs;
      /** Its collector says that nothing of the kind is on this machine (`absent`). */
      readonly absent?: boolean;
    }
  | { readonly type: 'stale'; readonly resource: Resource; readonly why: string }
  | { readonly type: 'fresh'; readonly resource: Resource }
  | { readonly type: 'happened'; readonly event: Event; readonly resource: Resource | undefined };

/** One number at one time, for the functions over the recent past. */
export interface Sample {
  readonly at: EpochMs;
  readonly value: number;
}

/** What all collectors together know, for a collector that needs a fact which another one sees. */
export interface Known {
  find(kind: string, id: string): Resource | undefined;
  list(kind: string): readonly Resource[];
}
