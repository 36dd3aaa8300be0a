/** All that resources are made of, and what the configuration lets one say about them. */
import { type ResourceReading, type Unreadable, unreadable } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Fact } from './attribute.ts';
import type { Declared } from './declared.ts';
import type { VisitorBook } from './sessions.ts';
import type { HungThreads } from './threads.ts';
import type { Tree } from './tree.ts';

export type Configuration =
  | { readonly type: 'good'; readonly declared: Declared }
  | { readonly type: 'none' }
  /** `last` is what it said while it could be read: those resources are still resources. */
  | { readonly type: 'broken'; readonly why: string; readonly last: Declared | undefined };

/** What one rendering is made from. */
export interface Facts {
  readonly now: EpochMs;
  /** undefined: SCST is not loaded. */
  readonly tree: Tree | undefined;
  readonly configuration: Configuration;
  readonly book: VisitorBook;
  /** A file of the answer of stat, by its name; undefined: not asked yet. */
  readonly backing: ReadonlyMap<string, Fact<Backing>>;
  readonly portal: Fact<boolean>;
  readonly threads: HungThreads | Unreadable | undefined;
  /** What runs and is not in the configuration, by name, as of the last walk. */
  readonly unsaved: readonly string[];
  readonly queueSilentSince: EpochMs | null;
  readonly managementBusySince: EpochMs | null;
  /** scst.service is enabled, as systemd's collector knows. */
  readonly serviceEnabled: boolean;
  /** Drivers whose open_state was "open" since tocsin began to look. */
  readonly wereOpen: ReadonlySet<string>;
}

/** What a backing file is; `absent`: there is none of that name. */
export type Backing = 'absent' | 'block' | 'other';

/** What was declared, also while the file is broken. */
export const declaredBefore = (configuration: Configuration): Declared | undefined =>
  configuration.type === 'good'
    ? configuration.declared
    : configuration.type === 'broken'
      ? configuration.last
      : undefined;

/**
 * A fact about the declaration: null without a configuration, unreadable with one that is broken,
 * never "not declared" because it could not be read.
 */
export function declaredFact<T>(
  configuration: Configuration,
  of: (declared: Declared) => T | null,
): Fact<T> {
  if (configuration.type === 'good') return of(configuration.declared);
  return configuration.type === 'broken' ? unreadable(configuration.why) : null;
}

/** All keys of the maps, each once. */
export function idsOf(
  ...maps: readonly (ReadonlyMap<string, unknown> | undefined)[]
): ReadonlySet<string> {
  return new Set(maps.flatMap((map) => (map === undefined ? [] : [...map.keys()])));
}

export type Rendered = ResourceReading;
