/**
 * Drive or cartridge? One TapeAlert flag cannot tell; the earlier ones can. Same flag on two
 * cartridges in one drive: the drive. Same flag for one cartridge in two drives: the cartridge.
 * Pure; the history is bounded and kept over restarts by the cursor of the collector.
 */
import { days, type EpochMs } from '../../domain/time.ts';
import type { AlertFlag } from './alert-flag.ts';

/** One flag that was set. */
export interface Sighting {
  readonly flag: number;
  /** Serial of the drive, or of the changer. */
  readonly device: string;
  readonly barcode: string | null;
  readonly at: EpochMs;
}

export type Verdict = 'drive' | 'cartridge' | 'library' | 'undecided';

export interface Judgement {
  readonly verdict: Verdict;
  readonly advice: string;
  readonly timesOnDrive: number;
  readonly timesOnCartridge: number;
}

// A year of two flags a week for three drives; a drive that floods pushes out the oldest.
export const sightingsMax = 300;
/** Cartridges come round again after months. */
const keptFor = days(365);
/** Of rules.md D-10: soft errors count within a week. */
const countedFor = days(7);
/** Read and write warnings are one complaint for counting. */
const groupOf = (flag: number): number => (flag === 2 ? 1 : flag);

export const addSighting = (
  history: readonly Sighting[],
  sighting: Sighting,
): readonly Sighting[] =>
  [...history, sighting].filter(({ at }) => at > sighting.at - keptFor).slice(-sightingsMax);

const countOf = (values: readonly (string | null)[]): number =>
  new Set(values.filter((value) => value !== null)).size;

function decide(flag: AlertFlag, history: readonly Sighting[], latest: Sighting): Verdict {
  if (flag.blame === 'nobody') return 'undecided';
  if (flag.blame !== 'either') return flag.blame;
  const same = history.filter((one) => one.flag === latest.flag);
  const cartridges = countOf(
    same.filter(({ device }) => device === latest.device).map(({ barcode }) => barcode),
  );
  const drives = countOf(
    same
      .filter(({ barcode }) => barcode !== null && barcode === latest.barcode)
      .map(({ device }) => device),
  );
  // Both at once: the side that met more of the other one is the likelier culprit.
  if (cartridges === drives) return 'undecided';
  if (cartridges > drives) return cartridges >= 2 ? 'drive' : 'undecided';
  return drives >= 2 ? 'cartridge' : 'undecided';
}

function adviceFor(flag: AlertFlag, verdict: Verdict, latest: Sighting): string {
  if (flag.blame !== 'either') return flag.advice;
  const tape = latest.barcode ?? 'the cartridge';
  if (verdict === 'drive')
    return `Several cartridges had this in drive ${latest.device}: clean the drive; if it happens again, have it replaced.`;
  if (verdict === 'cartridge')
    return `${tape} had this in several drives: copy its data to another cartridge and retire it.`;
  return `${flag.advice} Next to try: ${tape} in another drive, another cartridge in drive ${latest.device}.`;
}

/** `history` holds `latest`. */
export function judge(flag: AlertFlag, history: readonly Sighting[], latest: Sighting): Judgement {
  const verdict = decide(flag, history, latest);
  const recent = history.filter(
    (one) => groupOf(one.flag) === groupOf(latest.flag) && one.at > latest.at - countedFor,
  );
  return {
    verdict,
    advice: adviceFor(flag, verdict, latest),
    timesOnDrive: recent.filter(({ device }) => device === latest.device).length,
    timesOnCartridge:
      latest.barcode === null
        ? 0
        : recent.filter(({ barcode }) => barcode === latest.barcode).length,
  };
}
