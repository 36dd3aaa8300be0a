import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change } from '../../domain/alert.ts';
import { complete, partial, unreadable } from '../../domain/reading.ts';
import { minutes } from '../../domain/time.ts';
import { applyInput, type Input } from '../input.ts';
import { judgesOf, rulesOf, start, thing } from '../recording.fixture.ts';
import { storyArbitrary } from '../story.fixture.ts';
import { encodeFrame, readFrames } from './frame.ts';
import { NumberCode } from './line.ts';
import { type Kept, readKept } from './read.ts';
import { Thinner } from './thin.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const wish = { kinds: new Set(['test.thing']), numbers: () => undefined };

/** A segment of what these inputs make, written as the daemon does, all in one go. */
function keep(inputs: readonly (readonly [Input, number])[], endless = false) {
  const judges = judgesOf(rulesOf(50));
  const thinner = new Thinner([thing]);
  const changes: Change[] = [];
  const head = `${JSON.stringify({ at: start, continues: false })}\n`;
  const frames = [encodeFrame({ type: 'S', kind: '', from: start, to: start }, head)];
  let now = start;
  for (const [input, wait] of inputs) {
    now += wait;
    const outcome = applyInput(judges, input, now);
    changes.push(...outcome.changes);
    thinner.take(input, now, outcome.differences);
  }
  const numbers = thinner.numbersOf('test.thing', judges.inventory.list('test.thing'));
  for (const [kind, lines] of thinner.drain()) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    frames.push(encodeFrame({ type: 'F', kind, from: start, to: now }, text));
  }
  if (!endless) frames.push(encodeFrame({ type: 'F', kind: '', from: start, to: now }, ''));
  return { bytes: Buffer.concat(frames), changes, numbers, resources: judges.inventory.list() };
}

const inputsOf = (bytes: Buffer): readonly Extract<Kept, { type: 'input' }>[] =>
  [...readKept([() => bytes], wish)].filter((one) => one.type === 'input');

const reading = (id: string, attributes: Readonly<Record<string, string | number>>): Input => ({
  type: 'reading',
  collector: 'tests',
  reading: partial([{ kind: 'test.thing', id, attributes }]),
});

test('words, presence and events come back as they were, whatever happened', () => {
  const factual = storyArbitrary.map((story) =>
    story.filter(([{ type }]) => ['reading', 'stale', 'fresh', 'clock'].includes(type)),
  );
  try {
    fc.assert(
      fc.property(factual, (story) => {
        const { bytes, resources } = keep(story);
        const judges = judgesOf(rulesOf(50));
        for (const { input, at } of inputsOf(bytes)) applyInput(judges, input, at);
        const wordsOf = (all: typeof resources) =>
          all
            .map(({ id, attributes, staleSince }) => [id, attributes.state, staleSince === null])
            .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
        assert.deepEqual(wordsOf(judges.inventory.list()), wordsOf(resources));
      }),
      { seed, numRuns: 150 },
    );
  } catch (error) {
    console.error(`SEED=${seed}`);
    throw error;
  }
});

test('a number alone waits for its minute, and one that changes with a word does not', () => {
  const { bytes, numbers } = keep([
    [reading('a', { x: 1, state: 'up' }), 0],
    [reading('a', { x: 2 }), 1000],
    [reading('b', { x: 5, state: 'up' }), 1000],
    [reading('b', { x: 6, state: 'down' }), 1000],
  ]);
  assert.deepEqual(numbers, [['a', 'x', 2]]);
  const told = JSON.stringify(inputsOf(bytes).map(({ input }) => input));
  assert.ok(told.includes('"x":6') && !told.includes('"x":2'));
});

test('a number that becomes unreadable is a fact at once', () => {
  const refused: Input = {
    type: 'reading',
    collector: 'tests',
    reading: complete([{ kind: 'test.thing', id: 'a', attributes: { x: unreadable('EIO') } }]),
  };
  const { bytes } = keep([
    [reading('a', { x: 1 }), 0],
    [refused, 1000],
  ]);
  assert.ok(JSON.stringify(inputsOf(bytes)).includes('EIO'));
});

test('whatever numbers are coded minute by minute come back as they were', () => {
  const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const row = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), value);
  const distinct = fc.uniqueArray(row, { selector: ([id, name]) => `${id} ${name}`, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(distinct, { maxLength: 8 }), (story) => {
      const [writer, reader] = [new NumberCode(), new NumberCode()];
      for (const rows of story) {
        const decoded = reader.decode(JSON.parse(JSON.stringify(writer.encode(rows))), undefined);
        const wanted: Record<string, Record<string, number>> = {};
        // JSON knows no -0; neither do readings of the kernel.
        for (const [id, name, number] of rows) wanted[id] = { ...wanted[id], [name]: number + 0 };
        const found = Object.fromEntries(
          Array.from(decoded, ([id, all]) => [
            id,
            Object.fromEntries(Object.entries(all).map(([name, one]) => [name, one + 0])),
          ]),
        );
        assert.deepEqual(found, wanted);
      }
    }),
    { seed, numRuns: 200 },
  );
});

test('a torn segment loses its tail alone', () => {
  const whole = Buffer.concat(
    ['one', 'two', 'three'].map((text, i) =>
      encodeFrame({ type: 'F', kind: 'k', from: i, to: i }, text),
    ),
  );
  const texts = (bytes: Buffer): string[] => [...readFrames(bytes)].map(({ text }) => text());
  assert.deepEqual(texts(whole), ['one', 'two', 'three']);
  for (let cut = whole.length - 1; cut > whole.length - 20; cut--)
    assert.deepEqual(texts(whole.subarray(0, cut)), ['one', 'two']);
  const bent = Buffer.from(whole);
  bent[bent.length - 2] = (bent[bent.length - 2] ?? 0) ^ 1;
  assert.deepEqual(texts(bent), ['one', 'two'], 'its sum does not fit');
});

test('between two segments with a gap everything is in doubt, and then as the second says', () => {
  const first = keep([[reading('a', { state: 'down' }), 0]]).bytes;
  const later = start + minutes(60);
  const lines = [
    { at: later, continues: false },
    { c: 'tests', k: 'test.thing', r: [['b', { state: 'up' }]], stale: false },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const second = encodeFrame({ type: 'S', kind: '', from: later, to: later }, text);
  const told = [...readKept([() => first, () => second], wish)];
  const gap = told.find((one) => one.type === 'gap');
  assert.deepEqual(gap, { type: 'gap', from: start, to: later });
  const judges = judgesOf(rulesOf(50));
  const seen: boolean[] = [];
  for (const one of told) {
    if (one.type === 'input') applyInput(judges, one.input, one.at);
    if (one.type === 'gap') seen.push(judges.inventory.list().every((r) => r.staleSince !== null));
  }
  assert.deepEqual(seen, [true]);
  assert.deepEqual(
    judges.inventory.list().map(({ id }) => id),
    ['b'],
  );
});
