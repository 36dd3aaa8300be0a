import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originsIn } from './place.ts';

const cases: readonly (readonly [given: string, shown: string])[] = [
  ['https://hooks.example.com/services/T0/xyz', 'https://hooks.example.com/…'],
  ['https://hooks.example.com/', 'https://hooks.example.com/'],
  ['https://hooks.example.com?key=1', 'https://hooks.example.com/…'],
  ['https://hooks.example.com/#key', 'https://hooks.example.com/…'],
  ['http://am:9093', 'http://am:9093'],
  ['http://user:p@ss@am:9093', 'http://am:9093/…'],
  ['http://:pass@am:9093/', 'http://am:9093/…'],
  ['https://[', '…'],
  ['source=storage', 'source=storage'],
];

for (const [given, shown] of cases) {
  test(`of ${given} ${shown} is shown`, () => {
    assert.deepEqual(originsIn({ urls: [given], headers: { 'X-Link': given } }, '…'), {
      urls: [shown],
      headers: { 'X-Link': shown },
    });
  });
}
