import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeChannel } from '../../operations/fake-delivery.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import type { Texts } from '../query.ts';
import { acknowledgementIdOf } from './acknowledgement.ts';
import { listAlerts, listGroups } from './alert-list.ts';
import type { AlertView } from './alert-view.ts';
import { fingerprintOf } from './labels.ts';
import type { Reply } from './reply.ts';

const silenceId = '00000000-0000-4000-8000-000000000001';
const windowId = '01K00000000000000000000WIN';

/** One alert of each fate, by its unit: active, acknowledged, silenced, victim, maintained. */
function furnished() {
  const house = new FakeHouse();
  const active = house.fire({ labels: { unit: 'active' } });
  const more = (unit: string, rest: object) => house.fire({ labels: { unit }, ...rest });
  const acknowledged = more('acknowledged', { acknowledged: true, acknowledgedBy: 'uid:0' });
  more('silenced', { mutedBy: [silenceId] });
  more('victim', { cause: active.id, mutedBy: [active.id], severity: 'warning' });
  more('graver', { cause: active.id, mutedBy: [] });
  more('maintained', { mutedBy: [windowId] });
  more('waiting', { phase: 'pending' });
  return { house, active, acknowledged };
}

const viewsOf = (reply: Reply): readonly AlertView[] => {
  assert.equal(reply.status, 200, JSON.stringify(reply.body));
  return reply.body as AlertView[];
};
const unitsOf = (reply: Reply): readonly string[] =>
  viewsOf(reply)
    .map(({ labels }) => labels.unit ?? '')
    .sort();

test('each alert has every field, and lists are never null', () => {
  const house = new FakeHouse();
  const alert = house.fire({ labels: { unit: 'a.service' } });
  house.clock = alert.startsAt + 60_000;
  assert.deepEqual(listAlerts(house, {}, 'https://box').body, [
    {
      annotations: {
        summary: 'unit-1.service failed (exit-code)',
        description: 'It ended with status 1.',
        advice: 'Look at journalctl -u unit-1.service.',
      },
      endsAt: '2026-11-22T06:20:01.123Z',
      fingerprint: fingerprintOf(alert),
      receivers: [{ name: 'default' }],
      startsAt: '2026-11-22T06:14:01.123Z',
      status: { state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] },
      updatedAt: '2026-11-22T06:14:01.128Z',
      generatorURL: `https://box/api/v1/monitoring/alerts/${alert.id}`,
      labels: {
        alertname: 'unit-failed',
        resourceId: 'unit-1.service',
        resourceKind: 'systemd.unit',
        severity: 'critical',
        source: 'system',
        unit: 'a.service',
      },
    },
  ]);
});

test('what happened to an alert is told in the words of Alertmanager', () => {
  const { house, active, acknowledged } = furnished();
  const statuses = new Map(
    viewsOf(listAlerts(house, {}, '')).map(({ labels, status }) => [labels.unit, status]),
  );
  const none = { silencedBy: [], inhibitedBy: [], mutedBy: [] };
  assert.deepEqual(Object.fromEntries(statuses), {
    active: { ...none, state: 'active' },
    acknowledged: {
      ...none,
      state: 'suppressed',
      silencedBy: [acknowledgementIdOf(acknowledged.id)],
    },
    silenced: { ...none, state: 'suppressed', silencedBy: [silenceId] },
    victim: { ...none, state: 'suppressed', inhibitedBy: [fingerprintOf(active)] },
    graver: { ...none, state: 'active' },
    maintained: { ...none, state: 'suppressed', mutedBy: [windowId] },
  });
});

test('alerts are sorted by fingerprint, and no pending or resolved one is among them', () => {
  const { house, active } = furnished();
  house.resolve(active.id);
  const views = viewsOf(listAlerts(house, {}, ''));
  const fingerprints = views.map(({ fingerprint }) => fingerprint);
  assert.deepEqual(fingerprints, [...fingerprints].sort());
  const units = views.map(({ labels }) => labels.unit);
  assert.ok(!units.includes('waiting') && !units.includes('active'));
});

