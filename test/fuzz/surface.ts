/**
 * A surface is a place where something comes in from outside, and a way to try inputs on it. What
 * is promised of all of them: no crash, no hang, no growing memory.
 */
import type { Arbitrary } from 'fast-check';

export interface Probe<T> {
  /** Throws when a promise is broken. */
  try(input: T): Promise<void> | void;
  close(): Promise<void> | void;
}

export interface Surface<T = unknown> {
  readonly name: string;
  readonly inputs: Arbitrary<T>;
  /** A try that takes long counts for many: of so many inputs one is tried. */
  readonly oneOf?: number;
  /** Opened anew every few hundred inputs, so that what inputs have made does not pile up. */
  open(): Promise<Probe<T>>;
}

/** Keeps the type of its inputs to itself. */
export const defineSurface = <T>(surface: Surface<T>): Surface =>
  ({
    ...surface,
    open: async () => {
      const probe = await surface.open();
      return { close: () => probe.close(), try: (input: unknown) => probe.try(input as T) };
    },
  }) satisfies Surface;
