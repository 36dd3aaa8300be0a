/** What can be written for a channel, and how it is complained of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '../config/load.ts';
import type { Member } from '../config/readers.ts';
import { profileOf } from './profile.ts';
import { channelSettings } from './settings.ts';

const sections = { channels: { help: '', common: channelSettings, types: { memory: {} } } };
const load = (text: string) =>
  loadSettings(
    [{ path: 'tocsin.yaml', text: `channels:\n  night:\n    type: memory\n${text}` }],
    sections,
  );
const profile = (text: string) => {
  const { settings, complaints } = load(text);
  assert.deepEqual(complaints, []);
  const members = settings?.channels as Readonly<Record<string, Member>>;
  return profileOf('night', members.night ?? { type: '' }, 'core');
};

test('a channel of which nothing is written is told everything, at any time', () => {
  const { hours, severities, matchers, budget, groupBy, after } = profile('');
  assert.equal(hours, null);
  assert.deepEqual([...severities], ['info', 'warning', 'critical']);
  assert.deepEqual(
    { matchers, budget, groupBy, after },
    { matchers: [], budget: 60, groupBy: ['rule'], after: 0 },
  );
});

test('all of it can be written', () => {
  const one = profile(
    [
      '    severities: [critical]',
      `    matchers: ['source="tape"', 'unit=~"backup.*", severity!=info']`,
      '    hours: { days: [mon, fri], from: "07:30", to: "16:00", zone: UTC, waits: [warning] }',
      '    groupBy: []',
      '    groupWait: 0s',
      '    repeatInterval: 0s',
      '    budget: 0',
      '    after: 15m',
    ].join('\n'),
  );
  assert.equal(one.matchers.length, 3);
  assert.equal(one.hours?.from, 450);
  assert.equal(one.budget, null);
  assert.equal(one.repeatInterval, 0);
  assert.equal(one.after, 900_000);
});

const wrong = [
  ['severities: []', /"channels.night.severities" must be a list of info, warning, critical/],
  ['matchers: ["a=~("]', /"channels.night.matchers" must be a list of matchers/],
  [
    'hours: { from: 7:30 }',
    /"channels.night.hours.from" must be a time of the day such as "07:30"/,
  ],
  ['hours: { zone: Europe/Wien }', /must be the name of a time zone/],
  ['groupBy: [1]', /must be a list of at most 10 names/],
  ['groupWait: 5', /must be a duration such as/],
  ['budget: -1', /must be a whole number from 0/],
] as const;

for (const [text, complaint] of wrong) {
  test(`refused with words: ${text}`, () => {
    const [first] = load(`    ${text}`).complaints;
    assert.match(first?.message ?? '', complaint);
    assert.equal(first?.line, 4);
  });
}
