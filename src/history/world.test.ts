/** The world against the history: torn, full, deleted, locked, killed. Nothing of it is thrown. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hours } from '../domain/time.ts';
import { connect } from '../platform/sqlite/connection.ts';
import { createHistory } from './client.ts';
import {
  createKeeper,
  limits,
  name,
  pointsOf,
  recordAll,
  recordOne,
  start,
  temporaryPath,
  tickOf,
} from './history.fixture.ts';
import type { HistoryState } from './history.ts';
import { raw } from './tiers.ts';

const range = { from: start, to: start + hours(9) };
const one = (n: number) => tickOf(start + n * raw.step, { [name.id]: n });
const rising = (count: number) => Array.from({ length: count }, (_, n) => n);

function damage(path: string, from: number, length: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, from, from + length);
  writeFileSync(path, bytes);
}

test('a torn file is set aside and a new history begins, which is told for a day', (t) => {
  const path = temporaryPath(t);
  const first = createKeeper(t, path);
  recordAll(first, start, rising(3));
  first.close();
  damage(path, 0, 64);
  const keeper = createKeeper(t, path);
  recordOne(keeper, one(10));
  assert.equal(pointsOf(keeper, range).points.length, 1);
  assert.equal(readdirSync(dirname(path)).filter((file) => file.includes('.corrupt-')).length, 1);
  assert.equal(keeper.states.at(-1)?.status, 'degraded');
  assert.match(String(keeper.states.at(-1)?.reason), /begins anew: it was not sound .*\.corrupt-/);
  recordOne(keeper, tickOf(start + hours(25), { [name.id]: 1 }));
  assert.deepEqual(keeper.states.at(-1), { status: 'healthy', reason: null });
});

test('a page that is torn while it runs costs the history, and no more', (t) => {
  const path = temporaryPath(t);
  const keeper = createKeeper(t, path);
  recordAll(keeper, start, rising(400));
  keeper.close();
  damage(path, 16_384, statSync(path).size - 16_384);
  // So large a file would not be read as a whole at the start: it opens, and fails then.
  const again = createKeeper(t, path);
  for (let n = 400; n < 403; n++) recordOne(again, one(n));
  assert.equal(pointsOf(again, range).points.at(-1)?.[2], 402);
  assert.ok(readdirSync(dirname(path)).some((file) => file.includes('.corrupt-')));
});

test('a chunk that holds nonsense is as good as none, and hides no other', (t) => {
  const path = temporaryPath(t);
  const keeper = createKeeper(t, path);
  recordAll(keeper, start, rising(3 * 120));
  keeper.close();
  const db = connect(path, { readonly: false });
  db.exec(
    `UPDATE chunks SET data = x'ffffffffffffffffff' WHERE key = (SELECT min(key) FROM chunks)`,
  );
  db.close();
  const { points } = pointsOf(createKeeper(t, path), range);
  assert.deepEqual([points.length, points[0]?.[2]], [240, 120]);
});

test('a full file loses ticks and says so; what is stored can be read', (t) => {
  const keeper = createKeeper(t, temporaryPath(t), { pagesMax: 12 });
  let n = 0;
  for (; n < 400 && keeper.states.at(-1)?.status !== 'degraded'; n++) {
    const others = Object.fromEntries(rising(40).map((i) => [`t${i}`, Math.sin(n * 40 + i)]));
    recordOne(keeper, tickOf(start + n * raw.step, { ...others, [name.id]: n }));
  }
  assert.match(String(keeper.states.at(-1)?.reason), /^numbers are not recorded: .*full/);
  assert.ok(pointsOf(keeper, range).points.length >= n - 2);
});

test('the last room of a disk is left to alerts', (t) => {
  const path = temporaryPath(t);
  const keeper = createKeeper(t, path, { roomMin: Number.MAX_SAFE_INTEGER });
  recordOne(keeper, one(1));
  assert.match(
    String(keeper.states.at(-1)?.reason),
    /^numbers are not recorded: little room in \//,
  );
  assert.ok(!existsSync(path));
});

test('a file that is deleted while it is open is begun anew', (t) => {
  const path = temporaryPath(t);
  const keeper = createKeeper(t, path);
  recordOne(keeper, one(1));
  rmSync(path);
  recordOne(keeper, one(2));
  assert.deepEqual(
    pointsOf(keeper, range).points.map(([, , avg]) => avg),
    [2],
  );
  assert.match(String(keeper.states.at(-1)?.reason), /was deleted or replaced while it was open/);
});

test('a lock of another program loses a tick, and the next one is stored', (t) => {
  const path = temporaryPath(t);
  const keeper = createKeeper(t, path);
  recordOne(keeper, one(1));
  const other = connect(path, { readonly: false });
  other.exec('BEGIN IMMEDIATE');
  recordOne(keeper, one(2));
  assert.equal(keeper.states.at(-1)?.status, 'degraded');
  other.exec('ROLLBACK');
  other.close();
  recordOne(keeper, one(3));
  assert.equal(keeper.states.at(-1)?.status, 'healthy');
  assert.deepEqual(
    pointsOf(keeper, range).points.map(([, , avg]) => avg),
    [1, 3],
  );
});

test('a file of a newer tocsin is left as it is, and said to be', (t) => {
  const path = temporaryPath(t);
  const first = createKeeper(t, path);
  recordOne(first, one(1));
  first.close();
  const db = connect(path, { readonly: false });
  db.exec(`UPDATE meta SET value = 9 WHERE key IN ('schema', 'min_compat')`);
  db.close();
  const before = readFileSync(path);
  const keeper = createKeeper(t, path);
  recordOne(keeper, one(2));
  assert.equal(keeper.states.at(-1)?.status, 'unhealthy');
  assert.match(String(keeper.states.at(-1)?.reason), /needs a tocsin that knows schema 9/);
  assert.equal(keeper.query({ ...name, ...range }, start).type, 'unavailable');
  assert.deepEqual(readFileSync(path), before);
});

test('through the thread: recorded, asked, closed, opened again', async (t) => {
  const path = temporaryPath(t);
  const states: HistoryState[] = [];
  const options = {
    limits: () => limits,
    now: () => start,
    onState: (s: HistoryState) => states.push(s),
  };
  const first = createHistory(path, options);
  for (let n = 0; n < 3; n++) await first.record(one(n));
  await first.close();
  const history = createHistory(path, options);
  const answer = await history.query({ ...name, ...range });
  assert.ok(answer.type === 'points');
  assert.deepEqual(
    answer.points.map(([, , avg]) => avg),
    [0, 1, 2],
  );
  assert.deepEqual(states, [{ status: 'healthy', reason: null }]);
  assert.equal((await history.statistics())?.series, 1);
  await history.close();
  await history.record(one(4));
  assert.equal((await history.query({ ...name, ...range })).type, 'unavailable');
});

const child = fileURLToPath(new URL('./kill-child.fixture.ts', import.meta.url));

test('SIGKILL at any time leaves a history that goes on, with what was stored', async (t) => {
  const path = temporaryPath(t);
  let next = 0;
  for (const ticks of [5, 130]) {
    const process = spawn(globalThis.process.execPath, [child, path, String(next)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stored = next - 1;
    for await (const line of createInterface(process.stdout)) {
      stored = Number(line);
      if (stored >= next + ticks) process.kill('SIGKILL');
    }
    if (process.exitCode === null && process.signalCode === null) await once(process, 'close');
    assert.equal(process.signalCode, 'SIGKILL');
    const keeper = createKeeper(t, path);
    const { points } = pointsOf(keeper, { from: start, to: start + hours(8) });
    const values = points.map(([, , avg]) => avg);
    assert.deepEqual(values.slice(0, stored + 1), rising(stored + 1));
    next = values.length;
    assert.deepEqual(keeper.states, []);
    keeper.close();
  }
});
