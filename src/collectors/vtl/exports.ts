/**
 * What SCST exported before a daemon was started anew. A restart of vtltape or vtllibrary takes its
 * SCSI device away for a moment, and SCST then drops the LUN of it in silence and does not put it
 * back (domain.md S5): the initiator loses its drive while every unit is green.
 */
import { isUnreadable, type Unreadable } from '../../domain/reading.ts';
import { days, type EpochMs, type Ms } from '../../domain/time.ts';
import type { Daemon } from './daemons.ts';
import type { VtlDevice } from './devices.ts';

interface Remembered {
  /** The run of its daemon during which it was last seen exported. */
  readonly startedAt: EpochMs;
  /** When it was first seen without its export after a restart; null while it has it. */
  readonly lostAt: EpochMs | null;
}

/** An export that has not come back by then is not wanted any more. */
const rememberedMax: Ms = days(30);

/** Keeps what was seen, as text that survives a restart of tocsin. */
export class Exports {
  #seen = new Map<string, Remembered>();
  #save: ((text: string) => void) | undefined;

  /** `text` is what was saved last. */
  restore(text: string | undefined, save: (text: string) => void): void {
    this.#save = save;
    if (text === undefined) return;
    try {
      const entries = JSON.parse(text) as [string, Remembered][];
      for (const [id, { startedAt, lostAt }] of entries) {
        const isOurs = typeof startedAt === 'number' && !this.#seen.has(id);
        if (isOurs) this.#seen.set(id, { startedAt, lostAt: lostAt ?? null });
      }
    } catch {
      // Written by another version: what is exported now is seen again at once.
    }
  }

  /** Whether the export of a unit was lost by a restart of its daemon. */
  judge(
    id: string,
    device: VtlDevice | undefined,
    daemon: Daemon,
    now: EpochMs,
  ): boolean | Unreadable {
    const { startedAt } = daemon;
    const exported = device?.exported ?? null;
    const before = this.#seen.get(id);
    if (isUnreadable(exported)) return exported;
    // Without SCST or the device there is nothing to judge.
    if (exported === null || (!exported && before === undefined)) return false;
    if (isUnreadable(startedAt)) return startedAt;
    if (exported && startedAt !== null) {
      if (before?.startedAt !== startedAt || before.lostAt !== null)
        this.#put(id, { startedAt, lostAt: null });
      return false;
    }
    if (exported || startedAt === null || before === undefined) return false;
    if (before.startedAt === startedAt) {
      // The daemon runs as it did: somebody took the export away.
      this.#put(id, undefined);
      return false;
    }
    if (before.lostAt === null) this.#put(id, { ...before, lostAt: now });
    else if (now - before.lostAt > rememberedMax) {
      this.#put(id, undefined);
      return false;
    }
    return true;
  }

  #put(id: string, seen: Remembered | undefined): void {
    if (seen === undefined) this.#seen.delete(id);
    else this.#seen.set(id, seen);
    this.#save?.(JSON.stringify([...this.#seen]));
  }
}
