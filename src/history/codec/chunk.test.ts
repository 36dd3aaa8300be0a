import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGrid, type Grid } from '../grid.ts';
import { decodeChunk, encodeChunk } from './chunk.ts';
import { ByteReader, BytesWrong, ByteWriter } from './varint.ts';

const slots = 24;
type Slot = readonly [count: number, a: number, b: number, share: number];

function gridOf(given: readonly Slot[]): Grid {
  const grid = createGrid(0, 1, slots);
  for (const [slot, [count, a, b, share]] of given.entries()) {
    if (count === 0) continue;
    const [min, max] = [Math.min(a, b), Math.max(a, b)];
    grid.count[slot] = count;
    grid.min[slot] = min;
    grid.max[slot] = max;
    grid.avg[slot] = Math.min(max, Math.max(min, min + (max - min) * share));
  }
  return grid;
}

function roundTrip(grid: Grid): { readonly back: Grid; readonly bytes: Buffer } {
  const bytes = encodeChunk(grid, new ByteWriter());
  const back = createGrid(grid.start, grid.step, grid.slots);
  decodeChunk(new ByteReader(bytes), back);
  return { back, bytes };
}

const slotOf = (number: fc.Arbitrary<number>): fc.Arbitrary<readonly Slot[]> =>
  fc.array(fc.tuple(fc.nat(120), number, number, fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: slots,
  });
const whole = slotOf(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, max: 8e307, min: -8e307 });

test('a mean that is the greatest number is not beyond it when it comes back', () => {
  const { back } = roundTrip(gridOf([[10, 10, 11_457_473_379_886, 1]]));
  assert.equal(back.avg[0], back.max[0]);
});

test('whole numbers come back exactly, and their means within the spread', () => {
  fc.assert(
    fc.property(whole, (given) => {
      const grid = gridOf(given);
      const { back } = roundTrip(grid);
      assert.deepEqual(back.count, grid.count);
      for (const slot of grid.count.keys()) {
        if (grid.count[slot] === 0) continue;
        assert.equal(back.min[slot], grid.min[slot]);
        assert.equal(back.max[slot], grid.max[slot]);
        assertMean(back, grid, slot);
      }
    }),
  );
});

function assertMean(back: Grid, grid: Grid, slot: number): void {
  const [min = 0, avg = 0, max = 0] = [back.min[slot], back.avg[slot], back.max[slot]];
  assert.ok(min <= avg && avg <= max, `${min} <= ${avg} <= ${max}`);
  const off = Math.abs(avg - (grid.avg[slot] ?? 0));
  assert.ok(off <= (max - min) / 131_000 + Math.abs(max) * 1e-15, `${off} off, ${min} to ${max}`);
}

test('fractions come back to six decimals, or better than a millionth of the largest', () => {
  for (const numbers of [finite, fc.double({ noNaN: true, min: -10, max: 10 })])
    fc.assert(
      fc.property(slotOf(numbers), (given) => {
        const grid = gridOf(given);
        const { back } = roundTrip(grid);
        const largest = Math.max(0, ...grid.max.map(Math.abs), ...grid.min.map(Math.abs));
        // Above 2^31 thousandths are kept, above 2^41 doubles as they are.
        const tolerance = largest > 2 ** 31 ? 5.1e-4 : largest < 1e-3 ? 0 : 5.1e-7;
        for (const slot of grid.count.keys()) {
          const [min = 0, max = 0] = [grid.min[slot], grid.max[slot]];
          assert.ok(Math.abs((back.min[slot] ?? 0) - min) <= tolerance);
          assert.ok(Math.abs((back.max[slot] ?? 0) - max) <= tolerance);
        }
      }),
    );
});

test('what cannot be scaled comes back bit by bit', () => {
  const grid = gridOf([
    [1, 1e-9, 1e-9, 0],
    [0, 0, 0, 0],
    [10, 3e-9, 5e-9, 0.25],
  ]);
  assert.deepEqual(roundTrip(grid).back, grid);
  const large = gridOf([
    [1, 2 ** 60, 2 ** 60, 0],
    [1, 1e300, 1.5e300, 0.5],
  ]);
  assert.deepEqual(roundTrip(large).back, large);
});

test('the mean of a number that was one of two is exact', () => {
  for (const samples of [10, 120])
    for (let ones = 0; ones <= samples; ones++) {
      const { back } = roundTrip(gridOf([[samples, 0, 1, ones / samples]]));
      if (ones > 0) assert.ok(Math.abs((back.avg[0] ?? 0) - ones / samples) < 1e-15);
    }
});

test('a number that did not change takes eight bytes an hour', () => {
  const grid = createGrid(0, 30_000, 120);
  grid.count.fill(1);
  for (const numbers of [grid.min, grid.avg, grid.max]) numbers.fill(1000);
  assert.equal(roundTrip(grid).bytes.length, 7);
});

test('bytes that are no chunk are refused, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeChunk(new ByteReader(Buffer.from(bytes)), createGrid(0, 1, slots));
      } catch (error) {
        assert.ok(error instanceof BytesWrong, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
