/**
 * The disk of the state in trouble, with a real ext4: no inodes, an error that makes it read-only,
 * a file system that is frozen. The whole daemon tells on, and writes everything when it can.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually } from '../support/appliance.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { inspectDatabase } from '../support/database.ts';
import type { StreamMessage } from '../support/gathering.ts';
import { type LoopDisk, makeLoopDisk } from '../support/loop-disk.ts';

/** A request waits for its change to be durable: in trouble it must not wait for ever. */
const answerMsMax = 9000;
const plain = { severity: 'warning', source: 'system' };

describe('the disk of the state', { timeout: 240_000 }, () => {
  let disk: LoopDisk;
  let daemon: TestDaemon;
  const stateDir = () => join(disk.point, 'state');
  before(async () => {
    disk = makeLoopDisk(256);
    daemon = await startDaemon({ stateDir: stateDir() });
  });
  after(async () => {
    disk?.thaw();
    await daemon?.end('SIGKILL');
    disk?.end();
  });

  const titles: string[] = [];
  const seen: StreamMessage[] = [];
  async function raise(title: string): Promise<void> {
    titles.push(title);
    const began = performance.now();
    const stream = await daemon.stream('?types=alert');
    // The answer may say that nothing could be stored: it is told all the same.
    const asked = daemon.post('/api/v1/monitoring/alerts', { ...plain, title });
    seen.push(await stream.find(({ data }) => data.title === title && data.reason === 'raised'));
    await asked;
    stream.close();
    const took = performance.now() - began;
    assert.ok(took < answerMsMax, `"${title}" took ${took.toFixed()} ms`);
  }
  const databaseSays = (pattern: RegExp) =>
    eventually(`the database says ${pattern}`, async () => {
      const { body } = await daemon.get('/api/v1/health');
      const { status, reason } = body.components.database;
      return pattern.test(`${status} ${reason}`) || undefined;
    });

  /** Every alert that was told is stored, once, under the number with which it was told. */
  async function everythingStored(): Promise<void> {
    assert.equal(await daemon.end(), 0, daemon.log());
    const { integrity, danglingRows, changes } = inspectDatabase(stateDir());
    assert.deepEqual([integrity, danglingRows], ['ok', 0]);
    changes.forEach(({ seq }, i) => {
      assert.equal(seq, i + 1);
    });
    const stored = new Map(changes.map((change) => [change.seq, change]));
    for (const { seq, data } of seen)
      assert.deepEqual(stored.get(seq), { seq, alertId: data.id, reason: data.reason });
    daemon = await daemon.again();
    const { body } = await daemon.get('/api/v1/monitoring/alerts?limit=1000');
    const listed = body.items.map(({ title }: { title: string }) => title);
    for (const title of titles) assert.ok(listed.includes(title), title);
  }

  it('without an inode left takes what comes, and lets the daemon start', async () => {
    const giveBack = disk.takeInodes();
    for (let i = 0; i < 20; i++) await raise(`without inodes ${i}`);
    await everythingStored();
    await raise('after a start without inodes');
    giveBack();
    await everythingStored();
  });

  it('that is frozen keeps nobody from being told, and takes all when it is thawed', async (test: TestContext) => {
    await raise('before the frost');
    const stream = await daemon.stream('?types=alert');
    disk.freeze();
    const began = performance.now();
    const asked = ['in the frost', 'in the frost, too'].map((title) => {
      titles.push(title);
      return daemon.post('/api/v1/monitoring/alerts', { ...plain, title });
    });
    for (const title of titles.slice(-2))
      seen.push(await stream.find(({ data }) => data.title === title && data.reason === 'raised'));
    const took = performance.now() - began;
    test.diagnostic(`told after ${took.toFixed()} ms`);
    assert.ok(took < answerMsMax, `told after ${took} ms`);
    assert.equal((await daemon.get('/livez')).status, 200);
    await daemon.logged(/error: database: the disk does not answer/);
    disk.thaw();
    await Promise.all(asked);
    await databaseSays(/^healthy/);
    stream.close();
    await raise('after the frost');
    await everythingStored();
  });

  /** Who looks at the stream from its beginning sees each alert raised once. */
  async function nothingTwice(): Promise<void> {
    const stream = await daemon.stream('?types=alert&since=0');
    const wanted = titles.at(-1);
    await stream.find(({ data }) => data.title === wanted && data.reason === 'raised');
    const raised = stream.messages.filter(({ data }) => data.reason === 'raised');
    stream.close();
    for (const title of titles)
      assert.equal(raised.filter(({ data }) => data.title === title).length, 1, title);
  }
  const inMemory =
    /^degraded the disk of .*state is read-only \(EROFS\): .* in memory \(.*volatile\)/;

  it('that an error has made read-only keeps nobody from being told, also after restarts, and takes all when it is repaired', async () => {
    await raise('before the error');
    disk.becomeReadOnly();
    await raise('while it is read-only');
    await databaseSays(inMemory);
    await raise('while it is still read-only');
    assert.equal(await daemon.end(), 0, daemon.log());
    daemon = await daemon.again();
    await databaseSays(inMemory);
    await nothingTwice();
    await raise('after a start on it');
    assert.equal(await daemon.end('SIGKILL'), 'SIGKILL');
    daemon = await daemon.again();
    await nothingTwice();
    assert.equal(await daemon.end(), 0, daemon.log());
    disk.repair();
    daemon = await daemon.again();
    await databaseSays(/^healthy/);
    await nothingTwice();
    await everythingStored();
  });

  it('that is read-only at the start and can be written later gets all by a new start', async () => {
    assert.equal(await daemon.end(), 0, daemon.log());
    disk.remount('ro');
    daemon = await daemon.again();
    await databaseSays(inMemory);
    await raise('on a disk that was mounted read-only');
    disk.remount('rw');
    assert.equal(await daemon.exited, 0, daemon.log());
    assert.match(daemon.log(), /notice: database: the disk takes writing again; starting anew/);
    daemon = await daemon.again();
    assert.match(daemon.log(), /notice: database: what was kept in memory, .* is on the disk/);
    await databaseSays(/^healthy/);
    await everythingStored();
  });
});
