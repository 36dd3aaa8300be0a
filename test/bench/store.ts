/** Durable changes per second: the store in its worker, one commit after another. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/client.ts';
import { alertOf, changeOf } from '../../src/store/samples.fixture.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface StoreSpeed {
  readonly batch: number;
  readonly changesPerSecond: number;
  /** Milliseconds of one commit. */
  readonly commit: Spread;
}

export interface DiskSpeed {
  /** Milliseconds of writing 4 KiB and fdatasync(2): no commit can be faster. */
  readonly sync: Spread;
}

const pageBytes = 4096;

export function measureDisk(times: number): DiskSpeed {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const file = openSync(join(folder, 'page'), 'w');
  const page = Buffer.alloc(pageBytes, 'x');
  const took = Array.from({ length: times }, (_, i) => {
    const began = performance.now();
    writeSync(file, page, 0, pageBytes, i * pageBytes);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return { sync: spreadOf(took) };
}

/** Commits batches of alerts that begin to fire, for at least so long and so often. */
export async function measureStore(
  batch: number,
  secondsMin: number,
  timesMin: number,
): Promise<StoreSpeed> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const store = await openStore(join(folder, 'tocsin.db'));
  const took: number[] = [];
  let seq = 0;
  let total = 0;
  while (total < secondsMin * 1000 || took.length < timesMin) {
    const changes = Array.from({ length: batch }, () => {
      seq += 1;
      return changeOf(seq, alertOf(seq));
    });
    const began = performance.now();
    const answer = await store.commit({ changes, events: [], cursors: {}, blind: [] });
    const milliseconds = performance.now() - began;
    if (answer.type !== 'committed') throw new Error(`the store answers ${answer.why}`);
    took.push(milliseconds);
    total += milliseconds;
  }
  await store.close();
  rmSync(folder, { recursive: true });
  return { batch, changesPerSecond: (seq / total) * 1000, commit: spreadOf(took) };
}
