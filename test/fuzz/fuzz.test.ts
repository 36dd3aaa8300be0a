/**
 * A small part of the fuzz campaign with a fixed seed, for every `make test`; more, and by other
 * seeds: node test/fuzz/run.ts SEED COUNT.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { grew, render, tryOut } from './campaign.ts';
import { defineSurface } from './surface.ts';
import { surfaces } from './surfaces.ts';

const seed = Number(process.env.SEED ?? 20_261_122);
const count = 1000;

for (const surface of surfaces) {
  test(`${surface.name} survives ${count} hostile inputs, none slow, and keeps no memory`, async () => {
    const verdict = await tryOut(surface, seed, count);
    assert.deepEqual([verdict.faults, grew(verdict)], [[], false], render(verdict));
    assert.ok(verdict.inputs >= Math.floor(count / (surface.oneOf ?? 1)));
  });
}

const spin = (ms: number): void => {
  const before = process.cpuUsage().user;
  while (process.cpuUsage().user - before < ms * 1000);
};

/** A surface that breaks each promise, so that we know that the campaign would see it. */
test('the campaign finds a crash, a hang and memory that is kept', async () => {
  const kept: unknown[] = [];
  // Tried once and once more: only what is slow again is slow.
  let spins = 0;
  const broken = defineSurface({
    name: 'broken',
    inputs: fc.nat(99),
    async open() {
      return {
        try(input) {
          kept.push(Array(2500).fill(input));
          if (input % 7 === 0) throw new Error('a multiple of seven');
          if (input === 50 && spins++ < 2) spin(210);
        },
        close() {},
      };
    },
  });
  const verdict = await tryOut(broken, 1, 1500);
  const said = verdict.faults.map(({ what }) => what.split('\n')[0]);
  assert.ok(said.includes('Error: a multiple of seven'), said.join(', '));
  assert.ok(said.some((what) => /^Error: it takes \d+ ms$/.test(what ?? '')));
  // The smallest multiple of seven, and the slow one as it was.
  assert.deepEqual(verdict.faults.map(({ input }) => input).sort(), ['0', '50']);
  assert.ok(grew(verdict), render(verdict));
});
