import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '../config/load.ts';
import { deliverySections } from '../delivery/sections.ts';
import { partial } from '../domain/reading.ts';
import { hours, minutes, seconds } from '../domain/time.ts';
import { applyInput } from '../recording/input.ts';
import { judgesOf, rulesOf, start } from '../recording/recording.fixture.ts';
import { type Channels, Routes } from './backtest-routes.ts';

function channelsOf(text: string): Channels {
  const { settings, complaints } = loadSettings([{ path: 'x', text }], deliverySections);
  assert.deepEqual(complaints, []);
  return settings?.channels as Channels;
}

/** `a` is down for two minutes in each of five hours. */
function play(routes: Routes): ReadonlyMap<string, number> {
  const judges = judgesOf(rulesOf(50));
  const tell = (state: string, at: number): void => {
    const resources = [{ kind: 'test.thing', id: 'a', attributes: { state } }];
    const input = { type: 'reading', collector: 'tests', reading: partial(resources) } as const;
    routes.take(applyInput(judges, input, at).changes, at);
  };
  for (let hour = 1; hour <= 5; hour++) {
    tell('down', start + hours(hour));
    tell('up', start + hours(hour) + minutes(2));
  }
  return routes.counts(start + hours(6));
}

const text = `channels:
  all: { type: journal, severities: [warning], groupWait: 5s, budget: 0 }
  quiet: { type: journal, severities: [warning], groupWait: 5s, resolved: false }
  critical: { type: journal, severities: [critical] }
`;

test('each channel gets what its settings let through: begins, and ends where it wants them', () => {
  const counts = play(new Routes(channelsOf(text), start));
  assert.deepEqual(Object.fromEntries(counts), { all: 10, quiet: 5, critical: 0 });
});

test('what was told before the time asked for is not counted', () => {
  const counts = play(new Routes(channelsOf(text), start + hours(3) + seconds(30)));
  assert.equal(counts.get('quiet'), 2);
});

test('without channels nothing is counted', () => {
  assert.equal(play(new Routes({}, start)).size, 0);
});
