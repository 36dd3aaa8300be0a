/** docs/FAULTS.md: every fault has a promise, and the tests that it names are there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const project = join(import.meta.dirname, '..');
const page = readFileSync(join(project, 'docs/FAULTS.md'), 'utf8');

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Of issue 5. */
const required = [
  ...range(1, 26),
  ...range(28, 35),
  44,
  ...range(46, 54),
  ...range(58, 71),
  ...range(73, 78),
];

interface Row {
  readonly number: number;
  readonly promise: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

const rows: readonly Row[] = [...page.matchAll(/^\| (\d+) \| (.+) \| (.+) \| (.*)\|$/gm)].map(
  ([, number, , promise = '', tests = '']) => ({
    number: Number(number),
    promise,
    tests: [...tests.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', name = '']) => ({
      file,
      name,
    })),
  }),
);

test('each fault of the list has one row, in order', () => {
  const numbers = rows.map(({ number }) => number);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((a, b) => a - b),
  );
  assert.deepEqual(
    required.filter((number) => !numbers.includes(number)),
    [],
  );
});

for (const { number, promise, tests } of rows)
  test(`fault ${number} is tested by what it names, or says why it cannot run`, () => {
    if (tests.length === 0) assert.match(promise, /^cannot run: /);
    for (const { file, name } of tests) {
      const path = join(project, file);
      assert.ok(existsSync(path), file);
      const source = readFileSync(path, 'utf8');
      const quoted = ["'", '`'].some((quote) => source.includes(`${quote}${name}`));
      assert.ok(quoted, `${file} has no test "${name}"`);
    }
  });
