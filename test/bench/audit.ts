/** What a row of the audit costs, and whether commits wait while 100,000 of them are verified. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deeds } from '../../src/store/audit.fixture.ts';
import { openStore } from '../../src/store/client.ts';
import { emptyBatch, type Store } from '../../src/store/store.ts';
import type { Row } from './report.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface AuditCost {
  readonly rows: number;
  readonly bytesPerRow: number;
  /** Microseconds for each row in commits of 1,000. */
  readonly appendUsec: number;
  /** Milliseconds of a deed that is committed alone. */
  readonly alone: Spread;
  /** The same while the whole chain is being verified. */
  readonly meanwhile: Spread;
  /** Milliseconds. */
  readonly verified: number;
  /** Milliseconds to find nothing in all rows: the reading that holds the thread longest. */
  readonly searched: number;
}

async function commit(store: Store, from: number, to: number): Promise<number> {
  const began = performance.now();
  const answer = await store.commit({ ...emptyBatch, audit: deeds(from, to) });
  if (answer.type !== 'committed') throw new Error(answer.why);
  return performance.now() - began;
}

/** One deed after another until `done` is settled. */
async function commitUntil(store: Store, done: Promise<unknown>): Promise<Spread> {
  const took: number[] = [];
  const isDone = done.then(() => true);
  const next = async (): Promise<boolean> => {
    took.push(await commit(store, 1, 1));
    return Promise.race([isDone, Promise.resolve(false)]);
  };
  while (!(await next()));
  return spreadOf(took);
}

async function time(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await call();
  return performance.now() - began;
}

export async function measureAudit(rows: number): Promise<AuditCost> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const path = join(folder, 'tocsin.db');
  const store = await openStore(path);
  const empty = statSync(path).size;
  const step = 1000;
  let appended = 0;
  for (let n = 0; n < rows; n += step) appended += await commit(store, n + 1, n + step);
  const took: number[] = [];
  for (let i = 0; i < 300; i++) took.push(await commit(store, 1, 1));
  let verified = 0;
  const verifying = time(() => store.verifyAudit()).then((ms) => {
    verified = ms;
  });
  const meanwhile = await commitUntil(store, verifying);
  const searched = await time(() => store.listAudit({ by: 'nobody', limit: 100 }));
  await store.close();
  const bytesPerRow = (statSync(path).size - empty) / rows;
  rmSync(folder, { recursive: true });
  const appendUsec = (appended * 1000) / rows;
  const alone = spreadOf(took);
  return { rows, bytesPerRow, appendUsec, alone, meanwhile, verified, searched };
}

const ms = (value: number): string => `${value.toFixed(value < 100 ? 2 : 0)} ms`;
const spread = ({ median, p95, max }: Spread): string =>
  `median ${ms(median)}, p95 ${ms(p95)}, max ${ms(max)}`;

export const ofAudit = (cost: AuditCost): readonly Row[] => [
  {
    what: `audit: ${cost.rows} rows in commits of 1,000`,
    value: `${cost.appendUsec.toFixed(0)} us and ${Math.round(cost.bytesPerRow)} bytes a row`,
  },
  { what: 'audit: verified', value: ms(cost.verified) },
  { what: 'audit: a deed that is committed alone', value: spread(cost.alone) },
  { what: 'audit: the same while it is verified', value: spread(cost.meanwhile) },
  { what: 'audit: listed by somebody who did nothing', value: ms(cost.searched) },
];

if (process.argv[1] === import.meta.filename)
  for (const { what, value } of ofAudit(await measureAudit(100_000)))
    console.log(`${what}: ${value}`);
