/** What the tables of SCST, tape and storage look like, and what `show` finds. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defineKind, word } from '../domain/kind.ts';
import type { AttributeReading } from '../domain/reading.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import { type Box, startBox } from './cli.fixture.ts';

const fact = { help: 'h', source: 's' };
const kinds = [
  defineKind('scst.device', { title: 'D', identity: 'NAME', attributes: {} }),
  defineKind('scst.lun', {
    title: 'L',
    identity: 'DRIVER/TARGET[/GROUP]/LUN',
    attributes: {
      device: word({ ...fact, refersTo: { kind: 'scst.device', relation: 'backs' } }),
      set: word(fact),
    },
  }),
  defineKind('scst.session', {
    title: 'S',
    identity: 'DRIVER/TARGET/INITIATOR',
    attributes: {
      set: word({ ...fact, refersTo: { kind: 'scst.lun', by: 'set', relation: 'serves' } }),
    },
  }),
];

function put(
  house: FakeHouse,
  kind: string,
  id: string,
  attributes: Record<string, AttributeReading>,
): void {
  const times = { changedAt: fakeStart, readAt: fakeStart, staleSince: null };
  house.inventory.push({ kind, id, collector: 'test', attributes, ...times });
}

async function startAppliance(t: TestContext): Promise<Box> {
  const house = new FakeHouse(kinds);
  const gib = 1024 ** 3;
  put(house, 'scst.device', 'disk1', { handler: 'vdisk_fileio', sizeBytes: 1.5 * gib });
  put(house, 'scst.device', 'disk2', { handler: 'vdisk_blockio', backingPresent: false });
  put(house, 'scst.device', 'spare', { handler: 'vdisk_nullio' });
  put(house, 'scst.lun', 'iscsi/iqn.a:1/0', { device: 'disk1', set: 'iscsi/iqn.a:1' });
  put(house, 'scst.lun', 'iscsi/iqn.a:1/g/0', {
    device: 'disk2',
    set: 'iscsi/iqn.a:1/g',
    readOnly: true,
  });
  put(house, 'scst.lun', 'iscsi/iqn.a:1/3', { device: 'gone', present: false, set: 'x' });
  const seen = { initiator: 'iqn.host', set: 'iscsi/iqn.a:1' };
  put(house, 'scst.session', 'iscsi/iqn.a:1/iqn.host', { ...seen, present: true });
  put(house, 'scst.session', 'iscsi/iqn.a:1/iqn.left', { ...seen, present: false });
  put(house, 'storage.repository', '/srv', {
    path: '/srv',
    usedRatio: 0.815,
    sizeBytes: 2048,
    readOnly: { unreadable: 'no answer' },
    reachable: false,
  });
  return startBox(t, house);
}

const linesOf = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' | '));

test('scst says of each device who loses it; who is logged out loses nothing', async (t) => {
  const box = await startAppliance(t);
  const { out } = await box.run('scst');
  assert.deepEqual(linesOf(out), [
    'DEVICE | HANDLER | SIZE | STATE | TARGET | GROUP | LUN | INITIATORS',
    'disk1 | vdisk_fileio | 1.5 GiB | ok | iscsi/iqn.a:1 | - | 0 | iqn.host',
    'disk2 | vdisk_blockio | - | backing gone (read-only) | iscsi/iqn.a:1 | g | 0 | none',
    'gone | - | - | missing | iscsi/iqn.a:1 | - | 3 | none',
    '3 exports, 2 not well, 1 without a LUN; also: targets, sessions, devices',
  ]);
  const [first] = JSON.parse((await box.run('scst -o json')).out) as { initiators: string[] }[];
  assert.deepEqual(first?.initiators, ['iqn.host']);
});

test('a table says bytes and shares as people do, and doubt as a question mark', async (t) => {
  const box = await startAppliance(t);
  const [, row] = linesOf((await box.run('storage')).out);
  assert.equal(row, '/srv | /srv | - | 2.0 KiB | 82 % | - | - | - | no | ? | -');
});

test('show finds by the last part of the id, and says what hangs on it', async (t) => {
  const box = await startAppliance(t);
  const { out, status } = await box.run('scst show disk1');
  assert.equal(status, 0);
  assert.match(out, /If it dies, these lose it\n {2}scst\.lun {2}iscsi\/iqn\.a:1\/0\n/);
  assert.match(out, /scst\.session {2}iscsi\/iqn\.a:1\/iqn\.host/);
  assert.equal((await box.run('scst show iqn.host')).status, 0);
});

const refused = [
  { line: 'scst show nothing', status: 4, says: /tocsin knows no scst "nothing"/ },
  { line: 'scst show 0', status: 2, says: /may be one of: iscsi\/iqn\.a:1\/0, iscsi/ },
  { line: 'tape list cartridges', status: 2, says: /there are: drives, changers/ },
];
for (const { line, status, says } of refused) {
  test(`${line} is refused with what there is`, async (t) => {
    const box = await startAppliance(t);
    const said = await box.run(line);
    assert.equal(said.status, status);
    assert.match(said.err, says);
  });
}
