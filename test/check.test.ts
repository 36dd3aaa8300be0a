/** The verdict of `npm run check` and `make test` on their parts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTests, runPart } from '../tools/parts.ts';

const summary = (counts: Record<string, number>): string =>
  Object.entries({ pass: 3, fail: 0, cancelled: 0, skipped: 0, todo: 0, ...counts })
    .map(([word, count]) => `ℹ ${word} ${count}`)
    .join('\n');

const cases = [
  ['all passed', summary({}), 0, [3, 0]],
  ['one failed', summary({ fail: 1 }), 1, [3, 1]],
  ['one was cancelled', summary({ cancelled: 1 }), 1, [3, 1]],
  ['one was skipped: under CI a failure', summary({ skipped: 1 }), 0, [3, 1]],
  ['one was postponed: under CI a failure', summary({ todo: 2 }), 0, [3, 2]],
  ['no test ran', summary({ pass: 0 }), 0, [0, 1]],
  ['the runner died without a summary', 'Segmentation fault', null, [0, 1]],
  ['the runner failed though its tests passed', summary({}), 1, [3, 1]],
  ['a test printed what looks like a summary', `ℹ fail 0\n${summary({ fail: 2 })}`, 1, [3, 2]],
] as const;

for (const [name, output, exitStatus, expected] of cases) {
  test(`verdict: ${name}`, () => {
    const { passed, failed } = judgeTests(output, exitStatus, true);
    assert.deepEqual([passed, failed], expected);
  });
}

test('outside CI a skipped test is told, and is no failure', () => {
  const { failed, why } = judgeTests(summary({ skipped: 1 }), 0, false);
  assert.deepEqual([failed, why], [0, '1 tests did not run']);
});

test('a part fails with its command, also when there is no such command', async () => {
  const verdicts = [];
  for (const file of ['true', 'false', '/no/such/program']) {
    const { passed, failed } = await runPart({ name: file, argv: [file] });
    verdicts.push([passed, failed]);
  }
  assert.deepEqual(verdicts, [
    [1, 0],
    [0, 1],
    [0, 1],
  ]);
});

test('a part that does not end is killed with its children, and says what it was at', async () => {
  const began = performance.now();
  const hanging = ['sh', '-c', 'sleep 997 & wait; true', 'hanging.test.ts'] as const;
  const { failed, why } = await runPart({
    name: 'hanging',
    argv: ['sh', '-c', '"$@"; true', 'sh', ...hanging],
    limitMs: 500,
  });
  assert.deepEqual([failed, why], [1, 'killed after 0.5 s, still at hanging.test.ts']);
  assert.ok(performance.now() - began < 30_000);
});
