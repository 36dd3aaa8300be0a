import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../domain/alert.ts';
import { minutes, rfc3339 } from '../../domain/time.ts';
import { labelFingerprint } from '../../domain/ulid.ts';
import { fakeAlert, fakeStart } from '../../operations/fake-alerts.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import { valueAt } from '../testing/serve.ts';
import { listAlerts } from './alert-list.ts';
import { postAlerts } from './push.ts';

const prometheus = { role: 'operator', name: 'token:prometheus' } as const;
const push = (house: FakeHouse, ...alerts: unknown[]) => postAlerts(house, alerts, prometheus);
const at = (minute: number): string => rfc3339(fakeStart + minutes(minute));
const goZero = '0001-01-01T00:00:00.000Z';
const labels = { alertname: 'NodeDown', instance: 'box:9100', severity: 'page' };

const viewOf = (house: FakeHouse): unknown => {
  const views = listAlerts(house, {}, '').body as unknown[];
  assert.equal(views.length, 1);
  return views[0];
};

test('what is pushed becomes an alert, and is shown as it was pushed', async () => {
  const house = new FakeHouse();
  const annotations = {
    summary: 'box is down',
    description: 'for 5m',
    runbook_url: 'https://wiki/x',
  };
  const generatorURL = 'http://prometheus/graph?g0=up';
  const pushed = { labels, annotations, generatorURL, startsAt: at(-9), endsAt: at(4) };
  assert.deepEqual(await push(house, pushed), { status: 200, body: undefined });
  const [alert] = house.activeAlerts();
  assert.partialDeepStrictEqual(alert, {
    origin: 'pushed',
    rule: 'NodeDown',
    fingerprint: labelFingerprint(labels),
    severity: 'critical',
    source: 'system',
    title: 'box is down',
    message: 'for 5m',
    advice: 'See https://wiki/x',
    resource: { kind: 'alertmanager.alert', id: 'instance="box:9100"' },
    labels,
    startsAt: fakeStart - minutes(9),
  });
  assert.partialDeepStrictEqual(viewOf(house), pushed);
  assert.deepEqual(valueAt(viewOf(house), 'annotations'), annotations);
});

test('it is known through which door it came', async () => {
  const house = new FakeHouse();
  const doors: unknown[] = [];
  house.raise = async (said) => {
    doors.push(said.door);
    return fakeAlert(1);
  };
  await postAlerts(house, [{ labels }], { ...prometheus, door: 'api' });
  assert.deepEqual(doors, ['api']);
});

test('without times it began now and ends in five minutes, and pushing again moves the end', async () => {
  const house = new FakeHouse();
  await push(house, { labels, startsAt: goZero, endsAt: goZero });
  assert.partialDeepStrictEqual(viewOf(house), { startsAt: at(0), endsAt: at(5) });
  house.clock += minutes(3);
  await push(house, { labels });
  assert.partialDeepStrictEqual(viewOf(house), { startsAt: at(0), endsAt: at(8) });
});

test('an end that is past ends it; one that is not known is passed over', async () => {
  const house = new FakeHouse();
  assert.equal((await push(house, { labels, endsAt: at(-1) })).status, 200);
  assert.equal(house.changes.length, 0);
  await push(house, { labels });
  house.clock += minutes(1);
  await push(house, { labels, endsAt: at(1) });
  assert.equal(house.activeAlerts().length, 0);
  assert.equal(house.changes.at(-1)?.alert.resolvedBy, 'pushed');
});

test('empty labels are like none: the alert is the same', async () => {
  const house = new FakeHouse();
  await push(house, { labels: { ...labels, zone: '' } }, { labels });
  assert.equal(valueAt(viewOf(house), 'fingerprint'), labelFingerprint(labels));
});

test('twice in one request, the later one holds', async () => {
  const house = new FakeHouse();
  const summary = (text: string) => ({ labels, annotations: { summary: text } });
  await push(house, summary('old'), summary('new'));
  assert.deepEqual(
    house.changes.map(({ alert }) => alert.title),
    ['new'],
  );
});

const severities: readonly (readonly [string | undefined, string])[] = [
  ['critical', 'critical'],
  ['Page', 'critical'],
  ['warning', 'warning'],
  ['info', 'info'],
  ['none', 'info'],
  ['sev2', 'warning'],
  [undefined, 'warning'],
];
for (const [word, severity] of severities) {
  test(`severity ${word ?? 'left out'} is ${severity}, and the label stays`, async () => {
    const house = new FakeHouse();
    await push(house, { labels: { alertname: 'X', ...(word && { severity: word }) } });
    assert.equal(house.activeAlerts()[0]?.severity, severity);
    assert.equal(valueAt(viewOf(house), 'labels.severity'), word);
  });
}

test('a source that tocsin knows is taken from the label', async () => {
  const house = new FakeHouse();
  await push(house, { labels: { alertname: 'X', source: 'tape' } }, { labels: { job: 'node' } });
  const told = house.activeAlerts().map(({ rule, source, title }) => [rule, source, title]);
  assert.deepEqual(told, [
    ['X', 'tape', 'X'],
    ['pushed', 'system', 'pushed'],
  ]);
});

