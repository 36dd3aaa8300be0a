/**
 * The inventory: all resources as last known. Applies readings, yields differences, remembers
 * the recent past of numbers. Pure: no I/O, time comes in as an argument.
 */
import type { Past } from '../domain/past.ts';
import type { Reading, ResourceRef } from '../domain/reading.ts';
import type { Difference, Known, Resource, Sample } from '../domain/resource.ts';
import type { EpochMs, Ms } from '../domain/time.ts';

/** Of which attributes the past is wanted: it is far larger than the present. */
export type SampleWish = (kind: string, attribute: string) => boolean;

/** One ring of samples in its order: `[place of the id, at, value]`. */
export type SampleRow = readonly [place: number, at: EpochMs, value: number];

export interface SamplesSnapshot {
  readonly kind: string;
  readonly attribute: string;
  /** Resources whose number has changed, and how often. */
  readonly ids: readonly string[];
  readonly changes: readonly number[];
  readonly fine: readonly SampleRow[];
  readonly coarse: readonly SampleRow[];
}

export interface InventorySnapshot {
  readonly resources: readonly { readonly resource: Resource; readonly appearedAt: EpochMs }[];
  readonly samples: readonly SamplesSnapshot[];
  /** Happenings that are told already. */
  readonly eventKeys: readonly string[];
}

export interface Inventory {
  /** What the reading of `collector`, taken at `at`, changed. */
  apply(collector: string, reading: Reading, at: EpochMs): readonly Difference[];
  /** All resources of a collector become stale (it is blind), or fresh again. */
  markStale(collector: string, why: string, at: EpochMs): readonly Difference[];
  markFresh(collector: string, at: EpochMs): readonly Difference[];
  find(ref: ResourceRef): Resource | undefined;
  list(kind?: string): readonly Resource[];
  readonly past: Past;
  /** Newest first: changes of a number after `from`, and what it was then; [] if it never did. */
  recent(ref: ResourceRef, attribute: string, from: EpochMs): readonly Sample[];
  /** For collectors: what the others know. */
  readonly known: Known;
  /** Resources of the last readings that were beyond `resourcesMax` and are not watched. */
  leftOut(): number;
  /** All it knows, so that another inventory can go on from there. */
  snapshot(wants: SampleWish): InventorySnapshot;
  /** The wall clock jumped: the past moves with it, so that windows keep their length. */
  clockStepped(delta: Ms): void;
}
