/** Sessions over time: duplicates, losses, restarts of tocsin, commands that do not move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Capture, changed, type Entry } from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { hours, minutes } from '../../domain/time.ts';
import { backup1, captureOf, open, sessionPath, tgt, vm } from './scst.fixture.ts';
import { rememberedFor, VisitorBook } from './sessions.ts';

const idle = captureOf('iii-session-idle');
const id = `iscsi/${backup1}/${vm}`;
const target = `iscsi/${backup1}`;

/** The capture with the session of `vm` once more, as another login or another initiator. */
function withSession(
  capture: Capture,
  folder: string,
  changes: Readonly<Record<string, string | undefined>>,
): Capture {
  const copies: Record<string, string | Entry | undefined> = {};
  for (const [path, entry] of capture) {
    if (path.startsWith(`${sessionPath}/`))
      copies[path.replace(`sessions/${vm}`, `sessions/${folder}`)] = entry;
  }
  for (const [name, text] of Object.entries(changes))
    copies[`${tgt}/targets/iscsi/${backup1}/sessions/${folder}/${name}`] = text;
  return changed(capture, copies);
}
const without = (capture: Capture): Capture => changed(capture, { [sessionPath]: undefined });

async function look(capture: Capture, options: Parameters<typeof open>[1] = {}) {
  const house = open(capture, options);
  await house.collect();
  const fact = (name: string, kind = 'scst.session', of = id) =>
    house.resource(kind, of)?.attributes[name];
  const events = () =>
    house.readings.flatMap((one) =>
      'events' in one ? one.events.map(({ event, foundBy }) => `${event} ${foundBy}`) : [],
    );
  return { ...house, fact, events };
}

test('a second session of the same initiator is folded: sums, and a count of two', async () => {
  const two = withSession(idle, `${vm}_1`, { sid: 'other\n', read_cmd_count: '5\n' });
  const { fact, resources, stop } = await look(two);
  assert.equal(fact('sessions'), 2);
  assert.equal(fact('readCommands'), 405);
  assert.equal(fact('connections'), 2);
  assert.equal(fact('sessions', 'scst.target', target), 1);
  assert.equal(fact('sessions', 'scst.core', 'scst'), 2);
  assert.equal(resources().filter(({ kind }) => kind === 'scst.session').length, 1);
  stop();
});

test('an old session that dies beside a new one closes once, and nobody is lost', async () => {
  const { fact, show, pass, events, stop } = await look(idle);
  show(withSession(idle, `${vm}_1`, { sid: 'new\n' }));
  await pass(1);
  show(withSession(without(idle), `${vm}_1`, { sid: 'new\n', initiator_name: `${vm}\n` }));
  assert.equal(fact('sessions'), 2);
  show(changed(idle, { [`${sessionPath}/sid`]: 'new\n' }));
  await pass(1);
  assert.deepEqual(events(), ['opened signal', 'closed signal']);
  assert.deepEqual([fact('present'), fact('lostAt'), fact('closes')], [true, null, 1]);
  stop();
});

test('a login between two looks is told by its new session id', async () => {
  const { fact, show, collect, events, stop } = await look(idle);
  show(changed(idle, { [`${sessionPath}/sid`]: '40300003d0200\n' }));
  await collect();
  assert.deepEqual(events().toSorted(), ['closed signal', 'opened signal']);
  assert.equal(fact('closes'), 1);
  stop();
});

test('a lost initiator stays for seven days, over restarts, and comes back', async () => {
  const cursors = new Map<string, string>();
  const clock = new FakeClock();
  const first = await look(idle, { cursors, clock });
  first.stop();
  await clock.advance(hours(2));
  const second = await look(without(idle), { cursors, clock });
  const lostAt = clock.now();
  assert.deepEqual(second.events(), ['closed reconciliation']);
  const { present, regular, closes } = second.resource('scst.session', id)?.attributes ?? {};
  assert.deepEqual([present, regular, closes], [false, true, 0]);
  assert.equal(second.fact('lostAt'), lostAt);
  second.stop();
  await clock.advance(hours(1));
  const third = await look(without(idle), { cursors, clock });
  assert.deepEqual(third.events(), []);
  assert.equal(third.fact('lostAt'), lostAt);
  third.show(idle);
  await third.pass(1);
  assert.deepEqual([third.fact('present'), third.fact('lostAt')], [true, null]);
  assert.deepEqual(third.events(), ['opened signal']);
  third.show(without(idle));
  await third.pass(1);
  third.stop();
  await clock.advance(rememberedFor + minutes(1));
  const fourth = await look(without(idle), { cursors, clock });
  assert.equal(fourth.resource('scst.session', id), undefined);
  fourth.stop();
});

