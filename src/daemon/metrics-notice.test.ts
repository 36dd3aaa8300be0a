/** The `metrics` message: when it is told, and what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHouse } from '../operations/fake-house.ts';
import type { Notice } from '../operations/house.ts';
import { renderMetrics } from '../operations/metrics.ts';
import { tellMetrics } from './metrics-notice.ts';

function tell(house: FakeHouse, clients: number) {
  const told: Notice[] = [];
  const said: string[] = [];
  tellMetrics(
    { house, api: { streamClients: () => clients } },
    { tell: (notice) => told.push(notice) },
    { error: (line) => said.push(line) },
  );
  return { told, said };
}

test('clients of the stream are told what the operation answers', () => {
  const house = new FakeHouse();
  const { told } = tell(house, 1);
  assert.deepEqual(told, [{ type: 'metrics', at: house.now(), data: renderMetrics(house) }]);
});

test('while nobody listens, nothing is told', () => {
  assert.deepEqual(tell(new FakeHouse(), 0).told, []);
});

test('a fault in counting is logged and goes no further', () => {
  const house = new FakeHouse();
  house.figures = () => {
    throw new Error('a bug');
  };
  const { told, said } = tell(house, 1);
  assert.deepEqual(told, []);
  assert.match(said.join(), /^metrics: Error: a bug.*, ignoring$/s);
});
