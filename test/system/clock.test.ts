/**
 * A wall clock that jumps under the whole daemon (libfaketime): everything stays in its order, and
 * nothing ends, begins or is deleted because of it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { StreamMessage } from '../support/gathering.ts';

const units = ['a.service', 'b.service', 'c.service', 'd.service', 'e.service'];
const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

describe('a wall clock that jumps', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-clock-'));
  const file = join(folder, 'offset');
  const set = (offset: string): void => writeFileSync(file, `${offset}\n`);
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;

  before(async () => {
    set('+0');
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, units);
    daemon = await startDaemon({
      busAddress: bus.address,
      environment: {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd?.close();
    await bus?.stop();
    rmSync(folder, { recursive: true });
  });

  const told: StreamMessage[] = [];
  async function fail(unit: string): Promise<void> {
    const stream = await daemon.stream('?types=alert');
    systemd.fail(unit);
    told.push(
      await stream.find(
        ({ data }) =>
          data.rule === 'unit-failed' && data.resource.id === unit && data.reason === 'raised',
      ),
    );
    stream.close();
  }
  const health = async () => (await daemon.get('/api/v1/health')).body;
  async function firing(): Promise<readonly string[]> {
    const { body } = await daemon.get('/api/v1/monitoring/alerts?limit=1000');
    const items: readonly { title: string }[] = body.items;
    const titles = items.map(({ title }) => title);
    // That nobody was told of an alert for a year, and that the clock was set, is true as far as the
    // clock knows.
    return titles
      .filter((title) => !/^(Critical alerts that|The clock of )/.test(title))
      .toSorted();
  }

  it('back by an hour and on by a year ends no alert, and keeps the order', async () => {
    const { status } = await daemon.post('/api/v1/monitoring/alerts', {
      severity: 'warning',
      source: 'system',
      title: 'raised by hand',
    });
    assert.equal(status, 201);
    await fail('a.service');
    set('-1h');
    await fail('b.service');
    const before = await firing();
    assert.equal(before.length, 3);
    set('+1y');
    const inAYear = await health();
    assert.ok(
      Date.parse(inAYear.time ?? (await newest())) > Date.now() + 3e10,
      'the clock did jump',
    );
    await fail('c.service');
    // Longer than anything that looks at the wall clock by itself waits in such a moment.
    await pause(2500);
    assert.deepEqual(
      (await firing()).filter((title) => !title.startsWith('c.service')),
      before,
    );
    set('+0');
    await fail('d.service');
    const seqs = told.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    );
    assert.equal((await firing()).length, 5);
  });

  // A stopped process does not notice; of a suspend, too, all it sees is what is different afterwards.
  it('is eight hours on when it may go on, as after a suspend: finds what failed, and ends nothing', async () => {
    const before = await firing();
    const stream = await daemon.stream('?types=alert');
    process.kill(daemon.pid, 'SIGSTOP');
    set('+8h');
    systemd.fail('e.service');
    // For so long its own timers are late, too.
    await pause(3000);
    process.kill(daemon.pid, 'SIGCONT');
    const raised = await stream.find(
      ({ data }) => data.resource?.id === 'e.service' && data.reason === 'raised',
    );
    assert.ok(Date.parse(raised.time) > Date.now() + 7 * 3_600_000, 'it was asleep');
    // Longer than anything that looks at the wall clock by itself waits in such a moment.
    await pause(2500);
    assert.deepEqual(
      (await firing()).filter((title) => !title.startsWith('e.service')),
      before,
    );
    const { components } = await health();
    assert.equal(components.systemd.status, 'healthy');
    assert.equal(components.database.status, 'healthy');
    stream.close();
    told.push(raised);
    set('+0');
  });

  async function newest(): Promise<string> {
    const stream = await daemon.stream('?types=system');
    const hello = await stream.find(({ data }) => data.event === 'hello');
    stream.close();
    return hello.time;
  }

  it('is still ahead at a start: what was told is there, and nothing is taken for old', async () => {
    const all = await firing();
    set('+1y');
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    assert.deepEqual(await firing(), all);
    set('+0');
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    assert.deepEqual(await firing(), all);
    const stream = await daemon.stream(`?types=alert&since=${told[0]?.seq ?? 0}`);
    for (const { seq, data } of told.slice(1)) {
      const again = await stream.find((message) => message.seq === seq);
      assert.equal(again.data.id, data.id);
    }
    stream.close();
  });
});
