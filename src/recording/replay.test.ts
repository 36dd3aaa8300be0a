import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { complete } from '../domain/reading.ts';
import { parseExactly, renderExactly } from './format.ts';
import type { Input } from './input.ts';
import { record, start, thing } from './recording.fixture.ts';
import { diffOf, Player, Unplayable } from './replay.ts';
import { storyArbitrary } from './story.fixture.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

function play(lines: readonly string[]): Player {
  const player = new Player([thing]);
  for (const line of lines) player.take(line);
  player.finish();
  return player;
}

const reading = (x: number): Input => ({
  type: 'reading',
  collector: 'tests',
  reading: complete([{ kind: 'test.thing', id: 'a', attributes: { x } }]),
});
const short = record(
  [
    [reading(10), 0],
    [reading(60), 1000],
    [reading(10), 1000],
  ],
  0,
);

test('any sequence of inputs, recorded from any moment on, gives the same changes again', () => {
  const recording = fc.tuple(storyArbitrary, fc.nat(20));
  try {
    fc.assert(
      fc.property(recording, ([story, from]) => {
        const lines = record(story, from);
        if (lines.length === 0) return;
        const { deviation } = play(lines);
        assert.deepEqual(deviation && diffOf(deviation), undefined);
      }),
      { seed, numRuns: 150 },
    );
  } catch (error) {
    console.error(`SEED=${seed}`);
    throw error;
  }
});

test('a change that was recorded otherwise is the first deviation, with its line and field', () => {
  const at = short.findIndex((line) => line.includes('"reason":"raised"'));
  const lines = short.with(at, (short[at] ?? '').replace('a is at 60', 'a is at 61'));
  const { deviation } = play(lines);
  assert.ok(deviation);
  assert.deepEqual(diffOf(deviation), [
    'alert.title: recorded "a is at 61", replayed "a is at 60"',
  ]);
  // The comparison of one line happens when it is taken.
  assert.equal(deviation.line, at + 1);
});

test('a recorded change that the replay does not make is a deviation, and the other way round', () => {
  const at = short.findIndex((line) => line.includes('"reason":"raised"'));
  const missing = play(short.toSpliced(at, 1)).deviation;
  assert.ok(missing);
  const more = play(short.toSpliced(at, 0, short[at] ?? '')).deviation;
  assert.ok(more);
});

const lastInput = short.findLastIndex((line) => line.startsWith('{"input"'));
const broken = [
  { name: 'nothing at all', lines: [], why: /empty/ },
  {
    name: 'a line in the middle torn',
    lines: short.with(3, '{"alert":{"id'),
    why: /^line 4: is no JSON/,
  },
  { name: 'its end missing', lines: short.slice(0, -1), why: /cut: it stops after line \d+/ },
  {
    name: 'a line that no recording has',
    lines: short.with(1, '{"other":{}}'),
    why: /^line 2: is of no sort/,
  },
  {
    name: 'another format',
    lines: short.with(0, '{"recording":{"format":9}}'),
    why: /^line 1: is of format 9/,
  },
  {
    name: 'inputs missing before its end',
    lines: short.toSpliced(lastInput, 1),
    why: /says that there were/,
  },
  { name: 'no first line', lines: short.slice(1), why: /^line 1: the first line/ },
  {
    name: 'an input that is none',
    lines: short.with(
      lastInput,
      '{"input":{"at":1,"type":"reading","collector":"x","reading":{"type":"partial"}}}',
    ),
    why: /cannot be played/,
  },
];
for (const { name, lines, why } of broken) {
  test(`a recording with ${name} says so`, () => {
    assert.throws(
      () => play(lines),
      (error) => error instanceof Unplayable && why.test(error.message),
    );
  });
}

test('numbers that JSON has no word for come back as they were', () => {
  const numbers = [Number.NaN, Infinity, -Infinity, -0, 0, 0.1, 1e300];
  assert.deepEqual(parseExactly(renderExactly({ numbers })), { numbers });
  assert.ok(start > 0);
});
