import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../domain/delivery.ts';
import { defineKind, instant, word } from '../domain/kind.ts';
import type { Resource } from '../domain/resource.ts';
import { hours, minutes } from '../domain/time.ts';
import type { Explanation } from './explain-schema.ts';
import { fakeStart } from './fake-alerts.ts';
import { FakeHouse } from './fake-house.ts';
import { outputOf } from './furnished-house.fixture.ts';

const text = { help: 'h', source: 's' };
const refersTo = { kind: 'systemd.unit', relation: 'is required by', list: true, inverse: true };
const kinds = [
  defineKind('systemd.unit', {
    title: 'Unit',
    identity: 'NAME',
    attributes: {
      requiredBy: word({ ...text, refersTo }),
      blockedBy: word({
        ...text,
        refersTo: { kind: 'systemd.unit', relation: 'blocks', strength: 'certain' },
      }),
    },
  }),
  defineKind('systemd.manager', {
    title: 'M',
    identity: 'system',
    attributes: { startedAt: instant(text) },
  }),
];

const resource = (kind: string, id: string, attributes: Resource['attributes']): Resource => ({
  kind,
  id,
  collector: 'systemd',
  attributes,
  changedAt: fakeStart,
  readAt: fakeStart,
  staleSince: null,
});
const unit = (id: string, attributes: Resource['attributes'] = {}): Resource =>
  resource('systemd.unit', id, attributes);

/** The database failed, then what stands on it. */
function collapse() {
  const house = new FakeHouse(kinds);
  house.inventory.push(
    unit('unit-1.service', { requiredBy: 'pool.service' }),
    unit('pool.service', { requiredBy: 'unit-2.service' }),
    unit('unit-2.service'),
  );
  const root = house.fire();
  const victim = house.fire({ cause: root.id, mutedBy: [root.id] });
  house.change({ ...root, victims: [victim.id] }, 'cause');
  return { house, root, victim };
}

const explain = async (house: FakeHouse, id: string) =>
  (await outputOf(house, 'alert.explain', { id })) as Explanation & { readonly text: string };

test('a victim is explained by its cause, the way to it, and how certain that is', async () => {
  const { house, root, victim } = collapse();
  const said = await explain(house, victim.id);
  assert.equal(said.cause?.alert.id, root.id);
  assert.equal(said.cause?.certainty, 'likely');
  assert.equal(
    said.cause?.why,
    'it failed first, and unit-1.service is required by pool.service; ' +
      'pool.service is required by unit-2.service',
  );
  assert.match(said.text, /To blame is:\n {2}unit-1\.service failed/);
  assert.match(said.text, /The first sign was at 2026-11-22 06:14:01Z/);
  assert.deepEqual(
    said.mutedBy.map(({ type, name }) => [type, name]),
    [['cause', root.title]],
  );
});

test('what the source itself says is certain', async () => {
  const { house, victim } = collapse();
  house.inventory.push(unit('unit-2.service', { blockedBy: 'unit-1.service' }));
  house.inventory.splice(2, 1);
  const said = await explain(house, victim.id);
  assert.deepEqual(said.cause?.certainty, 'certain');
  assert.match(said.text, /This is certain: its source says so: unit-1\.service blocks unit-2/);
});

test('the cause tells whom it hurt, and is told to have none itself', async () => {
  const { house, root, victim } = collapse();
  const said = await explain(house, root.id);
  assert.equal(said.cause, null);
  assert.deepEqual([said.victimCount, said.victims[0]?.id], [1, victim.id]);
  assert.match(said.text, /counts as a cause of its own/);
  assert.match(said.text, /Because of it there is 1 alert more:\n {2}unit-2\.service failed/);
});

test('what else may be to blame is named', async () => {
  const { house, root } = collapse();
  const other = house.fire({ alternatives: [root.id] });
  const said = await explain(house, other.id);
  assert.deepEqual(said.alternatives[0]?.id, root.id);
  assert.match(said.text, /No cause is sure.*\nPerhaps to blame as well/);
});

