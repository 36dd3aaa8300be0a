/** The appliance in figures: what counts, and what cannot be known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../collectors/registry.ts';
import { type AttributeReading, unreadable } from '../domain/reading.ts';
import { fakeStart } from './fake-alerts.ts';
import { noFigures } from './fake-figures.ts';
import { FakeHouse } from './fake-house.ts';
import type { SourceFigures } from './figures.ts';
import { callerOf, outputOf, run } from './furnished-house.fixture.ts';
import { type MetricsView, renderMetrics } from './metrics.ts';

type Attributes = Readonly<Record<string, AttributeReading>>;
type Things = Readonly<Record<string, Readonly<Record<string, Attributes>>>>;

const kindsOf: Readonly<Record<string, readonly string[]>> = {
  systemd: ['systemd.unit', 'task.run'],
  tasks: ['task.run'],
  host: ['system.host'],
  storage: ['storage.repository', 'storage.disk'],
  scst: ['scst.target', 'scst.driver', 'scst.session', 'scst.lun'],
  tape: ['tape.drive', 'tape.changer'],
  vtl: ['vtl.library', 'vtl.drive'],
};

/** A house with these things, by kind and id; every collector sees unless told otherwise. */
function houseWith(
  things: Things,
  states: Readonly<Record<string, SourceFigures['state']>> = {},
): FakeHouse {
  const house = new FakeHouse();
  const sources = Object.entries(kindsOf).map(([name, kinds]) => {
    return { name, kinds, state: states[name] ?? 'seeing', lookDuration: 3 };
  });
  house.figuresAnswer = { ...noFigures, sources };
  for (const [kind, byId] of Object.entries(things)) {
    for (const [id, attributes] of Object.entries(byId)) {
      const times = { changedAt: fakeStart, readAt: fakeStart, staleSince: null };
      house.inventory.push({ kind, id, collector: 'x', attributes, ...times });
    }
  }
  return house;
}

const on = { present: true, enabled: true, sessions: 2 };
const appliance: Things = {
  'system.host': {
    box: {
      cpuRatio: 0.25,
      load1: 1.5,
      load5: 1,
      load15: 0.5,
      memoryTotalBytes: 1000,
      memoryAvailableBytes: 400,
      uptimeSeconds: 60,
    },
  },
  'systemd.unit': {
    'a.service': { activeState: 'active', present: true },
    'b.service': { activeState: 'failed', present: true },
    'gone.service': { activeState: 'inactive', present: false },
  },
  'storage.repository': {
    '/': { path: '/', sizeBytes: 100, usedBytes: 50, availableBytes: 40 },
    pool: { path: '/pool', sizeBytes: 300, usedBytes: 150, availableBytes: 150 },
    '/pool/a': { sizeBytes: 300, usedBytes: 150, availableBytes: 150, sharedWith: 'pool' },
    unmounted: { path: '/x', sizeBytes: null, usedBytes: null, availableBytes: null },
  },
  'storage.disk': { d1: {}, d2: {} },
  'scst.driver': {
    iscsi: { enabled: true, openState: 'open' },
    old: { enabled: true, openState: 'closed' },
    off: { enabled: false, openState: null },
  },
  'scst.target': {
    'iscsi/iqn.a': on,
    'iscsi/iqn.b': { ...on, enabled: false, sessions: 0 },
    'iscsi/declared': { present: false, enabled: null, sessions: null },
    'old/t': on,
    'off/t': on,
    'scst_local/t': { ...on, enabled: null },
    'copy_manager/copy_manager_tgt': { present: true, enabled: null, sessions: 1 },
  },
  'scst.lun': {
    'iscsi/iqn.a/0': { present: true },
    'iscsi/iqn.a/group/0': { present: true },
    'iscsi/iqn.a/9': { present: false },
    'copy_manager/copy_manager_tgt/0': { present: true },
  },
  'scst.session': {
    'iscsi/iqn.a/host1': { present: true, initiator: 'host1' },
    'iscsi/iqn.b/host1': { present: true, initiator: 'host1' },
    'iscsi/iqn.a/host2': { present: true, initiator: 'host2' },
    'iscsi/iqn.a/lost': { present: false, initiator: 'lost' },
    'copy_manager/copy_manager_tgt/c': { present: true, initiator: 'c' },
  },
  'tape.drive': {
    real: { present: true, virtual: false },
    virtual: { present: true, virtual: true },
    gone: { present: false, virtual: false },
  },
  'tape.changer': {
    real: { present: true, virtual: false, slots: 24, occupiedSlots: 20 },
    virtual: { present: true, virtual: true, slots: 99, occupiedSlots: 99 },
  },
  'vtl.library': {
    10: { tapes: 30, loadedTapes: 2, activeDrives: 1 },
    20: { tapes: 12, loadedTapes: 0, activeDrives: 0 },
  },
  'vtl.drive': { 11: {}, 12: { declared: true }, 21: {}, 99: { declared: false } },
  'task.run': {
    a: { state: 'completed', durationSeconds: 10 },
    b: { state: 'failed', durationSeconds: 30 },
    c: { state: 'running', durationSeconds: null },
    d: { state: 'pending' },
  },
};

