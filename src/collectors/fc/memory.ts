/** Which ports were online once, how fast, and since when they are missing: over restarts. */
import { days, type EpochMs, type Ms } from '../../domain/time.ts';
import { isRow } from '../json.ts';
import type { Kept } from '../kept.ts';

export interface Remembered {
  /** It was online once. */
  readonly wasOnline: boolean;
  readonly bestGigabits: number | null;
  /** Since when it has been slower than that; null while it is not. */
  readonly slowerSince: EpochMs | null;
  readonly absentSince: EpochMs | null;
}

/** A port that is missing, or slower, for that long is meant to be so. */
const rememberedMax: Ms = days(30);
/** Far more ports than a machine has; more are not remembered. */
const portsMax = 256;

const nothing: Remembered = {
  wasOnline: false,
  bestGigabits: null,
  slowerSince: null,
  absentSince: null,
};

const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);

export class Memory {
  readonly #ports = new Map<string, Remembered>();
  #kept: Kept | undefined;

  /** Takes over what was kept; what is known already is newer. */
  restore(kept: Kept): void {
    this.#kept = kept;
    const entries = kept.read();
    for (const entry of Array.isArray(entries) ? entries.slice(0, portsMax) : []) {
      const [wwpn, port]: readonly unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof wwpn !== 'string' || !isRow(port) || this.#ports.has(wwpn)) continue;
      this.#ports.set(wwpn, {
        wasOnline: port.wasOnline === true,
        bestGigabits: numberOrNull(port.bestGigabits),
        slowerSince: numberOrNull(port.slowerSince),
        absentSince: numberOrNull(port.absentSince),
      });
    }
  }

  of(wwpn: string): Remembered {
    return this.#ports.get(wwpn) ?? nothing;
  }

  /** Names of the ports that are known from before, and still waited for. */
  names(): string[] {
    return [...this.#ports.keys()];
  }

  /** A port that is there. */
  see(wwpn: string, isOnline: boolean, gigabits: number | undefined, now: EpochMs): void {
    const { wasOnline, bestGigabits, slowerSince } = this.of(wwpn);
    if (!this.#ports.has(wwpn) && this.#ports.size >= portsMax) return;
    let best = bestGigabits;
    let slower = slowerSince;
    if (isOnline && gigabits !== undefined) {
      const isSlower = best !== null && gigabits < best;
      if (!isSlower) slower = null;
      else slower ??= now;
      if (!isSlower || (slower !== null && now - slower > rememberedMax)) {
        best = gigabits;
        slower = null;
      }
    }
    this.#ports.set(wwpn, {
      wasOnline: wasOnline || isOnline,
      bestGigabits: best,
      slowerSince: slower,
      absentSince: null,
    });
  }

  /** A port that is missing. */
  miss(wwpn: string, now: EpochMs): void {
    const port = this.of(wwpn);
    const absentSince = port.absentSince ?? now;
    // A port that never was online is nobody's loss.
    if (!port.wasOnline || now - absentSince > rememberedMax) this.#ports.delete(wwpn);
    else this.#ports.set(wwpn, { ...port, absentSince });
  }

  forget(wwpn: string): void {
    this.#ports.delete(wwpn);
  }

  save(): void {
    this.#kept?.write([...this.#ports]);
  }
}
