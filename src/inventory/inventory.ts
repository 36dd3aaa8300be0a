/**
 * The inventory: all resources as last known. Applies readings, yields differences, remembers
 * the recent past of numbers. Pure: no I/O, time comes in as an argument.
 */
import type { Past } from '../domain/past.ts';
import type { Reading, ResourceRef } from '../domain/reading.ts';
import type { Difference, Known, Resource, Sample } from '../domain/resource.ts';
import type { EpochMs, Ms } from '../domain/time.ts';

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
  /** The wall clock jumped: the past moves with it, so that windows keep their length. */
  clockStepped(delta: Ms): void;
}
