/** SIGKILL at random points under load: used by the short test here and the long one in test/system. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Change } from '../domain/alert.ts';
import { verifyAuditFile } from '../platform/sqlite/audit-file.ts';
import { openDatabase } from './open.ts';
import { raisings, start, temporaryFolder } from './samples.fixture.ts';
import { prepareTables } from './tables/tables.ts';

const child = fileURLToPath(new URL('./kill-child.fixture.ts', import.meta.url));
const answersMax = 25;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Lets a child commit, kills it after some answers; returns the highest number it called durable. */
async function commitAndKill(path: string, answers: number): Promise<number> {
  const process = spawn(globalThis.process.execPath, [child, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<string | null>((resolve) => {
    process.on('close', (_status, signal) => resolve(signal));
  });
  let durable = 0;
  let heard = 0;
  for await (const line of createInterface(process.stdout)) {
    durable = Math.max(durable, Number(line));
    if (++heard === answers) process.kill('SIGKILL');
  }
  assert.equal(await ended, 'SIGKILL', 'the child ended only because it was killed');
  return durable;
}

/** What must be true of the file afterwards. Returns the number of the last change in it. */
function inspect(path: string, durable: number): number {
  const { db, report } = openDatabase(path, { now: start });
  const tables = prepareTables(db);
  const { lastSeq } = tables.meta.read();
  const cursors = tables.cursors.list();
  const count = db.prepare<[], number>('SELECT count(*) FROM changes').pluck().get();
  const integrity = db.pragma('integrity_check', { simple: true });
  const newest = JSON.parse(tables.changes.listAbove(lastSeq - 50, 100)) as readonly Change[];
  const eventCount = db.prepare<[], number>('SELECT count(*) FROM events').pluck().get();
  const open = (JSON.parse(tables.alerts.listOpen()) as readonly unknown[]).length;
  db.close();
  assert.equal(report.why, null);
  assert.equal(integrity, 'ok');
  assert.ok(lastSeq >= durable, `${durable} was called durable, ${lastSeq} is the last one stored`);
  assert.equal(count, lastSeq, 'numbers are gapless from 1');
  assert.equal(open, lastSeq, 'each change has its alert');
  assert.deepEqual(newest, raisings(Math.max(1, lastSeq - 49), lastSeq));
  assert.equal(cursors.journal, String(lastSeq), 'the cursor belongs to the same transaction');
  const audit = verifyAuditFile(path);
  assert.ok(audit.type === 'sound', JSON.stringify(audit));
  assert.equal(audit.rows, eventCount, 'the deed belongs to the same transaction');
  return lastSeq;
}

export async function surviveKills(t: TestContext, rounds: number): Promise<void> {
  const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin % 1e9));
  const random = randomFrom(seed);
  const path = join(temporaryFolder(t), 'tocsin.db');
  let stored = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const durable = await commitAndKill(path, 1 + Math.floor(random() * answersMax));
      stored = inspect(path, durable);
    }
  } catch (error) {
    t.diagnostic(`SEED=${seed}`);
    throw error;
  }
  t.diagnostic(`${rounds} kills, ${stored} changes, none lost`);
}
