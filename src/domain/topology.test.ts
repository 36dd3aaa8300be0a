import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineKind, word } from './kind.ts';
import type { Resource } from './resource.ts';
import { dependantsOf, edgesOf } from './topology.ts';

const text = (refersTo: Parameters<typeof word>[0]['refersTo']) =>
  refersTo === undefined
    ? word({ help: 'A name.', source: 'test' })
    : word({ help: 'A name.', source: 'test', refersTo });

const kinds = [
  defineKind('disk.device', { title: 'D', identity: 'D', attributes: {} }),
  defineKind('disk.lun', {
    title: 'L',
    identity: 'L',
    attributes: {
      device: text({ kind: 'disk.device', relation: 'backs' }),
      set: text(undefined),
      needs: text({ kind: 'disk.lun', relation: 'precedes', list: true }),
    },
  }),
  defineKind('disk.session', {
    title: 'S',
    identity: 'S',
    attributes: {
      set: text({ kind: 'disk.lun', by: 'set', relation: 'serves' }),
      feeds: text({ kind: 'disk.device', relation: 'feeds', inverse: true }),
    },
  }),
];

const resource = (kind: string, id: string, attributes: Resource['attributes'] = {}): Resource => ({
  kind,
  id,
  collector: 'test',
  attributes,
  changedAt: 0,
  readAt: 0,
  staleSince: null,
});

const all = [
  resource('disk.device', 'disk1'),
  resource('disk.lun', 't/0', { device: 'disk1', set: 't' }),
  resource('disk.lun', 't/1', { device: 'disk9', set: 't', needs: 't/0 gone t/1' }),
  resource('disk.lun', 't/g/0', { device: 'disk1', set: 't/g', needs: { unreadable: 'EIO' } }),
  resource('disk.session', 'a', { set: 't' }),
  resource('disk.session', 'b', { set: 't/g' }),
  resource('disk.session', 'c', { set: null, feeds: 'disk1' }),
];
const draw = () =>
  edgesOf(all, kinds).map(({ from, to, relation }) => `${from.id} ${relation} ${to.id}`);

test('an attribute that names a resource is an edge; what it names in vain is none', () => {
  assert.deepEqual(draw(), [
    'disk1 backs t/0',
    't/0 precedes t/1',
    't/1 precedes t/1',
    'disk1 backs t/g/0',
    't/0 serves a',
    't/1 serves a',
    't/g/0 serves b',
    'c feeds disk1',
  ]);
});

test('who loses what: only those who see the LUN of the device, each once, circles end', () => {
  const lost = dependantsOf({ kind: 'disk.device', id: 'disk1' }, edgesOf(all, kinds));
  assert.deepEqual(
    lost.map(({ id }) => id),
    ['t/0', 't/g/0', 't/1', 'a', 'b'],
  );
  assert.deepEqual(dependantsOf({ kind: 'disk.session', id: 'b' }, edgesOf(all, kinds)), []);
});

test('a path lies on the nearest folder that something is mounted on, never on the root', () => {
  const on = [
    defineKind('disk.store', { title: 'S', identity: 'S', attributes: { path: text(undefined) } }),
    defineKind('disk.image', {
      title: 'I',
      identity: 'I',
      attributes: {
        file: text({ kind: 'disk.store', by: 'path', below: true, relation: 'keeps' }),
      },
    }),
  ];
  const stores = ['/', '/srv', '/srv/backup'].map((path) =>
    resource('disk.store', `store ${path}`, { path }),
  );
  const keptBy = (file: string): readonly string[] =>
    edgesOf([...stores, resource('disk.image', 'i', { file })], on).map(({ from }) => from.id);
  assert.deepEqual(keptBy('/srv/backup/day/i.img'), ['store /srv/backup']);
  assert.deepEqual(keptBy('/srv/backups/i.img'), ['store /srv']);
  assert.deepEqual(keptBy('/opt/i.img'), []);
});
