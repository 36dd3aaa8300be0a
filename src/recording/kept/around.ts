/** Kept readings of a few resources over a short time, for people to read. */
import { type ResourceRef, refKey } from '../../domain/reading.ts';
import { type EpochMs, rfc3339 } from '../../domain/time.ts';
import type { Input } from '../input.ts';
import { readKept } from './read.ts';

/** Further ones are left out; a number each minute of fifty resources makes 4,500. */
const rowsMax = 20_000;

export interface KeptRow {
  readonly time: string;
  readonly collector: string;
  readonly says: string;
  readonly resources: readonly unknown[];
}

function rowOf(input: Input, keys: ReadonlySet<string>): Omit<KeptRow, 'time'> | undefined {
  if (input.type === 'stale' || input.type === 'fresh')
    return { collector: input.collector, says: input.type, resources: [] };
  if (input.type !== 'reading') return undefined;
  const { collector, reading } = input;
  if (reading.type === 'absent') return { collector, says: 'absent', resources: [] };
  if (reading.type === 'failed') return undefined;
  const gone = reading.type === 'partial' ? reading.gone : [];
  const told = [
    ...reading.resources,
    ...gone.map((ref) => ({ ...ref, gone: true })),
    ...reading.events,
  ].filter((one) => keys.has(refKey(one)));
  return told.length === 0 ? undefined : { collector, says: 'reading', resources: told };
}

/** How they were when keeping began, and what changed from `from` to `to`. */
export function readAround(
  segments: Iterable<() => Buffer>,
  refs: readonly ResourceRef[],
  from: EpochMs,
  to: EpochMs,
): readonly KeptRow[] {
  const keys = new Set(refs.map(refKey));
  const kinds = new Set(refs.map(({ kind }) => kind));
  const rows: KeptRow[] = [];
  for (const kept of readKept(segments, { kinds, numbers: () => undefined })) {
    if (kept.type !== 'input') continue;
    if (kept.at > to || rows.length >= rowsMax) break;
    const isState = kept.input.type === 'reading' && kept.input.reading.type === 'complete';
    if (kept.at < from && !isState) continue;
    const row = rowOf(kept.input, keys);
    if (row !== undefined) rows.push({ time: rfc3339(kept.at), ...row });
  }
  return rows;
}
