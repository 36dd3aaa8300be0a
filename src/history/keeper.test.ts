/** What went in comes out, through tiers, restarts, and whatever the clock does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { days, type EpochMs, hours, minutes, seconds } from '../domain/time.ts';
import type { HistoryPoint } from './grid.ts';
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
import type { TickValue } from './history.ts';
import { raw } from './tiers.ts';

const step = raw.step;

type Known = Map<EpochMs, TickValue>;

/** What an answer must be, from all that was ever recorded; the later word counts. */
function expected(known: Known, from: EpochMs, to: EpochMs, step: number): HistoryPoint[] {
  const pieces = new Map<EpochMs, (readonly [number, number, number])[]>();
  for (const at of [...known.keys()].sort((a, b) => a - b)) {
    const value = known.get(at) ?? null;
    if (value === null || at < from || at >= to) continue;
    const piece = Math.floor(at / step) * step;
    const list = pieces.get(piece) ?? [];
    list.push(typeof value === 'number' ? [value, value, value] : value);
    pieces.set(piece, list);
  }
  return [...pieces].map(([at, list]) => {
    const sum = list.reduce((all, [, avg]) => all + avg, 0);
    const min = Math.min(...list.map(([least]) => least));
    const max = Math.max(...list.map(([, , greatest]) => greatest));
    return [at, min, sum / list.length, max];
  });
}

function assertPoints(actual: readonly HistoryPoint[], wanted: readonly HistoryPoint[]): void {
  assert.deepEqual(
    actual.map(([at, min, , max]) => [at, min, max]),
    wanted.map(([at, min, , max]) => [at, min, max]),
  );
  for (const [i, [, min, avg, max]] of actual.entries()) {
    const off = Math.abs(avg - (wanted[i]?.[2] ?? 0));
    // Two tiers may each have rounded once.
    assert.ok(off <= (max - min) / 40_000 + 1e-12, `${off} off between ${min} and ${max}`);
  }
}

const value: fc.Arbitrary<TickValue> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(9), fc.nat(9), fc.nat(9))
      .map(([a, b, c]): TickValue => [a, a + b, a + b + c]),
  },
);

const deed = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ticks: fc.integer({ min: 1, max: 150 }), of: value }) },
  { weight: 2, arbitrary: fc.record({ jump: fc.integer({ min: -400, max: 3000 }) }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);
const history = fc.array(deed, { minLength: 1, maxLength: 12 });
const question = fc.record({
  from: fc.integer({ min: -2000, max: 9000 }),
  length: fc.integer({ min: 1, max: 9000 }),
  step: fc.option(fc.integer({ min: 1, max: hours(2) }), { nil: undefined }),
});

test('what went in comes out, wherever the clock jumps', (t) => {
  fc.assert(
    fc.property(history, fc.array(question, { maxLength: 6 }), (deeds, questions) => {
      const path = temporaryPath(t);
      let keeper = createKeeper(t, path);
      const known: Known = new Map();
      let at = start + hours(20);
      for (const one of deeds) {
        if (one === 'restart') {
          keeper.close();
          keeper = createKeeper(t, path);
        } else if ('jump' in one) at += one.jump * step;
        else
          for (let n = 0; n < one.ticks; n++, at += step) {
            // Other numbers are there too, and one of them comes and goes.
            const others = { first: n, ...(n % 40 < 20 && { sometimes: n }) };
            // A second tick of one slot that does not know the number: whether the first word
            // stays depends on whether it is packed yet, and both are right.
            const of = one.of ?? known.get(at) ?? null;
            recordOne(keeper, tickOf(at, { ...others, [name.id]: of, zzz: -n }));
            if (of !== null) known.set(at, of);
          }
      }
      if (known.size === 0) return;
      for (const { from, length, step: asked } of questions) {
        const range = { from: start + from * step, to: start + (from + length) * step };
        const answer = pointsOf(keeper, { ...range, ...(asked !== undefined && { step: asked }) });
        assert.ok(answer.points.length <= 1000 && answer.step >= (asked ?? 0));
        const [first, last] = [answer.points[0]?.[0], answer.points.at(-1)?.[0]];
        const begin = Math.min(
          first ?? Infinity,
          Math.floor(range.from / answer.step) * answer.step,
        );
        const until = (last ?? begin) + answer.step;
        assertPoints(answer.points, expected(known, begin, Math.max(range.to, until), answer.step));
      }
      keeper.close();
    }),
    {
      numRuns: Number(process.env.RUNS ?? 10),
      ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }),
    },
  );
});

test('means of coarser points weigh each 30 s the same', (t) => {
  const keeper = createKeeper(t, temporaryPath(t));
  // Seven of ten slots of the first five minutes; then one slot; the hour has 8 samples in all.
  const known = [10, 10, 10, 10, 10, 10, 40, null, null, null, 90];
  recordAll(keeper, start, known);
  // The next day is there: yesterday has its coarser chunks.
  recordAll(keeper, start + days(1), [0, 0]);
  const day = { from: start, to: start + days(1) };
  assertPoints(pointsOf(keeper, { ...day, step: minutes(5) }).points, [
    [start, 10, 100 / 7, 40],
    [start + minutes(5), 90, 90, 90],
  ]);
  assertPoints(pointsOf(keeper, { ...day, step: hours(1) }).points, [[start, 10, 190 / 8, 90]]);
});

