/**
 * SCST, tapes and the kernel log, seen by the packaged daemon in its hardened unit: a drop-in shows
 * it a machine that was captured, and the files of that machine change under it.
 */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import { type Capture, plantTree, readCapture } from '../support/captures.ts';
import type { Follower } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

const collectorsFolder = join(import.meta.dirname, '../../src/collectors');
const capture = (folder: string, state: string): Capture =>
  readCapture(join(collectorsFolder, folder, 'fixtures'), state);

const target = 'iscsi/iqn.2024-01.com.example:backup1';
/** Of one machine, at different times: its tapes, and its SCST with one session. */
const tapes = capture('tape', '4-after-io');
const scst = new Map(
  [...capture('scst', 'iii-session-idle')].filter(([path]) =>
    path.startsWith('/sys/kernel/scst_tgt'),
  ),
);

/** Where the captured machine lies in the container. */
const home = '/srv/machine';
const variables = ['SYSFS', 'DEV', 'ETC'].map(
  (name) => `TOCSIN_${name}_ROOT=${home}/${name === 'SYSFS' ? 'sys' : name.toLowerCase()}`,
);

const files = {
  'etc/systemd/system/tocsin.service.d/machine.conf': `[Service]
Environment=${variables.join(' ')}
# Only when it is planted: systemd is up before.
ExecCondition=/usr/bin/test -p ${home}/dev/kmsg
`,
  'etc/tocsin/rules.d/scst.yaml.d/soon.yaml': 'rules:\n  - { id: scst-target-disabled, for: 0s }\n',
  // A machine that starts is given time.
  'etc/tocsin/rules.d/tape.yaml.d/soon.yaml':
    'rules:\n  - { id: tape-drive-gone, for: 0s, inhibitedBy: [] }\n',
};

describe('devices in the hardened unit', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  const machine = (): string => `${appliance.container.root}${home}`;
  const run = (line: string): Promise<string> => appliance.container.run(line);
  const resources = (kind: string): Promise<readonly Json[]> =>
    appliance.list(`/api/v1/resources?kind=${kind}`);
  const targetFacts = async (): Promise<Json> => {
    const { status, body } = await appliance.get(`/api/v1/resources/scst.target/${target}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.attributes;
  };

  before(async () => {
    appliance = await bootAppliance({ files });
    plantTree(new Map([...tapes, ...scst]), machine());
    cpSync(join(collectorsFolder, 'vtl/fixtures'), `${machine()}/etc/mhvtl`, { recursive: true });
    cpSync(join(collectorsFolder, 'scst/fixtures/scst-ii.conf'), `${machine()}/etc/scst.conf`);
    await run(`chmod -R a+rX ${home}; mkfifo -m 644 ${home}/dev/kmsg; systemctl start tocsin`);
    stream = await appliance.follow({ since: 0 });
  });
  after(() => appliance?.stop());

  it('all that the machine has is known, and no source calls itself blind', async () => {
    await eventually('the drives', async () =>
      (await resources('tape.drive')).length === 8 ? true : undefined,
    );
    const counts: Record<string, number> = {};
    for (const kind of ['tape.changer', 'vtl.drive', 'scst.target', 'scst.session', 'scst.device'])
      counts[kind] = (await resources(kind)).length;
    assert.deepEqual(counts, {
      'tape.changer': 2,
      'vtl.drive': 8,
      'scst.target': 1,
      'scst.session': 1,
      'scst.device': 3,
    });
    const { components } = (await appliance.get('/api/v1/health')).body;
    for (const name of ['tape', 'vtl', 'scst'])
      assert.deepEqual([name, components[name].status], [name, 'healthy']);
    const { body } = await appliance.get('/api/v1/monitoring/metrics');
    assert.deepEqual([body.scst.targets, body.scst.activeTargets, body.scst.sessions], [1, 1, 1]);
    assert.equal(body.vtl.drives, 8);
  });

  it('the command line names each drive by its serial, and who loses what when a disk dies', async () => {
    assert.match(await run('tocsin tape'), /^XYZZY_A1 .*ULT3580-TD8/m);
    assert.match(await run('tocsin scst'), /iqn\.2024-01\.com\.example:backup1/);
    const path = '/api/v1/topology?kind=scst.device&id=disk1';
    const { nodes } = (await appliance.get(path)).body;
    const kinds = new Set(nodes.map(({ kind }: Json) => kind));
    assert.deepEqual(kinds, new Set(['scst.device', 'scst.lun', 'scst.session']));
  });

  it('a target that is switched off is told within seconds, and when it is on again', async () => {
    const path = `${machine()}/sys/kernel/scst_tgt/targets/${target}/enabled`;
    writeFileSync(path, '0\n');
    const told = await stream.alert(target, 'scst-target-disabled', 'raised');
    assert.equal(told.severity, 'critical');
    rmSync(path);
    symlinkSync('/proc/self/mem', path);
    const stale = await stream.alert(target, 'scst-target-disabled', 'stale');
    assert.equal(stale.id, told.id);
    assert.match((await targetFacts()).enabled.unreadable, /EIO/);
    rmSync(path);
    writeFileSync(path, '1\n');
    const ended = await stream.alert(target, 'scst-target-disabled', 'resolved');
    assert.equal(ended.id, told.id);
  });

  it('a tape drive that the kernel removes is told by its serial', async () => {
    const removed = capture('tape', '6-st1-removed');
    for (const path of tapes.keys())
      if (!removed.has(path)) rmSync(`${machine()}${path}`, { recursive: true, force: true });
    const told = await stream.alert('XYZZY_A2', 'tape-drive-gone', 'raised');
    assert.match(told.title, /^Tape drive XYZZY_A2 \(ULT3580-TD8\) is gone$/);
  });

  it('the kernel log is believed, and what a program wrote into it is not', async () => {
    const io = 'I/O error, dev sdq, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2';
    const [uptime] = (await run('cat /proc/uptime')).split(' ');
    const now = Math.floor(Number(uptime) * 1_000_000);
    const lines = [1, 2, 3].map((n) => `3,${9000 + n},${now + n},-;${io}`);
    // Facility 1: the kernel gives it to whatever a program writes to /dev/kmsg.
    const forged = lines.map((line) => line.replace('3,900', '11,800').replace('sdq', 'sdz'));
    appendFileSync(`${machine()}/dev/kmsg`, [...forged, ...lines, ''].join('\n'));
    const told = await stream.alert('io-error/sdq', 'disk-io-errors', 'raised');
    assert.match(told.message, /dev sdq, sector 8/);
    const faults = await resources('system.fault');
    assert.deepEqual(
      faults.map(({ id, attributes }) => [id, attributes.count]),
      [['io-error/sdq', 3]],
    );
  });
});