test('each figure counts what its name says', () => {
  const { collectedAt, api: _, ...parts } = renderMetrics(houseWith(appliance));
  assert.equal(collectedAt, '2026-11-22T06:14:00.123Z');
  assert.deepEqual(parts, {
    system: {
      cpuRatio: 0.25,
      load1: 1.5,
      load5: 1,
      load15: 0.5,
      memoryTotalBytes: 1000,
      memoryUsedBytes: 600,
      diskTotalBytes: 100,
      diskUsedBytes: 50,
      uptimeSeconds: 60,
      units: 2,
      failedUnits: 1,
    },
    storage: {
      disks: 2,
      repositories: 4,
      capacityBytes: 400,
      usedBytes: 200,
      availableBytes: 190,
      usedRatio: 200 / 390,
    },
    scst: { targets: 5, activeTargets: 2, luns: 2, initiators: 2, sessions: 8 },
    tape: { libraries: 1, drives: 1, slots: 24, occupiedSlots: 20 },
    vtl: { libraries: 2, drives: 3, tapes: 42, activeDrives: 1, loadedTapes: 2 },
    tasks: {
      total: 4,
      pending: 1,
      running: 1,
      completed: 1,
      failed: 1,
      averageDurationSeconds: 20,
    },
  });
});

const figures = (part: object): readonly unknown[] => Object.values(part);
const parts = ['system', 'storage', 'scst', 'tape', 'vtl', 'tasks'] as const;

const unknowing: readonly { name: string; state: SourceFigures['state']; is: 0 | null }[] = [
  { name: 'a collector that is blind', state: 'blind', is: null },
  { name: 'a collector that has not looked yet', state: 'waiting', is: null },
  { name: 'a collector that says there is no such thing', state: 'absent', is: 0 },
];
for (const { name, state, is } of unknowing) {
  test(`${name} gives ${is}`, () => {
    const { scst, tape } = renderMetrics(houseWith({}, { scst: state, tape: state }));
    assert.deepEqual([...new Set(figures(scst)), ...new Set(figures(tape))], [is, is]);
  });
}

test('nobody reads it: every figure is null, and the API still counts', () => {
  const metrics = renderMetrics(new FakeHouse());
  for (const part of parts) assert.deepEqual([...new Set(figures(metrics[part]))], [null], part);
  assert.equal(metrics.api.requests, 0);
  assert.equal(metrics.api.errorRatio, null);
});

test('one of two readers of a kind is blind: what it might know is missing', () => {
  const { tasks } = renderMetrics(houseWith(appliance, { tasks: 'blind' }));
  assert.equal(tasks.total, null);
  assert.equal(renderMetrics(houseWith(appliance, { tasks: 'absent' })).tasks.total, 4);
});

const doubts: readonly {
  name: string;
  kind: string;
  id: string;
  attributes: Attributes;
  is: (metrics: MetricsView) => unknown;
}[] = [
  {
    name: 'a size that cannot be read',
    kind: 'storage.repository',
    id: 'dead-nfs',
    attributes: {
      path: '/nfs',
      sizeBytes: unreadable('no answer'),
      usedBytes: 1,
      availableBytes: 1,
    },
    is: ({ storage }) => [storage.capacityBytes, storage.capacityBytes, storage.usedRatio],
  },
  {
    name: 'a target of which nobody knows whether it is enabled',
    kind: 'scst.target',
    id: 'iscsi/iqn.c',
    attributes: { present: true, enabled: unreadable('EIO'), sessions: 0 },
    is: ({ scst }) => [scst.activeTargets, scst.activeTargets, scst.targets],
  },
  {
    name: 'a drive of which nobody knows whether it is virtual',
    kind: 'tape.drive',
    id: 'x',
    attributes: { present: true, virtual: unreadable('EIO') },
    is: ({ tape }) => [tape.drives, tape.drives, tape.libraries],
  },
  {
    name: 'a library of which nobody has counted the loaded tapes',
    kind: 'vtl.library',
    id: '30',
    attributes: { tapes: 1, activeDrives: 0 },
    is: ({ vtl }) => [vtl.loadedTapes, vtl.loadedTapes, vtl.tapes],
  },
];
for (const { name, kind, id, attributes, is } of doubts) {
  test(`${name} makes only that figure unknown`, () => {
    const house = houseWith({ ...appliance, [kind]: { ...appliance[kind], [id]: attributes } });
    const [first, second, other] = is(renderMetrics(house)) as readonly unknown[];
    assert.deepEqual([first, second], [null, null]);
    assert.equal(typeof other, 'number');
  });
}

