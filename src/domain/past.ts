/** The recent past of numbers, as rules see it. */
import type { ResourceRef } from './reading.ts';
import type { Sample } from './resource.ts';

/** Samples of one number, oldest first, the current value last; empty when there are none. */
export type Past = (ref: ResourceRef, attribute: string) => readonly Sample[];
