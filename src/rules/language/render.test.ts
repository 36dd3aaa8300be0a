import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, minutes, seconds } from '../../domain/time.ts';
import { renderAge, renderBytes, renderNumber, renderPercent } from './render.ts';

const cases: readonly [string, string][] = [
  [renderPercent(0.953), '95.3%'],
  [renderPercent(0.95), '95%'],
  [renderPercent(1), '100%'],
  [renderPercent(0.99999), '99.9%'],
  [renderPercent(0.0001), '<0.1%'],
  [renderPercent(0), '0%'],
  [renderBytes(0), '0 B'],
  [renderBytes(1023), '1023 B'],
  [renderBytes(1_610_612_736), '1.5 GiB'],
  [renderBytes(-2048), '-2 KiB'],
  [renderAge(250), '250ms'],
  [renderAge(seconds(72) + 345), '1m12s'],
  [renderAge(hours(26) + minutes(5) + seconds(7)), '1d2h5m'],
  [renderAge(hours(50) + minutes(5)), '2d2h'],
  [renderAge(-seconds(30)), '-30s'],
  [renderNumber(3), '3'],
  [renderNumber(3.1459), '3.15'],
  [renderNumber(0.00123), '0.0012'],
];
for (const [rendered, expected] of cases) {
  test(`${expected} is rendered so`, () => assert.equal(rendered, expected));
}