test('the last tick is in every answer, however coarse', (t) => {
  const keeper = createKeeper(t, temporaryPath(t));
  const to = recordAll(
    keeper,
    start + hours(20),
    Array.from({ length: 900 }, (_, n) => n),
  );
  for (const asked of [seconds(30), minutes(5), hours(1), hours(7)]) {
    const { points, step } = pointsOf(keeper, { from: start, to, step: asked });
    const [at = 0, , , max] = points.at(-1) ?? [];
    assert.equal(max, 899);
    assert.ok(at < to && at + step >= to);
  }
});

test('a clock that is set back replaces what it said of that time before', (t) => {
  const keeper = createKeeper(t, temporaryPath(t));
  recordAll(
    keeper,
    start,
    Array.from({ length: 300 }, () => 1),
  );
  recordAll(
    keeper,
    start + minutes(30),
    Array.from({ length: 30 }, () => 2),
  );
  const { points } = pointsOf(keeper, { from: start, to: start + hours(3) });
  assert.equal(points.length, 300);
  assert.deepEqual(
    points.filter(([, , avg]) => avg === 2).map(([at]) => at),
    Array.from({ length: 30 }, (_, n) => start + minutes(30) + n * step),
  );
  assert.ok(points.every(([at], i) => i === 0 || at > (points[i - 1]?.[0] ?? 0)));
});

const odd = ['a b', '', 'ä/ö\u0000\n', '\ud800 torn', "'; DROP TABLE series", '\u{1F514}', 'a  b'];

test('ids are any text, and stay apart after a restart', (t) => {
  const path = temporaryPath(t);
  const values = Object.fromEntries(odd.map((id, n) => [id, n]));
  const keeper = createKeeper(t, path);
  recordOne(keeper, tickOf(start, values));
  keeper.close();
  const again = createKeeper(t, path);
  recordOne(again, tickOf(start + step, values));
  for (const [n, id] of odd.entries()) {
    const { points } = pointsOf(again, { id, from: start, to: start + hours(1) });
    assert.deepEqual(
      points,
      [start, start + step].map((at) => [at, n, n, n]),
    );
  }
  assert.deepEqual(again.states, [{ status: 'healthy', reason: null }]);
});

test('what was never recorded is unknown, what vanished is not', (t) => {
  const keeper = createKeeper(t, temporaryPath(t));
  recordOne(keeper, tickOf(start, { here: 1, gone: 2 }));
  for (let n = 1; n < 300; n++) recordOne(keeper, tickOf(start + n * step, { here: 1 }));
  const range = { from: start, to: start + days(1) };
  assert.deepEqual(pointsOf(keeper, { ...range, id: 'gone' }).points, [[start, 2, 2, 2]]);
  const other = { ...range, kind: name.kind, attribute: 'luns', id: 'here' };
  assert.deepEqual(keeper.query(other, start), { type: 'unknown' });
});

const ends = [
  ['before everything', { from: start - days(9), to: start - days(8) }, 0],
  ['after everything', { from: start + days(8), to: start + days(9) }, 0],
  ['from the epoch to the end of time', { from: 0, to: 8.64e15 }, 10],
  ['one slot', { from: start + step, to: start + 2 * step }, 1],
  ['within one slot', { from: start + step + 1, to: start + step + 2 }, 1],
] as const;

for (const [what, range, count] of ends)
  test(`a range that is ${what} has ${count} points`, (t) => {
    const keeper = createKeeper(t, temporaryPath(t));
    recordAll(
      keeper,
      start,
      Array.from({ length: 10 }, (_, n) => n),
    );
    assert.equal(pointsOf(keeper, range).points.length, count);
  });

test('only so many numbers are recorded; what vanished makes room', (t) => {
  const keeper = createKeeper(t, temporaryPath(t), { limits: { ...limits, series: 3 } });
  recordOne(keeper, tickOf(start, { a: 1, b: 1, c: 1, d: 1, e: 1 }));
  assert.match(
    String(keeper.states.at(-1)?.reason),
    /^2 numbers are not recorded.*history\.series/,
  );
  recordOne(keeper, tickOf(start + hours(3), { a: 2, c: 2, d: 2 }));
  assert.equal(keeper.states.at(-1)?.status, 'healthy');
  const range = { from: start, to: start + hours(4) };
  assert.equal(pointsOf(keeper, { ...range, id: 'a' }).points.length, 2);
  assert.equal(pointsOf(keeper, { ...range, id: 'd' }).points.length, 1);
  assert.equal(keeper.query({ ...name, ...range, id: 'b' }, start).type, 'unknown');
});
