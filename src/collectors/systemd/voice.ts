/** Says to the watcher what is known; until there is one, keeps what must not be lost. */
import {
  type Event,
  partial,
  type ResourceReading,
  type ResourceRef,
} from '../../domain/reading.ts';
import type { Watcher } from '../collector.ts';
import type { Told } from './state.ts';

// Only between the start of the collector and its watching: a moment.
const keptMax = 10_000;

/** The cursor that holds what is kept over restarts. */
export const memoryName = 'runs';

export interface Voice {
  tell(told: Told | undefined, more: readonly Event[]): void;
  blind(why: string): void;
  seeing(): void;
  attach(watcher: Watcher): void;
}

export interface Manners {
  /** What another collector tells better is left to it. */
  readonly mayTell: (reading: ResourceReading) => boolean;
  readonly mayEnd: (ref: ResourceRef) => boolean;
  /** What has to survive a restart, where it has changed. */
  readonly takeMemory: () => string | undefined;
}

export function createVoice({ mayTell, mayEnd, takeMemory }: Manners): Voice {
  let watcher: Watcher | undefined;
  let kept: Event[] = [];
  let recovered = 0;
  let blindWhy: string | undefined;

  const flush = (): void => {
    if (watcher === undefined) return;
    if (kept.length > 0) watcher.tell(partial([], { events: kept }));
    for (; recovered > 0; recovered--) watcher.recovered();
    kept = [];
  };

  return {
    tell: (told, more) => {
      const resources = (told?.resources ?? []).filter(mayTell);
      const gone = (told?.gone ?? []).filter(mayEnd);
      const events = [...(told?.events ?? []), ...more];
      recovered += told?.recovered ?? 0;
      if (watcher === undefined) {
        // The first look tells all resources anyway.
        kept = [...kept, ...events].slice(-keptMax);
        return;
      }
      // Events before the leaving: rules on events see the resource as it was.
      if (resources.length + events.length > 0) watcher.tell(partial(resources, { events }));
      if (gone.length > 0) watcher.tell(partial([], { gone }));
      const memory = takeMemory();
      if (memory !== undefined) watcher.saveCursor(memoryName, memory);
      flush();
    },
    blind: (why) => {
      if (blindWhy === undefined) watcher?.blind(why);
      blindWhy = why;
    },
    seeing: () => {
      if (blindWhy !== undefined) watcher?.seeing();
      blindWhy = undefined;
    },
    attach: (given) => {
      watcher = given;
      if (blindWhy !== undefined) watcher.blind(blindWhy);
      flush();
    },
  };
}
