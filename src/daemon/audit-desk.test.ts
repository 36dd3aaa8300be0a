import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { hours, seconds } from '../domain/time.ts';
import type { Deed } from '../operations/house-audit.ts';
import type { Batch, CommitAnswer, Store } from '../store/store.ts';
import { AuditDesk } from './audit-desk.ts';

const deedOf = (by: string, more: Partial<Deed> = {}): Deed => ({
  at: 7,
  by,
  door: 'local',
  client: null,
  operation: 'rule.remove',
  subject: 'disk-hot',
  input: '{}',
  outcome: 'done',
  ...more,
});

/** A store that keeps deeds in an array, as long as there is room. */
function create() {
  const clock = new FakeClock();
  const rows: Deed[] = [];
  const lines: string[] = [];
  const log = {
    error: (line: string) => void lines.push(`error ${line}`),
    warning: () => {},
    notice: () => {},
    info: (line: string) => void lines.push(line),
  };
  const state = {
    trouble: undefined as CommitAnswer | Error | undefined,
    /** Nothing is answered before its end. */
    frost: undefined as Promise<void> | undefined,
    verifying: 0,
  };
  const store: Pick<Store, 'commit' | 'listAudit' | 'verifyAudit'> = {
    async commit({ audit = [] }: Batch): Promise<CommitAnswer> {
      await state.frost;
      if (state.trouble instanceof Error) throw state.trouble;
      if (state.trouble !== undefined) return state.trouble;
      const links = audit.map((deed) => ({ number: rows.push(deed), hash: `hash-${deed.by}` }));
      return { type: 'committed', events: [], audit: links };
    },
    listAudit: async () => [],
    async verifyAudit() {
      state.verifying += 1;
      if (state.trouble instanceof Error) throw state.trouble;
      return { type: 'sound', rows: rows.length, head: '' };
    },
  };
  return { desk: new AuditDesk({ store, clock, log }), clock, rows, lines, state };
}

const names = (rows: readonly Deed[]): readonly string[] => rows.map(({ by }) => by);

test('each row goes to the log with its number, its hash and who did what', async () => {
  const { desk, lines } = create();
  assert.equal(await desk.write(deedOf('uid:0', { client: ':1.42' })), true);
  await desk.write(deedOf('token:ci', { door: 'api', subject: null, outcome: 'conflict' }));
  assert.deepEqual(lines, [
    'audit 1 hash-uid:0: uid:0 (:1.42) through local: rule.remove disk-hot: done',
    'audit 2 hash-token:ci: token:ci through api: rule.remove: conflict',
  ]);
});

for (const { name, trouble } of [
  { name: 'full', trouble: { type: 'full', why: 'no room' } as const },
  { name: 'broken', trouble: { type: 'broken', why: 'disk I/O error' } as const },
  { name: 'throwing', trouble: new Error('a bug') },
])
  test(`a deed that a ${name} store does not take is in the log whole, and written later`, async () => {
    const { desk, lines, rows, state } = create();
    state.trouble = trouble;
    assert.equal(await desk.write(deedOf('uid:0')), false);
    assert.match(lines[0] ?? '', /^error audit: not stored \(.*\).*"by":"uid:0".*"disk-hot"/);
    assert.equal(await desk.write(deedOf('uid:1')), false);
    state.trouble = undefined;
    assert.equal(await desk.write(deedOf('uid:2')), true);
    assert.deepEqual(names(rows), ['uid:0', 'uid:1', 'uid:2']);
    await desk.write(deedOf('uid:3'));
    assert.equal(rows.length, 4);
  });

test('deeds that meet a full store at the same time are written once each, in their order', async () => {
  const { desk, rows, state } = create();
  state.trouble = { type: 'full', why: 'no room' };
  const first = Array.from({ length: 5 }, (_, i) => desk.write(deedOf(`uid:${i}`)));
  await Promise.all(first);
  state.trouble = undefined;
  await Promise.all([desk.write(deedOf('uid:5')), desk.write(deedOf('uid:6'))]);
  assert.deepEqual(
    names(rows),
    [0, 1, 2, 3, 4, 5, 6].map((i) => `uid:${i}`),
  );
});

test('of what waits for room the latest thousand are kept', async () => {
  const { desk, rows, state } = create();
  state.trouble = { type: 'full', why: 'no room' };
  for (let i = 0; i < 1500; i++) await desk.write(deedOf(`uid:${i}`));
  state.trouble = undefined;
  await desk.write(deedOf('last'));
  assert.equal(rows.length, 1001);
  assert.deepEqual([rows[0]?.by, rows.at(-1)?.by], ['uid:500', 'last']);
});

