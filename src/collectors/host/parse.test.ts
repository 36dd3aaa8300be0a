import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  busyRatio,
  numberOf,
  numbersOf,
  parseMeminfo,
  parsePressure,
  parseStat,
  readTable,
} from './parse.ts';

test('whatever a file of /proc holds, it is read as numbers or as nothing', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat({ max: 3 }), (text, column) => {
      parseStat(`cpu ${text}`);
      parseStat(text);
      const values = [
        ...parseMeminfo(text).values(),
        ...readTable(text, column).values(),
        ...numbersOf(text),
        parsePressure(`some ${text}`),
        numberOf(text),
      ];
      assert.ok(values.every((value) => value === undefined || Number.isFinite(value)));
    }),
  );
});

test('a processor is between idle and busy, whatever the counters do', () => {
  const time = fc.record({ busy: fc.nat(), total: fc.nat() });
  fc.assert(
    fc.property(time, time, (before, after) => {
      const ratio = busyRatio(before, after);
      assert.ok(ratio === null || (ratio >= 0 && ratio <= 1), String(ratio));
    }),
  );
  assert.equal(busyRatio({ busy: 10, total: 20 }, { busy: 10, total: 20 }), null);
});

test('times of a processor are counted once: guests are in user already', () => {
  const line = 'cpu  100 10 20 500 50 5 5 10 90 9\n';
  assert.deepEqual(parseStat(line).cpu, { busy: 150, total: 700 });
  assert.deepEqual(parseStat('cpu  100 10 20 500\n').cpu, { busy: 130, total: 630 }, 'Linux 2.4');
  assert.equal(parseStat('cpu  a b\n').cpu, undefined);
});

test('pressure is the part of the last minute, of what waited at all', () => {
  const text = 'some avg10=1.00 avg60=26.18 avg300=0.00 total=1\nfull avg10=9.00 avg60=9.00';
  assert.equal(parsePressure(text), 0.2618);
  assert.equal(parsePressure('full avg10=9.00 avg60=9.00'), undefined);
});
