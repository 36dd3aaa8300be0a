/**
 * A captured machine whose /sys and /proc hold what no kernel should write: every collector that
 * reads them looks to the end, and what it knows are numbers.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fc as fibreChannel } from '../../src/collectors/fc/collector.ts';
import { scst } from '../../src/collectors/scst/collector.ts';
import { tape } from '../../src/collectors/tape/collector.ts';
import { vtl } from '../../src/collectors/vtl/collector.ts';
import { seconds } from '../../src/domain/time.ts';
import { type Capture, changed, readCapture } from '../support/captures.ts';
import { Machine } from '../support/machine.ts';

const fixtures = join(import.meta.dirname, '../../src/collectors/scst/fixtures');
const whole = readCapture(fixtures, 'iii-session-idle');

const contents = [
  '',
  '\n',
  '\u0000\u0001\u007f\ufffd',
  'x'.repeat(4096),
  '-1\n',
  '9'.repeat(400),
  `-${'9'.repeat(30)}\n`,
  '0x\n',
  '[key]\n',
  '1\n2\n3\n',
  'NaN\n',
  '__proto__\n',
  '../../../etc/passwd\n',
];

/** One damage: the n-th text of the capture holds this. */
const damage = fc.tuple(fc.nat(), fc.constantFrom(...contents));

const paths = [...whole].flatMap(([path, entry]) => (entry.type === 'file' ? [path] : []));

const damaged = (damages: readonly (readonly [number, string])[]): Capture =>
  changed(
    whole,
    Object.fromEntries(damages.map(([n, text]) => [paths[n % paths.length] ?? '', text])),
  );

test('whatever the attributes hold, every collector looks to the end, and no number is none', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin % 1e9));
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 60 }), async (damages) => {
      const machine = new Machine([scst, tape, vtl, fibreChannel], damaged(damages));
      try {
        await machine.pass(seconds(2));
        for (const { attributes, kind, id } of machine.resources())
          for (const [name, fact] of Object.entries(attributes))
            if (typeof fact === 'number')
              assert.ok(Number.isFinite(fact), `${kind} ${id} ${name} is ${fact}, SEED=${seed}`);
      } finally {
        machine.end();
      }
    }),
    { numRuns: 6, seed, endOnFailure: true },
  );
});
