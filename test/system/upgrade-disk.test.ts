/**
 * Fault 72: an upgrade on a machine whose whole disk, a small ext4, is full, and one in which dpkg
 * is killed (`CUTS=20` for more). The daemon that runs goes on and tells; what dpkg left is finished
 * by doing it again; the data are whole.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Appliance, bootAppliance, packageFile } from '../support/appliance.ts';
import { inspectDatabase } from '../support/database.ts';
import type { Follower } from '../support/follower.ts';
import { type LoopDisk, makeLoopDisk } from '../support/loop-disk.ts';
import { newerPackage } from '../support/packages.ts';

const cuts = Number(process.env.CUTS ?? 2);
const diskMib = 640;
const inodes = 40_000;
/** Less than the new Node alone. */
const tooLittleMib = 40;
/** In memory: they take no room on the disk. */
const ours = '/run/tocsin.deb';
const newer = '/run/newer.deb';

describe('an upgrade on a small disk', { timeout: 240_000 + cuts * 15_000 }, () => {
  let disk: LoopDisk;
  let appliance: Appliance;
  let stream: Follower;
  const run = (line: string) => appliance.container.run(line);
  const exec = (line: string) => appliance.container.exec(line);
  const version = async () => (await run(`dpkg-query -W -f '\${Version}' tocsin`)).trim();
  before(async () => {
    disk = makeLoopDisk(inodes, diskMib);
    // All that the container writes goes there.
    process.env.TMPDIR = disk.point;
    appliance = await bootAppliance();
    appliance.container.copyIn(packageFile(), ours);
    appliance.container.copyIn(await newerPackage(packageFile()), newer);
    await appliance.answers();
    stream = await appliance.follow({ since: 0 });
  });
  after(async () => {
    await appliance?.stop();
    disk?.end();
  });

  const titles: string[] = [];
  /** Told at once, whatever can be stored. */
  async function tells(title: string): Promise<void> {
    titles.push(title);
    const body = { severity: 'warning', source: 'system', title };
    await appliance.post('/api/v1/monitoring/alerts', body);
    await stream.until(title, () =>
      stream.messages.some(({ data }) => data.title === title && data.reason === 'raised'),
    );
  }
  const pid = () => appliance.property('tocsin', 'MainPID');
  /** dpkg starts it anew when it gives up, too (abort-upgrade): no change is missing over that. */
  async function goesOn(): Promise<void> {
    stream = await appliance.followOn(stream);
  }
  /** Everything that was told is there, and dpkg has nothing more to do. */
  async function isWhole(): Promise<void> {
    assert.equal(await run('dpkg --audit'), '');
    await appliance.answers();
    const known = (await appliance.list('/api/v1/monitoring/alerts')).map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title) => !known.includes(title)),
      [],
    );
    const { body } = await appliance.get('/api/v1/health');
    assert.equal(body.components.database.status, 'healthy');
  }
  /** Takes the disk, but for so much. */
  const fill = (left: number) =>
    run(`avail=$(df --output=avail -B1M / | tail -1)
      fallocate -l $((avail - ${left}))M /fill 2>/dev/null || true
      [ ${left} -gt 0 ] || cat /dev/zero >/fill.rest 2>/dev/null || true`);
  const giveBack = () => run('rm -f /fill /fill.rest');

  it('without room for the new one leaves the old one at work, and is finished when there is some', async () => {
    const before = [await pid(), await version()] as const;
    await tells('before the upgrade');
    await fill(tooLittleMib);
    const failed = await exec(`dpkg -i ${newer}`);
    assert.notEqual(failed.exitStatus, 0);
    assert.match(failed.stderr, /No space left on device/);
    await goesOn();
    await tells('while there is no room');
    assert.equal(await version(), before[1]);
    await giveBack();
    await run('dpkg --configure -a');
    await run(`dpkg -i ${newer}`);
    await goesOn();
    assert.match(await version(), /\+newer$/);
    assert.notEqual(await pid(), before[0]);
    await isWhole();
  });

  it('without a byte for the notes of dpkg and for the state leaves it at work all the same', async () => {
    const before = await version();
    await fill(0);
    const failed = await exec(`dpkg -i ${ours}`);
    assert.notEqual(failed.exitStatus, 0);
    await goesOn();
    await tells('while there is not a byte');
    assert.equal(await version(), before);
    await giveBack();
    await run('dpkg --configure -a');
    await run(`dpkg -i ${ours}`);
    await goesOn();
    await isWhole();
  });

  it(`of which dpkg is killed ${cuts} times is finished by apt-get or by doing it again`, async (test: TestContext) => {
    const began = performance.now();
    await run(`dpkg -i ${newer}`);
    const whole = performance.now() - began;
    await goesOn();
    const states: string[] = [];
    for (let i = 1; i <= cuts; i++) {
      const next = (await version()).endsWith('+newer') ? ours : newer;
      const dpkg = appliance.container.spawn(`exec dpkg -i ${next}`);
      const ended = once(dpkg, 'exit');
      // The points are spread over the time that a whole one takes: there is no fact to wait for.
      await pause((whole * i) / (cuts + 1));
      appliance.container.end(dpkg);
      await ended;
      await appliance.answers();
      await goesOn();
      await tells(`after cut ${i}`);
      states.push(await run(`dpkg-query -W -f '\${Status}' tocsin`));
      // Only what is unpacked whole can be configured; else it has to be unpacked again.
      const configured = await exec('apt-get -y -f install');
      if (configured.exitStatus !== 0 || (await run('dpkg --audit')) !== '')
        await run(`dpkg -i ${next}`);
      await goesOn();
      await isWhole();
    }
    test.diagnostic(`a whole one takes ${whole.toFixed()} ms; left: ${states.join(', ')}`);
  });

  it('leaves a sound database', async () => {
    await appliance.systemctl('stop', 'tocsin-local.socket', 'tocsin-api.socket', 'tocsin');
    const found = inspectDatabase(join(appliance.container.root, 'var/lib/tocsin'));
    assert.deepEqual([found.integrity, found.danglingRows], ['ok', 0]);
    found.changes.forEach(({ seq }, i) => {
      assert.equal(seq, i + 1);
    });
  });
});
