/**
 * What SCST exported before a daemon was started anew. A restart of vtltape or vtllibrary takes its
 * SCSI device away for a moment, and SCST then drops the LUN of it in silence and does not put it
 * back (domain.md S5): the initiator loses its drive while every unit is green.
 */
import { isUnreadable, type Unreadable } from '../../domain/reading.ts';
import { days, type EpochMs, type Ms } from '../../domain/time.ts';
import { isRow } from '../json.ts';
import type { Kept } from '../kept.ts';
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

/** Twice what device.conf may declare; beyond it an export is not remembered. */
const unitsMax = 8192;

/** Keeps what was seen, over a restart of tocsin too. */
export class Exports {
  readonly #seen = new Map<string, Remembered>();
  #kept: Kept | undefined;

  /** Takes over what was kept; what is seen already is newer. */
  restore(kept: Kept): void {
    this.#kept = kept;
    const entries = kept.read();
    for (const entry of Array.isArray(entries) ? entries.slice(0, unitsMax) : []) {
      const [id, seen]: readonly unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof id !== 'string' || !isRow(seen) || this.#seen.has(id)) continue;
      const { startedAt, lostAt } = seen;
      if (typeof startedAt !== 'number') continue;
      this.#seen.set(id, { startedAt, lostAt: typeof lostAt === 'number' ? lostAt : null });
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
    else if (this.#seen.size < unitsMax || this.#seen.has(id)) this.#seen.set(id, seen);
    this.#kept?.write([...this.#seen]);
  }
}