const wrong: readonly (readonly [name: string, alert: unknown, status: number, says: RegExp])[] = [
  ['without labels', {}, 422, /^1\.labels in body is required$/],
  ['that is no object', 7, 422, /^1\.labels in body is required$/],
  ['with nothing in its labels', { labels: { a: '' } }, 400, /^at least one label pair required$/],
  [
    'with a label that is no text',
    { labels: { a: 1 } },
    400,
    /^invalid label set: "a" is no text$/,
  ],
  [
    'with a label without a name',
    { labels: { '': 'x' } },
    400,
    /^invalid label set: "" is no name/,
  ],
  ['with a line break in a name', { labels: { 'a\nb': 'x' } }, 400, /^invalid label set: /],
  ['with too long a value', { labels: { a: 'x'.repeat(1025) } }, 400, /"a" is longer than 1024/],
  [
    'with too many labels',
    { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x'])) },
    400,
    /65, at most 64/,
  ],
  [
    'that ends before it begins',
    { labels, startsAt: at(5), endsAt: at(4) },
    400,
    /^start time must/,
  ],
  ['with a bad time', { labels, startsAt: 'now' }, 400, /^startsAt: "now" is no RFC 3339 time/],
  ['with bad annotations', { labels, annotations: [] }, 400, /^invalid annotations: /],
];
for (const [name, alert, status, says] of wrong) {
  test(`an alert ${name} is refused, and the others of the request are taken`, async () => {
    const house = new FakeHouse();
    const reply = await push(house, { labels: { alertname: 'Good' } }, alert);
    assert.equal(reply.status, status);
    const said = status === 422 ? valueAt(reply.body, 'message') : reply.body;
    assert.match(String(said), says);
    assert.deepEqual(
      house.activeAlerts().map(({ rule }) => rule),
      ['Good'],
    );
  });
}

test('several faults are told together', async () => {
  const reply = await push(new FakeHouse(), { labels: { a: 1 } }, { labels: { b: 2 } });
  assert.equal(reply.body, 'invalid label set: "a" is no text; invalid label set: "b" is no text');
});

test('what is no list, or endless, is refused whole', async () => {
  const house = new FakeHouse();
  assert.equal((await postAlerts(house, { labels }, prometheus)).status, 400);
  const many = Array.from({ length: 2001 }, (_, i) => ({ labels: { alertname: `A${i}` } }));
  assert.equal((await postAlerts(house, many, prometheus)).status, 400);
  assert.deepEqual(house.activeAlerts(), []);
});

test('long prose is cut and costs no alert; hostile texts are made harmless', async () => {
  const house = new FakeHouse();
  const summary = `bad\u0000 \ud800\n${'x'.repeat(100_000)}`;
  await push(house, { labels: { alertname: 'a\nb', x: '\ud800' }, annotations: { summary } });
  const [alert] = house.activeAlerts();
  assert.ok(alert !== undefined && alert.title.length <= 300 && !/[\n\0]/.test(alert.title));
  assert.equal(alert.rule, 'a b');
  assert.ok(JSON.stringify(alert).isWellFormed() && JSON.stringify(alert).length < 20_000);
});

test('where an alert was made is a page or nothing', async () => {
  for (const [given, shown] of [
    ['https://prometheus/graph?g0.expr=up', 'https://prometheus/graph?g0.expr=up'],
    ['javascript:alert(1)', undefined],
    ['https://a b', undefined],
    [7, undefined],
  ] as const) {
    const house = new FakeHouse();
    await push(house, { labels, generatorURL: given });
    assert.equal(valueAt(viewOf(house), 'generatorURL'), shown);
  }
});

test('a list that Go left empty is one, and no body at all does not fit', async () => {
  assert.deepEqual(await postAlerts(new FakeHouse(), null, prometheus), {
    status: 200,
    body: undefined,
  });
  const reply = await postAlerts(new FakeHouse(), undefined, prometheus);
  assert.deepEqual(reply, {
    status: 422,
    body: { code: 602, message: 'alerts in body is required' },
  });
});

test('hundreds at once are raised in one tick, which is one transaction', async () => {
  const house = new FakeHouse();
  const gate = Promise.withResolvers<Alert>();
  let count = 0;
  house.raise = () => {
    count += 1;
    return gate.promise;
  };
  const alerts = Array.from({ length: 300 }, (_, i) => ({ labels: { instance: `box${i}` } }));
  const answered = push(house, ...alerts);
  assert.equal(count, 300);
  gate.resolve(fakeAlert(1));
  assert.equal((await answered).status, 200);
});

test('alerts that cannot be taken are an error, so that they are sent again', async () => {
  const house = new FakeHouse();
  house.isFull = true;
  const body = 'so many alerts are active that no more can be raised';
  assert.deepEqual(await push(house, { labels }), { status: 500, body });
});
