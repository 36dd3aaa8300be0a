/** What `tocsin metrics` looks like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFigures } from '../operations/fake-figures.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import { startBox } from './cli.fixture.ts';

function houseWithHost(): FakeHouse {
  const house = new FakeHouse();
  const source = {
    name: 'host',
    kinds: ['system.host'],
    state: 'seeing',
    lookDuration: 1,
  } as const;
  const api = { ...noFigures.api, requestsPerSecond: 0.1234, latencyP50: 1.2345, requests: 12 };
  house.figuresAnswer = { ...noFigures, sources: [source], api };
  const attributes = {
    cpuRatio: 0.1234,
    load1: 1.5,
    memoryTotalBytes: 1024 ** 3,
    uptimeSeconds: 93_784.25,
  };
  const times = { changedAt: 0, readAt: 0, staleSince: null };
  house.inventory.push({ kind: 'system.host', id: 'box', collector: 'host', attributes, ...times });
  return house;
}

const told: readonly (readonly [figure: string, value: string])[] = [
  ['system.cpuRatio', '12.3 %'],
  ['system.load1', '1.5'],
  ['system.memoryTotalBytes', '1.0 GiB'],
  ['system.uptimeSeconds', '1d2h3m'],
  ['storage.usedRatio', '-'],
  ['scst.targets', '-'],
  ['api.requests', '12'],
  ['api.requestsPerSecond', '0.12/s'],
  ['api.latencyP50Ms', '1.23 ms'],
];
for (const [figure, value] of told) {
  test(`${figure} is told as ${value}`, async (t) => {
    const box = await startBox(t, houseWithHost());
    const { out, status } = await box.run('metrics');
    assert.equal(status, 0);
    const line = out.split('\n').find((one) => one.startsWith(`${figure} `));
    assert.equal(line?.slice(figure.length).trim(), value);
  });
}

test('the table ends with how much cannot be known; JSON is what the API answers', async (t) => {
  const box = await startBox(t, houseWithHost());
  const { out } = await box.run('metrics');
  assert.match(out, /\n\d+ figures; \d+ cannot be known now \(-\)\n$/);
  const json = await box.run('metrics -o json');
  const shown = JSON.parse(json.out) as Record<string, Record<string, unknown>>;
  assert.equal(shown.scst?.targets, null);
  assert.equal(shown.system?.memoryTotalBytes, 1024 ** 3);
});
