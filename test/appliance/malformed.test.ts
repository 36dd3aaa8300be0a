/**
 * Settings of others that somebody broke while typing: the alert names file and line, and whatever
 * else they say, and all that the kernel shows, is still there.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type CapturedAppliance,
  mhvtlText,
  plantAppliance,
  scstConf,
} from '../support/captured-appliance.ts';
import { hastenedRules, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { type Follower, follow } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

/** A text with one line in place of another, and the number of that line. */
function broken(text: string, line: string, by: string): { text: string; line: number } {
  const lines = text.split('\n');
  const i = lines.lastIndexOf(line);
  assert.ok(i >= 0, line);
  return { text: lines.with(i, by).join('\n'), line: i + 1 };
}

const conf = broken(scstConf, '\t\tLUN 1 blk1', '\t\tLUN one blk1');
const devices = broken(
  mhvtlText('device.conf'),
  'Drive: 12 CHANNEL: 00 TARGET: 02 LUN: 00',
  'Drive 12 CHANNEL: 00 TARGET: 02 LUN: 00',
);
const contents = broken(mhvtlText('library_contents.30'), 'Slot 3: G03003TA', 'Slot G03003TA');
const fstab = broken('# fs\n/dev/sda1 /data ext4\n/dev/sdb1 /short\n', '/dev/sdb1 /short', '/dev');

describe('a machine with broken settings', { timeout: 60_000 }, () => {
  let appliance: CapturedAppliance;
  let daemon: TestDaemon;
  let stream: Follower;
  const listOf = async (kind: string): Promise<Json[]> =>
    (await daemon.get(`/api/v1/resources?kind=${kind}&limit=1000`)).body.items;
  const idsOf = async (kind: string): Promise<string[]> => (await listOf(kind)).map(({ id }) => id);

  before(async () => {
    appliance = plantAppliance({
      '/etc/scst.conf': conf.text,
      '/etc/mhvtl/device.conf': devices.text,
      '/etc/mhvtl/library_contents.30': contents.text,
      '/etc/fstab': fstab.text,
    });
    const hastened = ['scst', 'self', 'storage', 'vtl'];
    daemon = await startDaemon({
      roots: appliance.roots,
      rules: Object.fromEntries(hastened.map((name) => [`${name}.yaml`, hastenedRules(name)])),
    });
    stream = await follow(daemon.socket, { since: 0 });
  });
  after(async () => {
    stream?.close();
    await daemon?.end('SIGKILL');
    appliance?.end();
  });

  it('is told the line of scst.conf, and still sees all of SCST', async () => {
    const { message } = await stream.alert('scst', 'scst-configuration-broken', 'raised');
    assert.ok(message.includes(`/etc/scst.conf:${conf.line}: `), message);
    assert.equal((await idsOf('scst.lun')).length, 6);
    assert.deepEqual(await idsOf('scst.device'), ['blk1', 'disk1', 'null1']);
    const [target, ...others] = await listOf('scst.target');
    assert.deepEqual(others, []);
    const { enabled, sessions, declared } = target.attributes;
    assert.deepEqual([enabled, sessions], [true, 1]);
    // Whether it should be there nobody can say, which is not "it should not".
    assert.deepEqual(Object.keys(declared), ['unreadable']);
    assert.deepEqual(stream.story(target.id), []);
  });

  it('is told the lines of mhvtl, and loses only the record that they break', async () => {
    const { message } = await stream.alert('mhvtl', 'vtl-configuration-broken', 'raised');
    assert.ok(message.includes(`/etc/mhvtl/device.conf:${devices.line}: `), message);
    assert.ok(message.includes(`/etc/mhvtl/library_contents.30:${contents.line}: `), message);
    const drives = await listOf('vtl.drive');
    const declared = drives.filter((one) => one.attributes.declared === true);
    assert.deepEqual(
      declared.map(({ id }) => id),
      ['11', '13', '14', '31', '32', '33', '34'],
    );
    assert.deepEqual(await idsOf('vtl.library'), ['10', '30']);
    assert.equal((await idsOf('tape.drive')).length, 8);
    const { vtl } = (await daemon.get('/api/v1/monitoring/metrics')).body;
    assert.deepEqual([vtl.libraries, vtl.drives, vtl.tapes], [2, 7, 68]);
  });

  it('is told the line of fstab, and what the others declare is missed', async () => {
    const { message } = await stream.alert('fstab', 'eye-blind', 'raised');
    assert.ok(message.includes(`/etc/fstab:${fstab.line}: `), message);
    await stream.alert('/data', 'repository-missing', 'raised');
    assert.deepEqual(await idsOf('storage.repository'), ['/data']);
  });

  it('goes on with everything else', async () => {
    const { components } = (await daemon.get('/api/v1/health')).body;
    for (const name of ['scst', 'tape', 'vtl', 'storage', 'host', 'tasks'])
      assert.equal(components[name].status, 'healthy', name);
  });
});
