/** Takes in TapeAlert flags: remembers them over restarts, and makes events of new ones. */
import type { Event } from '../../domain/reading.ts';
import type { Watcher } from '../collector.ts';
import { Kept } from '../kept.ts';
import { type FlagsRead, readAlertMemory, takeFlags } from './alert-memory.ts';
import type { Facts } from './readings.ts';

const cursor = 'alerts';

export interface AlertDesk {
  /** What is set now, and what is new. */
  take(read: FlagsRead): {
    readonly facts: Facts;
    readonly flags: readonly number[];
    readonly events: readonly Event[];
  };
}

export function createAlertDesk(watcher: Watcher): AlertDesk {
  const kept = new Kept(watcher, cursor);
  let memory = readAlertMemory(kept.read());
  return {
    take: (read) => {
      const { memory: after, flags, verdict, events } = takeFlags(memory, read);
      memory = after;
      kept.write(memory);
      const facts = { alertFlags: flags.join(',') };
      return {
        facts: read.type === 'drive' ? { ...facts, alertVerdict: verdict } : facts,
        flags,
        events,
      };
    },
  };
}