test('five refusals of a caller in an hour get a row, the others are counted in one', async () => {
  const { desk, rows, clock } = create();
  const refused = deedOf('uid:1000', { outcome: 'not-permitted' });
  for (let i = 0; i < 500; i++) assert.equal(await desk.write(refused), true);
  assert.equal(rows.length, 5);
  // What others are refused, and what is done, has nothing to do with that.
  await desk.write(deedOf('uid:7', { outcome: 'not-permitted' }));
  for (let i = 0; i < 30; i++) await desk.write(deedOf('uid:1000'));
  assert.equal(rows.length, 36);
  await clock.advance(hours(1));
  const omitted = rows.at(-1);
  assert.deepEqual([rows.length, omitted?.by, omitted?.operation], [37, 'tocsin', 'audit.omit']);
  assert.equal(omitted?.input, '{"of":"uid:1000 local","omitted":495}');
  await desk.write(refused);
  assert.equal(rows.length, 38);
});

test('sessions, which need no right, push out nothing either', async () => {
  const { desk, rows } = create();
  for (let i = 0; i < 200; i++)
    await desk.write(deedOf('token:page', { operation: i % 2 ? 'session.close' : 'session.open' }));
  assert.equal(rows.length, 5);
  await desk.stop();
  assert.equal(rows.at(-1)?.input, '{"of":"token:page local","omitted":195}');
});

test('who does too much waits, but for root; what was refused and logging in is not counted', async () => {
  const { desk, rows } = create();
  const flood = (by: string, more: Partial<Deed> = {}) =>
    Promise.all(Array.from({ length: 5000 }, () => desk.write(deedOf(by, more))));
  await flood('token:ci', { outcome: 'conflict' });
  await flood('token:ci', { operation: 'session.open' });
  assert.equal(desk.waitOf('token:ci'), undefined);
  await Promise.all([flood('token:ci'), flood('uid:0')]);
  // Each that was done has its row.
  assert.equal(rows.length, 10_005);
  assert.equal(desk.waitOf('token:ci'), seconds(3.6));
  assert.deepEqual([desk.waitOf('uid:0'), desk.waitOf('token:other')], [undefined, undefined]);
});

test('at the end what was only counted gets its row', async () => {
  const { desk, rows } = create();
  for (let i = 0; i < 25; i++) await desk.write(deedOf('uid:9', { outcome: 'conflict' }));
  await desk.stop();
  assert.equal(rows.at(-1)?.input, '{"of":"uid:9 local","omitted":20}');
});

test('a thousand callers are counted each, those beyond together', async () => {
  const { desk, rows } = create();
  for (let i = 0; i < 1200; i++) await desk.write(deedOf(`uid:${i}`, { outcome: 'conflict' }));
  assert.equal(rows.length, 1000 + 5);
  await desk.stop();
  assert.equal(rows.at(-1)?.input, '{"of":"others","omitted":195}');
});

test('whoever asks while the chain is being verified gets the same answer', async () => {
  const { desk, state } = create();
  await Promise.all([desk.verify(), desk.verify(), desk.verify()]);
  assert.equal(state.verifying, 1);
  await desk.verify();
  assert.equal(state.verifying, 2);
});

test('a chain for which there is no thread is not looked at, and says nothing false', async () => {
  const { desk, state } = create();
  state.trouble = Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
  const why = 'no thread can be started: EAGAIN';
  assert.deepEqual(await desk.verify(), { type: 'unread', why });
  state.trouble = undefined;
  assert.equal((await desk.verify()).type, 'sound');
});

test('what tocsin does itself has no door', async () => {
  const { desk, rows } = create();
  await desk.tell('system', 'daemon.reload', { rules: 3 }, 'refused');
  const [row] = rows;
  assert.deepEqual([row?.by, row?.door, row?.operation], ['system', 'none', 'daemon.reload']);
  assert.deepEqual([row?.input, row?.outcome], ['{"rules":3}', 'refused']);
});

test('a disk that does not answer holds up no deed, and each is a row when it does', async () => {
  const { desk, clock, lines, rows, state } = create();
  const { promise, resolve } = Promise.withResolvers<void>();
  state.frost = promise;
  const first = desk.write(deedOf('uid:0'));
  await clock.advance(seconds(6));
  assert.equal(await first, false);
  assert.match(
    lines[0] ?? '',
    /^error audit: not stored \(the disk does not answer\).*"by":"uid:0"/,
  );
  assert.equal(await desk.write(deedOf('uid:1')), false, 'it is not waited for again');
  resolve();
  state.frost = undefined;
  await settled();
  assert.equal(await desk.write(deedOf('uid:2')), true);
  assert.deepEqual(names(rows), ['uid:0', 'uid:1', 'uid:2']);
});
