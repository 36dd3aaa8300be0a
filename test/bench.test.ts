/** The benchmark's own arithmetic: what it reads and how it counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLines, parseHeard } from './bench/listener.ts';
import { parseMemory } from './bench/processor.ts';
import { atMost, renderTable } from './bench/report.ts';
import { quantile, spreadOf } from './bench/statistics.ts';

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

for (const { name, values, share, is } of [
  { name: 'the 95th percentile of 1 to 100 is 95', values: hundred, share: 0.95, is: 95 },
  { name: 'the median of four is the lower middle', values: [4, 1, 3, 2], share: 0.5, is: 2 },
  { name: 'the maximum is the largest', values: [10, 9, 100], share: 1, is: 100 },
  { name: 'of one value every quantile is it', values: [7], share: 0.01, is: 7 },
])
  test(name, () => assert.equal(quantile(values, share), is));

test('a spread counts what it was made of', () =>
  assert.deepEqual(spreadOf([3, 1, 2]), { count: 3, median: 2, p95: 3, max: 3 }));

test('a trial that heard nothing spoils the figure instead of flattering it', () =>
  assert.ok(Number.isNaN(spreadOf([]).p95)));

test('a line has the time of the chunk that ended it', () => {
  const taken: [string, number][] = [];
  const cut = createLines((line, at) => taken.push([line, at]));
  cut('one\ntw', 1);
  cut('o\nthree', 2);
  assert.deepEqual(taken, [
    ['one', 1],
    ['two', 2],
  ]);
});

test('only changes of alerts are heard', () => {
  const data = { rule: 'unit-failed', reason: 'raised', resource: { id: 'a.service' } };
  const line = `data: ${JSON.stringify({ type: 'alert', seq: 7, data })}`;
  assert.deepEqual(parseHeard(line, 5), {
    rule: 'unit-failed',
    unit: 'a.service',
    reason: 'raised',
    seq: 7,
    arrivedUsec: 5,
  });
  for (const other of ['', ': ping', 'id: 7', 'data: {"type":"system","seq":7,"data":{}}'])
    assert.equal(parseHeard(other, 5), undefined);
});

test('kB of /proc are 1024 bytes, megabytes of the report a million', () => {
  const rollup = 'Rss:               97656 kB\nPss:               48828 kB\n';
  const status = 'VmHWM:\t  100000 kB\nRssAnon:\t   40000 kB\nRssFile:\t   57656 kB\n';
  const memory = parseMemory(rollup, status);
  assert.equal(memory.rssMb.toFixed(1), '100.0');
  assert.equal(memory.pssMb.toFixed(1), '50.0');
  assert.throws(() => parseMemory('', status), /says nothing of Rss/);
});

test('a goal that is missed is said aloud', () => {
  const row = (value: number) => ({ what: 'x', value: `${value}`, goal: atMost(value, 10, 'ten') });
  assert.match(renderTable([row(10)]), /met: ten/);
  assert.match(renderTable([row(10.1)]), /MISSED: ten/);
  assert.match(renderTable([row(Number.NaN)]), /MISSED: ten/);
});