const all = ['acknowledged', 'active', 'graver', 'maintained', 'silenced', 'victim'];
const without = (...units: string[]) => all.filter((unit) => !units.includes(unit));
const flags: readonly { name: string; query: Texts; units: readonly string[] }[] = [
  { name: 'no flag shows all', query: {}, units: all },
  { name: 'active=false', query: { active: ['false'] }, units: without('active', 'graver') },
  {
    name: 'silenced=false hides acknowledged ones too',
    query: { silenced: ['false'] },
    units: without('acknowledged', 'silenced'),
  },
  { name: 'inhibited=false', query: { inhibited: ['false'] }, units: without('victim') },
  { name: 'unprocessed=false hides none', query: { unprocessed: ['false'] }, units: all },
  { name: 'a bad flag is false', query: { inhibited: ['nonsense'] }, units: without('victim') },
  { name: 'yes is true', query: { inhibited: ['YES'] }, units: all },
  { name: 'an empty flag is not given', query: { inhibited: [''] }, units: all },
  { name: 'unknown parameters are ignored', query: { ruleMetadata: ['true'] }, units: all },
  { name: 'quoted matchers', query: { filter: ['unit="victim"'] }, units: ['victim'] },
  { name: 'unquoted matchers', query: { filter: ['unit=victim'] }, units: ['victim'] },
  {
    name: 'matchers on what no label was',
    query: { filter: ['severity=warning'] },
    units: ['victim'],
  },
  {
    name: 'repeated matchers must all hold',
    query: { filter: ['unit=~".*d"', 'unit!=silenced'] },
    units: ['acknowledged', 'maintained'],
  },
  {
    name: 'expressions hold for the whole value, negated too',
    query: { filter: ['unit!~"act|vic.*"'] },
    units: without('victim'),
  },
  { name: 'a missing label is an empty one', query: { filter: ['nothing=""'] }, units: all },
  {
    name: 'an unquoted value goes to the end',
    query: { filter: ['unit=~(act|sil).+'] },
    units: ['active', 'silenced'],
  },
  { name: 'receivers by expression', query: { receiver: ['def.*'] }, units: all },
  { name: 'the expression is anchored', query: { receiver: ['def'] }, units: [] },
  { name: 'receivers have no labels', query: { receiver_matchers: ['team="x"'] }, units: [] },
];
for (const { name, query, units } of flags) {
  test(`alerts: ${name}`, () => {
    assert.deepEqual(unitsOf(listAlerts(furnished().house, query, '')), units);
  });
}

test('what cannot be read is refused with a text', () => {
  const { house } = furnished();
  const bad = listAlerts(house, { filter: ['unit~x'] }, '');
  assert.deepEqual([bad.status, typeof bad.body], [400, 'string']);
  assert.match(String(bad.body), /^bad matcher format: /);
  const receiver = listGroups(house, { receiver: ['('] }, '');
  assert.match(String(receiver.body), /^failed to parse receiver param: /);
});

interface Group {
  readonly labels: object;
  readonly routeLabels: object;
  readonly receiver: { readonly name: string };
  readonly alerts: readonly AlertView[];
}
const groupsOf = (reply: Reply): readonly string[] =>
  (reply.body as Group[]).map(({ receiver, labels, alerts }) => {
    const units = alerts.map((one) => String(one.labels.unit)).sort();
    return `${receiver.name} ${JSON.stringify(labels)} ${units.join(',')}`;
  });

function withChannels(): FakeHouse {
  const { house } = furnished();
  const settings = { severities: ['critical'], matchers: ['unit!="graver"'], groupBy: ['rule'] };
  house.delivery.statuses.push(fakeChannel('oncall', { settings }));
  house.delivery.statuses.push(fakeChannel('log', { settings: { groupBy: ['severity'] } }));
  house.delivery.statuses.push(fakeChannel('off', { enabled: false }));
  return house;
}

test('groups are those of the channels, each alert in those of all its receivers', () => {
  assert.deepEqual(groupsOf(listGroups(withChannels(), {}, '')), [
    'oncall {"alertname":"unit-failed"} acknowledged,active,maintained,silenced',
    'log {"severity":"critical"} acknowledged,active,graver,maintained,silenced',
    'log {"severity":"warning"} victim',
  ]);
});

test('muted=false leaves out what a maintenance window covers, and a receiver its groups', () => {
  assert.deepEqual(
    groupsOf(listGroups(withChannels(), { muted: ['false'], receiver: ['oncall'] }, '')),
    ['oncall {"alertname":"unit-failed"} acknowledged,active,silenced'],
  );
});

test('what no channel takes belongs to a receiver all the same', () => {
  const house = new FakeHouse();
  const settings = { severities: ['critical'] };
  house.delivery.statuses.push(fakeChannel('default', { settings }));
  house.fire({ severity: 'info', labels: { unit: 'a' } });
  assert.deepEqual(groupsOf(listGroups(house, {}, '')), ['nobody {"alertname":"unit-failed"} a']);
  const [group] = listGroups(house, {}, '').body as Group[];
  assert.deepEqual(group?.routeLabels, {});
});