test('what changed in the day before is gathered from all that knows, and no later change', async () => {
  const { house, victim } = collapse();
  house.editsAnswer = {
    edits: [{ at: fakeStart - hours(2), type: 'package', what: 'upgrade of nginx, 1 to 2' }],
    omitted: 3,
    unreadable: [{ what: '/etc/mhvtl', why: 'EACCES' }],
  };
  const reloaded = { kind: 'systemd.manager', id: 'system', event: 'reloaded' };
  const event = { foundBy: 'signal', attributes: {}, key: 'k', detectedAt: 0 } as const;
  for (const [number, at] of [-minutes(5), minutes(5), -hours(30)].entries())
    house.stored.push({ ...reloaded, ...event, number, at: fakeStart + at });
  house.inventory.push(
    resource('systemd.manager', 'system', { startedAt: fakeStart - hours(3) }),
    resource('task.run', 'nightly', { endedAt: fakeStart - hours(1), state: 'failed' }),
  );
  const { changed, text: words } = await explain(house, victim.id);
  assert.deepEqual(
    changed.items.map(({ type }) => type),
    ['boot', 'package', 'task', 'reload', 'start'],
  );
  assert.equal(changed.omitted, 3);
  assert.match(words, /2026-11-22 05:14:00Z {2}nightly ended in failure/);
  assert.match(words, /Could not look at \/etc\/mhvtl: EACCES\./);
});

test('an event just before the alert is its first sign', async () => {
  const { house, root } = collapse();
  const event = { foundBy: 'signal', attributes: {}, key: 'k', detectedAt: 0 } as const;
  const at = root.startsAt - minutes(2);
  const of = { kind: 'systemd.unit', id: 'unit-1.service', event: 'restarted' };
  house.stored.push({ ...of, ...event, number: 4, at });
  const { firstSign } = await explain(house, root.id);
  assert.equal(firstSign.what, 'restarted of unit-1.service');
  assert.equal(Date.parse(firstSign.time), at);
});

test('who was told, what became of it, and what keeps it quiet are said', async () => {
  const { house, root } = collapse();
  const matchers = [{ name: 'unit', operator: '=', value: 'unit-1.service' }] as const;
  const ends = { startsAt: fakeStart, endsAt: fakeStart + hours(2) };
  await house.mutes.saveSilence({ matchers, ...ends, comment: 'disk swap' }, 'uid:0');
  house.delivery.deliveries.push(deliveryOf(root));
  const said = await explain(house, root.id);
  assert.deepEqual(said.told[0], {
    number: 9,
    channel: 'office',
    time: '2026-11-22T06:14:10.123Z',
    reason: 'raised',
    attempts: 2,
    state: 'delivered at attempt 2: 250 OK',
  });
  assert.deepEqual(
    said.mutedBy.map(({ type, name, by, until }) => [type, name, by, until]),
    [['silence', 'disk swap', 'uid:0', '2026-11-22T08:14:00.123Z']],
  );
  assert.match(said.text, /silence "disk swap", set by uid:0, until 2026-11-22 08:14:00Z/);
  assert.match(said.text, /office: raised, delivered at attempt 2: 250 OK/);
});

function deliveryOf(alert: Parameters<FakeHouse['change']>[0]): Delivery {
  const at = fakeStart + 10_000;
  const item = { key: `${alert.id}/1`, reason: 'raised', alert, victims: 0, victimTitles: [] };
  const attempt = { key: 'm', channel: 'office', at, took: 5 };
  return {
    number: 9,
    message: {
      key: 'm',
      channel: 'office',
      sequence: 1,
      at,
      type: 'alerts',
      why: null,
      group: {},
      groupKey: 'g',
      items: [item],
      omitted: 0,
      title: '',
      lines: [],
      drill: false,
      host: 'h',
    } as Delivery['message'],
    state: 'delivered',
    attempts: [
      { ...attempt, outcome: { type: 'retry', why: 'connection refused', maybe: false } },
      { ...attempt, at: at + 1000, outcome: { type: 'delivered', detail: '250 OK' } },
    ],
    nextAttemptAt: null,
  };
}

test('the timeline shows mutes with their names, messages and every attempt, in order', async () => {
  const { house, root } = collapse();
  house.clock = fakeStart + 5000;
  const matchers = [{ name: 'unit', operator: '=', value: 'unit-1.service' }] as const;
  const ends = { startsAt: house.clock, endsAt: fakeStart + hours(2) };
  const saved = await house.mutes.saveSilence({ matchers, ...ends, comment: 'disk swap' }, 'uid:0');
  assert.ok(saved.type === 'done');
  house.delivery.deliveries.push(deliveryOf(root));
  house.clock = fakeStart + 20_000;
  await house.mutes.expireSilence(saved.value.id, 'uid:0');
  const { items } = (await outputOf(house, 'alert.timeline', { id: root.id })) as {
    items: readonly Readonly<Record<string, unknown>>[];
  };
  assert.deepEqual(
    items.map(({ type, reason, outcome, name }) => [type, outcome ?? name ?? reason].join(' ')),
    [
      'change raised',
      'change cause',
      'change muted',
      'mute-begun disk swap',
      'delivery raised',
      'attempt retry',
      'attempt delivered',
      'change muted',
      'mute-ended disk swap',
    ],
  );
});