test('the memory is written when it changes, not at every look', async () => {
  const { cursors, collect, pass, show, stop } = await look(idle);
  const text = cursors.get('initiators');
  cursors.clear();
  await collect();
  await pass(10);
  assert.equal(cursors.size, 0);
  show(without(idle));
  await pass(1);
  assert.notEqual(cursors.get('initiators'), text);
  stop();
});

test('a memory that makes no sense is nothing', () => {
  const rows = [1, [2], ['a'], ['a', 'b', 'c', null, null, null]];
  for (const kept of [undefined, null, {}, 'text', rows]) {
    const book = new VisitorBook();
    book.load(kept);
    assert.equal(book.visitors.size, 0);
  }
});

test('a target that is taken away on purpose takes its initiators along', async () => {
  const conf = 'TARGET_DRIVER iscsi {\nenabled 1\n}\n';
  const { fact, show, pass, resource, stop } = await look(
    changed(idle, { '/etc/scst.conf': conf }),
  );
  assert.equal(fact('present'), true);
  const gone = { [`${tgt}/targets/iscsi/${backup1}`]: undefined, '/etc/scst.conf': conf };
  show(changed(idle, gone));
  await pass(1);
  assert.equal(resource('scst.session', id), undefined);
  assert.equal(resource('scst.target', target), undefined);
  stop();
});

test('two sessions that end together are a loss of the target until one is back', async () => {
  const two = withSession(idle, 'iqn.b', { initiator_name: 'iqn.b\n', sid: 'b\n' });
  const { fact, show, pass, clock, stop } = await look(two);
  const lost = (): unknown => fact('sessionsLostAt', 'scst.target', target);
  show(idle);
  await pass(30);
  assert.equal(lost(), null);
  show(without(idle));
  await pass(1);
  assert.equal(lost(), clock.now());
  show(idle);
  await pass(1);
  assert.equal(lost(), null);
  stop();
});

/** The session with commands in work and given counters. */
const busy = (inWork: number, reads: number, lun5 = 0): Capture =>
  changed(idle, {
    [`${sessionPath}/lun0/active_commands`]: `${inWork}\n`,
    [`${sessionPath}/lun5/active_commands`]: `${lun5}\n`,
    [`${sessionPath}/read_cmd_count`]: `${reads}\n`,
  });

test('commands that do not move show since when, and at which device', async () => {
  const { fact, show, pass, clock, stop } = await look(idle);
  show(busy(3, 400));
  await pass(1);
  const since = clock.now();
  await pass(50);
  assert.equal(fact('stalledSince'), null);
  await pass(15);
  const seen = ['stalledSince', 'stalledDevice', 'stalledTape'].map((name) => fact(name));
  assert.deepEqual(seen, [since, 'disk1', false]);
  // More of them arrive: still nothing moves.
  show(busy(4, 400));
  await pass(5);
  assert.equal(fact('stalledSince'), since);
  show(busy(4, 401));
  await pass(1);
  assert.equal(fact('stalledSince'), null);
  stop();
});

test('a session that works is never stalled, and its work makes no noise', async () => {
  const { fact, show, pass, readings, stop } = await look(idle);
  await pass(2);
  const before = readings.length;
  for (let i = 1; i <= 25; i++) {
    show(busy(1 + (i % 3), 400 + i));
    await pass(1);
  }
  assert.equal(readings.length, before);
  assert.equal(fact('stalledSince'), null);
  stop();
});

test('a connection that is closing or reinstated shows since when', async () => {
  const { fact, show, pass, clock, stop } = await look(idle);
  show(changed(idle, { [`${sessionPath}/127.0.0.1/state`]: 'closing ' }));
  await pass(1);
  const since = clock.now();
  await pass(20);
  assert.equal(fact('closingSince'), since);
  show(changed(idle, { [`${sessionPath}/reinstating`]: '1\n' }));
  await pass(40);
  assert.equal(fact('closingSince'), since);
  show(idle);
  await pass(1);
  assert.equal(fact('closingSince'), null);
  stop();
});

test('the sums of a target do not fall when a session ends', async () => {
  const { fact, show, pass, collect, stop } = await look(idle);
  show(without(idle));
  await pass(1);
  show(changed(idle, { [`${sessionPath}/sid`]: 'b\n', [`${sessionPath}/read_cmd_count`]: '7\n' }));
  await collect();
  assert.equal(fact('readCommands', 'scst.target', target), 407);
  assert.equal(fact('readCommands'), 7);
  stop();
});
