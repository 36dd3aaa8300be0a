/** Silences and windows: what is in force when, through restarts and clocks that jump. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { settled } from '../../test/support/fake-clock.ts';
import type { Maintenance, Silence } from '../domain/mute.ts';
import { days, type EpochMs, hours, type Ms, minutes, seconds } from '../domain/time.ts';
import type { MuteAnswer } from '../operations/house-mutes.ts';
import { silencesMax } from '../operations/silence-plan.ts';
import { draftAt, MuteBench, momentsOf, periodic } from './mute-desk.fixture.ts';

async function done<T>(answer: Promise<MuteAnswer<T>>): Promise<T> {
  const given = await answer;
  assert.ok(given.type === 'done', JSON.stringify(given));
  return given.value;
}

const silence = (bench: MuteBench, length: Ms = hours(1), delay: Ms = 0): Promise<Silence> =>
  done(bench.desk.saveSilence(draftAt(bench.now() + delay, length), 'uid:0'));

const nightly = { type: 'calendar', calendar: periodic(hours(24), hours(2)), duration: hours(1) };
const addWindow = (bench: MuteBench, schedule: object = nightly): Promise<Maintenance> =>
  done(
    bench.desk.addWindow(
      { matchers: [], schedule: schedule as Maintenance['schedule'], comment: 'updates' },
      'uid:0',
    ),
  );

test('a silence is in force when it is answered, and not a moment after its end', async () => {
  const bench = new MuteBench();
  const { id } = await silence(bench);
  assert.deepEqual(bench.inForce(), [id]);
  assert.equal(bench.rows.size, 1);
  await bench.clock.advance(hours(1) - 1);
  assert.deepEqual(bench.inForce(), [id]);
  await bench.clock.advance(1);
  assert.deepEqual(bench.inForce(), []);
});

test('a silence that is to come begins at its time', async () => {
  const bench = new MuteBench();
  const { id } = await silence(bench, hours(1), hours(2));
  assert.deepEqual(bench.inForce(), []);
  await bench.clock.advance(hours(2));
  assert.deepEqual(bench.inForce(), [id]);
});

test('the engine is told only when what is in force has changed', async () => {
  const bench = new MuteBench();
  await silence(bench);
  const before = bench.given.length;
  await bench.clock.advance(minutes(30));
  assert.equal(bench.given.length, before);
});

test('a wall clock that jumps past the end, or back, is noticed within a minute', async () => {
  const bench = new MuteBench();
  const { id } = await silence(bench);
  bench.clock.jump(hours(3));
  await bench.clock.advance(minutes(1));
  assert.deepEqual(bench.inForce(), []);
  bench.clock.jump(-hours(3));
  await bench.clock.advance(minutes(1));
  assert.deepEqual(bench.inForce(), [id]);
});

test('after a restart silences are given before anything else happens', async () => {
  const bench = new MuteBench();
  const { id } = await silence(bench);
  bench.restart();
  assert.deepEqual(bench.inForce(), [id]);
  bench.restart(hours(2));
  assert.deepEqual(bench.given.at(-1), [], 'given, although there is none');
});

test('whoever ended a silence is kept, and it is forgotten five days after its end', async () => {
  const bench = new MuteBench();
  const { id } = await silence(bench);
  const ended = await done(bench.desk.expireSilence(id, 'uid:7'));
  assert.deepEqual([ended.endedBy, ended.endsAt], ['uid:7', bench.now()]);
  assert.deepEqual(bench.inForce(), []);
  assert.equal((await done(bench.desk.expireSilence(id, 'uid:8'))).endedBy, 'uid:7');
  await bench.clock.advance(hours(120));
  assert.equal(bench.desk.silences().length, 1);
  await bench.clock.advance(minutes(1));
  assert.deepEqual([bench.desk.silences().length, bench.rows.size], [0, 0]);
});

test('a change of the end keeps the id; other matchers end the old silence for a new one', async () => {
  const bench = new MuteBench();
  const first = await silence(bench);
  await bench.clock.advance(minutes(5));
  const draft = { ...draftAt(first.startsAt, hours(3)), id: first.id };
  const longer = await done(bench.desk.saveSilence(draft, 'uid:0'));
  assert.deepEqual([longer.id, longer.endsAt], [first.id, first.startsAt + hours(3)]);
  const other = [{ name: 'unit', operator: '=', value: 'b.service' }] as const;
  const next = await done(bench.desk.saveSilence({ ...draft, matchers: other }, 'uid:0'));
  assert.notEqual(next.id, first.id);
  assert.deepEqual(bench.inForce(), [next.id]);
  bench.restart();
  assert.deepEqual(bench.inForce(), [next.id]);
});

test('a silence that could not be stored is said to be so', async () => {
  const bench = new MuteBench();
  bench.state = { type: 'full', why: 'no space left', eventsDropped: 0 };
  const answer = await bench.desk.saveSilence(draftAt(bench.now()), 'uid:0');
  assert.deepEqual(answer, { type: 'unstored', why: 'no space left' });
});

test('one silence more than the limit is refused', async () => {
  const bench = new MuteBench();
  for (let i = 0; i < silencesMax; i++) await silence(bench);
  const answer = await bench.desk.saveSilence(draftAt(bench.now()), 'uid:0');
  assert.equal(answer.type, 'wrong');
});

test('a window opens and closes by its calendar, day after day', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  assert.deepEqual(bench.inForce(), []);
  for (const _ of [1, 2, 3]) {
    await bench.clock.advance(hours(2));
    assert.deepEqual(bench.inForce(), [id]);
    await bench.clock.advance(hours(1));
    assert.deepEqual(bench.inForce(), []);
    await bench.clock.advance(hours(21));
  }
});

test('openings that overlap are one', async () => {
  const bench = new MuteBench();
  const twice = { ...nightly, calendar: periodic(hours(24)), duration: hours(24) - seconds(1) };
  const { id } = await addWindow(bench, twice);
  assert.deepEqual(bench.inForce(), [id]);
  const answer = await bench.desk.addWindow(
    {
      matchers: [],
      schedule: { type: 'calendar', calendar: periodic(hours(1)), duration: hours(1) },
      comment: 'always',
    },
    'uid:0',
  );
  assert.ok(answer.type === 'wrong' && /never be closed/.test(answer.why));
});

for (const [calendar, why] of [
  ['nonsense', /Invalid argument/],
  ['0', /no moment in the future/],
] as const)
  test(`a calendar of ${calendar} is refused with the reason`, async () => {
    const bench = new MuteBench();
    const schedule = { type: 'calendar', calendar, duration: hours(1) } as const;
    const answer = await bench.desk.addWindow({ matchers: [], schedule, comment: 'x' }, 'uid:0');
    assert.ok(answer.type === 'wrong' && answer.field === 'calendar', JSON.stringify(answer));
    assert.match(answer.why, why);
  });

test('a restart in the middle of a window neither closes it nor loses its report', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  await bench.clock.advance(hours(2));
  bench.change('A', { mutedBy: [id] });
  bench.restart(minutes(20));
  assert.deepEqual(bench.inForce(), [id]);
  bench.change('A', { mutedBy: [], phase: 'resolved' });
  bench.restart(hours(5));
  assert.deepEqual(bench.inForce(), []);
  await settled();
  assert.deepEqual(
    bench.notes.map(({ title }) => title),
    ['Maintenance “updates” is over: 1 alert, 1 recovered'],
  );
  bench.restart(hours(1));
  await settled();
  assert.equal(bench.notes.length, 1);
});

test('a report that was not durable is told again after a restart, under the same key', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  await bench.clock.advance(hours(2));
  bench.change('A', { mutedBy: [id] });
  bench.isHeldUp = true;
  await bench.clock.advance(hours(2));
  bench.isHeldUp = false;
  bench.restart();
  await settled();
  bench.restart();
  await settled();
  assert.equal(bench.notes.length, 2);
  assert.equal(new Set(bench.notes.map(({ key }) => key)).size, 1);
});

test('a report for which the changes cannot be read is made when they can be', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  await bench.clock.advance(hours(2));
  bench.change('A', { mutedBy: [id] });
  bench.isUnreadable = true;
  await bench.clock.advance(hours(2));
  assert.deepEqual([bench.notes.length, bench.warnings.length], [0, 1]);
  bench.isUnreadable = false;
  await bench.clock.advance(minutes(2));
  assert.equal(bench.notes.length, 1);
});

test('a systemd that hangs does not hold up the start for long', async () => {
  const bench = new MuteBench();
  await addWindow(bench);
  bench.hangs = true;
  bench.restart(days(2));
  const restored = bench.desk.restored();
  await bench.clock.advance(seconds(5));
  await restored;
});

test('it is known of every window whether it is open before anything is told', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  bench.restart(days(3) + hours(2) + minutes(30));
  assert.deepEqual(bench.inForce(), []);
  await bench.desk.restored();
  assert.deepEqual(bench.inForce(), [id]);
});

test('a window that nobody can reckon any more is asked about again, and said once', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  await bench.clock.advance(hours(2));
  bench.trouble = { type: 'unknown', why: 'systemd-analyze cannot be run' };
  await bench.clock.advance(hours(2));
  assert.equal(bench.warnings.length, 1);
  assert.match(bench.warnings[0] ?? '', /updates.*cannot be run/);
  bench.trouble = undefined;
  await bench.clock.advance(hours(22));
  assert.deepEqual(bench.inForce(), [id]);
});

test('a window that is ended by hand closes at once and for good', async () => {
  const bench = new MuteBench();
  const { id } = await addWindow(bench);
  await bench.clock.advance(hours(2));
  bench.change('A', { mutedBy: [id] });
  await done(bench.desk.endWindow(id, 'uid:0'));
  assert.deepEqual(bench.inForce(), []);
  await bench.clock.advance(hours(25));
  assert.deepEqual(bench.inForce(), []);
  assert.equal(bench.notes.length, 1);
});

// What is in force, by arithmetic.
interface Model {
  readonly silences: Map<string, readonly [from: EpochMs, to: EpochMs]>;
  readonly windows: Map<string, Maintenance['schedule']>;
}

function isOpen(schedule: Maintenance['schedule'], now: EpochMs): boolean {
  if (schedule.type === 'once') return now >= schedule.startsAt && now < schedule.endsAt;
  const { period, offset } = momentsOf(schedule.calendar);
  const moment = Math.floor((now - offset) / period) * period + offset;
  return now < moment + schedule.duration;
}

function expected({ silences, windows }: Model, now: EpochMs): readonly string[] {
  const silent = [...silences].filter(([, [from, to]]) => now >= from && now < to);
  const open = [...windows].filter(([, schedule]) => isOpen(schedule, now));
  return [...silent, ...open].map(([id]) => id).toSorted();
}

const step = fc.oneof(
  fc.record({ type: fc.constant('silence' as const), delay: fc.nat(90), length: fc.nat(180) }),
  fc.record({ type: fc.constant('expire' as const), which: fc.nat(5) }),
  fc.record({ type: fc.constant('once' as const), delay: fc.nat(90), length: fc.nat(180) }),
  fc.record({
    type: fc.constant('calendar' as const),
    period: fc.integer({ min: 20, max: 300 }),
    offset: fc.nat(300),
    share: fc.integer({ min: 1, max: 95 }),
  }),
  fc.record({ type: fc.constant('end' as const), which: fc.nat(5) }),
  fc.record({ type: fc.constant('pass' as const), minutes: fc.nat(100), ms: fc.nat(60_000) }),
  fc.record({ type: fc.constant('jump' as const), minutes: fc.integer({ min: -400, max: 400 }) }),
  fc.record({ type: fc.constant('restart' as const), minutes: fc.nat(400) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function take(bench: MuteBench, model: Model, one: Step): Promise<void> {
  const { desk } = bench;
  const now = bench.now();
  switch (one.type) {
    case 'silence': {
      const startsAt = now + minutes(one.delay);
      const endsAt = startsAt + minutes(one.length) + 1;
      const saved = await silence(bench, endsAt - startsAt, startsAt - now);
      model.silences.set(saved.id, [startsAt, endsAt]);
      break;
    }
    case 'once': {
      const startsAt = now + minutes(one.delay);
      const schedule = { type: 'once', startsAt, endsAt: startsAt + minutes(one.length) + 1 };
      const { id } = await addWindow(bench, schedule);
      model.windows.set(id, schedule as Maintenance['schedule']);
      break;
    }
    case 'calendar': {
      const fraction = (one.offset % 2) * 500;
      const calendar = periodic(minutes(one.period), minutes(one.offset) + fraction);
      const duration = Math.floor((minutes(one.period) * one.share) / 100);
      const schedule = { type: 'calendar', calendar, duration } as const;
      model.windows.set((await addWindow(bench, schedule)).id, schedule);
      break;
    }
    case 'expire': {
      const [id, [from, to] = [0, 0]] = [...model.silences][one.which] ?? ['none'];
      await desk.expireSilence(id, 'uid:0');
      if (now < to) model.silences.set(id, [Math.min(from, now), now]);
      break;
    }
    case 'end': {
      const [id = 'none', schedule] = [...model.windows][one.which] ?? [];
      await desk.endWindow(id, 'uid:0');
      const isOver = schedule?.type === 'once' && now >= schedule.endsAt;
      if (!isOver) model.windows.delete(id);
      break;
    }
    case 'pass':
      await bench.clock.advance(minutes(one.minutes) + one.ms);
      break;
    case 'jump':
      bench.clock.jump(minutes(one.minutes));
      await bench.clock.advance(minutes(1));
      break;
    case 'restart':
      bench.restart(minutes(one.minutes));
      await bench.desk.restored();
      break;
    default:
      assert.fail();
  }
}

test('the engine has exactly what is in force, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const bench = new MuteBench();
      const model: Model = { silences: new Map(), windows: new Map() };
      for (const one of steps) {
        await take(bench, model, one);
        assert.deepEqual(bench.inForce(), expected(model, bench.now()), JSON.stringify(one));
      }
      bench.desk.stop();
    }),
    { numRuns: 60 },
  );
});
