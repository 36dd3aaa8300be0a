/** For tests: a house in which every attribute of every kind has a value, and promtool's word. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { kinds } from '../../collectors/registry.ts';
import { createHistogram } from '../../domain/histogram.ts';
import type { Attribute, Kind } from '../../domain/kind.ts';
import type { AttributeReading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { fakeStart } from '../../operations/fake-alerts.ts';
import { noFigures } from '../../operations/fake-figures.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import type { Figures } from '../../operations/figures.ts';

export const hostile = 'a "b"\\c\n}{d="é"\ud800,\u0000 1';

function factOf({ type, values }: Attribute, i: number): AttributeReading {
  if (type === 'flag') return true;
  if (type === 'word') return values?.[i % values.length] ?? 'some text';
  return type === 'instant' ? fakeStart + i : i + 0.5;
}

export const resourceOf = (kind: string, id: string, attributes: Resource['attributes']) => {
  const times = { changedAt: fakeStart, readAt: fakeStart, staleSince: null };
  return { kind, id, collector: 'x', attributes, ...times };
};

const furnish = ({ name, attributes }: Kind, id: string, i: number): Resource =>
  resourceOf(
    name,
    id,
    Object.fromEntries(Object.entries(attributes).map(([key, one]) => [key, factOf(one, i)])),
  );

function timing() {
  const histogram = createHistogram([0.5, 1, 10]);
  for (const value of [0.1, 0.7, 99]) histogram.add(value);
  return histogram;
}

const figures: Figures = {
  sources: [
    { name: 'systemd', kinds: ['systemd.unit'], state: 'seeing', lookDuration: 12.5 },
    { name: 'scst', kinds: ['scst.target'], state: 'waiting', lookDuration: null },
  ],
  api: {
    ...noFigures.api,
    streamClients: 3,
    counts: [{ operation: 'alert.list', code: 200, count: 7 }],
    durations: new Map([['alert.list', timing()]]),
  },
  detection: new Map([['system', timing()]]),
  blind: new Map([['tocsin', 1500]]),
  databaseBytes: new Map([['tocsin.db', 4096]]),
  delivery: {
    attempts: [
      { channel: 'mail', result: 'delivered', count: 3 },
      { channel: 'mail', result: 'retry', count: 1 },
    ],
    oldestWaiting: null,
  },
};

/** Two of each kind, one with a hostile name; alerts too. */
export function exposedHouse(): FakeHouse {
  const house = new FakeHouse(kinds);
  house.figuresAnswer = figures;
  for (const kind of kinds) {
    house.inventory.push(furnish(kind, 'one.service', 0), furnish(kind, hostile, 1));
  }
  house.fire();
  house.fire({ resource: { kind: 'systemd.unit', id: hostile }, phase: 'pending' });
  return house;
}

/** What promtool says against it; undefined on a machine without promtool (tools/packages). */
export function askPromtool(text: string): string | undefined {
  const { error, stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error !== undefined) return undefined;
  assert.ok(status !== null, `promtool was ended: ${stderr}`);
  return status === 0 ? `${stdout}${stderr}` : `${status}: ${stdout}${stderr}`;
}