test('a disabled target of a driver that cannot be read is not active, whatever the driver is', () => {
  const house = houseWith({
    'scst.driver': { iscsi: { enabled: true, openState: unreadable('EAGAIN') } },
    'scst.target': { 'iscsi/a': { present: true, enabled: false, sessions: 0 } },
  });
  assert.equal(renderMetrics(house).scst.activeTargets, 0);
});

test('repositories that the settings name are counted, and nothing beside them', () => {
  const sizes = { sizeBytes: 1000, usedBytes: 250, availableBytes: 750 };
  const house = houseWith({
    'storage.repository': {
      '/': { path: '/', configured: false, sizeBytes: 9, usedBytes: 9, availableBytes: 0 },
      backup: { path: '/backup', configured: true, ...sizes, sharedWith: '/' },
      again: { path: '/again', configured: true, ...sizes, sharedWith: 'backup' },
    },
  });
  const { storage, system } = renderMetrics(house);
  assert.deepEqual(
    [storage.repositories, storage.capacityBytes, storage.usedRatio],
    [2, 1000, 0.25],
  );
  assert.equal(system.diskTotalBytes, 9);
});

test('what applies to no library is not 0 tapes', () => {
  const house = houseWith({ 'vtl.library': { 10: { tapes: 3, loadedTapes: null } } });
  assert.equal(renderMetrics(house).vtl.loadedTapes, null);
  assert.equal(renderMetrics(house).vtl.tapes, 3);
});

test('stale things are not counted as if they were seen', () => {
  const house = houseWith(appliance);
  const [host] = house.inventory;
  assert.ok(host);
  house.inventory[0] = { ...host, staleSince: fakeStart };
  assert.equal(renderMetrics(house).system.cpuRatio, null);
  assert.equal(renderMetrics(house).system.units, 2);
});

test('the operation answers as it declares, to those who may read', async () => {
  const house = houseWith(appliance);
  await outputOf(house, 'metrics.show', {});
  const answer = await run(house, 'metrics.show', {}, callerOf('none'));
  assert.ok(answer.type === 'refused' && answer.refusal.code === 'not-permitted');
});

/** What the figures are made of; a kind that renames one of these would make them null for ever. */
const madeOf: Readonly<Record<string, readonly string[]>> = {
  'system.host': [
    'cpuRatio',
    'load1',
    'load5',
    'load15',
    'uptimeSeconds',
    'memoryTotalBytes',
    'memoryAvailableBytes',
  ],
  'systemd.unit': ['present', 'activeState'],
  'storage.repository': [
    'path',
    'configured',
    'sharedWith',
    'sizeBytes',
    'usedBytes',
    'availableBytes',
  ],
  'storage.disk': ['present'],
  'scst.driver': ['enabled', 'openState'],
  'scst.target': ['present', 'enabled', 'sessions'],
  'scst.lun': ['present'],
  'scst.session': ['present', 'initiator'],
  'tape.drive': ['present', 'virtual'],
  'tape.changer': ['present', 'virtual', 'slots', 'occupiedSlots'],
  'vtl.library': ['declared', 'tapes', 'activeDrives', 'loadedTapes'],
  'vtl.drive': ['declared'],
  'task.run': ['state', 'durationSeconds'],
};
for (const [name, attributes] of Object.entries(madeOf)) {
  test(`${name} has what the figures are made of`, () => {
    const kind = kinds.find((one) => one.name === name);
    const missing = attributes.filter((one) => !Object.hasOwn(kind?.attributes ?? {}, one));
    assert.deepEqual(missing, []);
  });
}
