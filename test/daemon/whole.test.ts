/** The whole daemon on a private bus with a scripted systemd: from the signal to the stream. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { StreamMessage } from '../support/gathering.ts';

const alertOf = (unit: string, reason: string) => (message: StreamMessage) =>
  message.type === 'alert' &&
  message.data.rule === 'unit-failed' &&
  message.data.resource.id === unit &&
  message.data.reason === reason;

describe('the daemon on a bus with systemd', { timeout: 60_000 }, () => {
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;
  const names = Array.from({ length: 50 }, (_, i) => `unit-${i}.service`);

  before(async () => {
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, [...names, 'backup.service']);
    daemon = await startDaemon({ busAddress: bus.address });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd.close();
    await bus.stop();
  });

  it('is healthy and knows every unit when it says that it is ready', async () => {
    const { body } = await daemon.get('/api/v1/health');
    assert.equal(body.components.systemd.status, 'healthy');
    const units = await daemon.get('/api/v1/resources?kind=systemd.unit&limit=1000');
    assert.deepEqual(
      units.body.items.map((one: { id: string }) => one.id).toSorted(),
      [...names, 'backup.service'].toSorted(),
    );
  });

  it('tells a failure, with the time at which systemd saw it, and its end', async () => {
    const stream = await daemon.stream('?types=alert');
    const { changedAt } = systemd.fail('backup.service');
    const raised = await stream.find(alertOf('backup.service', 'raised'));
    assert.equal(raised.data.severity, 'critical');
    assert.equal(Date.parse(raised.data.startsAt), changedAt);
    assert.equal(raised.data.title, 'backup.service failed (exit-code)');
    assert.equal(raised.data.foundLate, false);
    systemd.recover('backup.service');
    const resolved = await stream.find(alertOf('backup.service', 'resolved'));
    assert.equal(resolved.data.id, raised.data.id);
    assert.equal(resolved.data.resolvedBy, 'recovered');
    stream.close();
  });

  it('misses no failure that is over within the same message', async () => {
    const stream = await daemon.stream('?types=alert');
    for (const name of names) {
      systemd.fail(name);
      systemd.recover(name);
    }
    for (const name of names) {
      await stream.find(alertOf(name, 'raised'));
      await stream.find(alertOf(name, 'resolved'));
    }
    const { body } = await daemon.get('/api/v1/events?event=run-failed&limit=1000');
    const failed = body.items.map((one: { resource: { id: string } }) => one.resource.id);
    for (const name of names) assert.ok(failed.includes(name), name);
    stream.close();
  });

  it('loses nothing to SIGKILL, and finds what failed meanwhile with its true time', async () => {
    const stream = await daemon.stream('?types=alert');
    systemd.fail('unit-1.service');
    const before = await stream.find(alertOf('unit-1.service', 'raised'));
    await daemon.end('SIGKILL');
    const { changedAt } = systemd.fail('unit-2.service');
    daemon = await daemon.again();
    const { body } = await daemon.get('/api/v1/monitoring/alerts?rule=unit-failed');
    const found = new Map(
      body.items.map((one: { resource: { id: string } }) => [one.resource.id, one]),
    ) as Map<string, { id: string; startsAt: string; foundLate: boolean }>;
    assert.equal(found.get('unit-1.service')?.id, before.data.id);
    const late = found.get('unit-2.service');
    assert.equal(Date.parse(late?.startsAt ?? ''), changedAt);
    assert.equal(late?.foundLate, true);
    const later = await daemon.stream(`?types=alert&since=${before.seq - 1}`);
    await later.find((message) => message.seq === before.seq);
    await later.find(alertOf('unit-2.service', 'raised'));
    later.close();
    for (const name of ['unit-1.service', 'unit-2.service']) systemd.recover(name);
  });

  it('ends what healed while it was killed as recovered: its rule is the same one', async () => {
    const stream = await daemon.stream('?types=alert');
    systemd.fail('unit-3.service');
    const before = await stream.find(alertOf('unit-3.service', 'raised'));
    await daemon.end('SIGKILL');
    systemd.recover('unit-3.service');
    daemon = await daemon.again();
    const { body } = await daemon.get(`/api/v1/monitoring/alerts/${before.data.id}`);
    assert.equal(body.resolvedBy, 'recovered');
  });

  it('acknowledges once, keeps who and why, and forgets neither over a restart', async () => {
    const stream = await daemon.stream('?types=alert');
    systemd.fail('unit-3.service');
    const { id } = (await stream.find(alertOf('unit-3.service', 'raised'))).data;
    const path = `/api/v1/monitoring/alerts/${id}/acknowledge`;
    const first = await daemon.post(path, { comment: 'on it' });
    assert.equal(first.status, 200);
    const again = await daemon.post(path, { comment: 'on it' });
    assert.equal(again.status, 200);
    const { body: timeline } = await daemon.get(`/api/v1/monitoring/alerts/${id}/timeline`);
    const reasons = timeline.items.map((one: { reason?: string }) => one.reason);
    assert.equal(reasons.filter((one: string) => one === 'acknowledged').length, 1);
    assert.equal(await daemon.end('SIGTERM'), 0);
    daemon = await daemon.again();
    const { body } = await daemon.get(`/api/v1/monitoring/alerts/${id}`);
    assert.equal(body.acknowledged, true);
    assert.equal(body.acknowledgedBy, `uid:${process.getuid?.()}`);
    assert.equal(body.comment, 'on it');
    systemd.recover('unit-3.service');
  });

  it('says of what was resolved by hand that it is still true, also after a restart', async () => {
    const before = await daemon.stream('?types=alert');
    systemd.fail('unit-7.service');
    const { id } = (await before.find(alertOf('unit-7.service', 'raised'))).data;
    const path = `/api/v1/monitoring/alerts/${id}`;
    const { body: resolved } = await daemon.post(`${path}/resolve`, { comment: 'known' });
    assert.equal(resolved.stillTrue, true);
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    assert.equal((await daemon.get(path)).body.stillTrue, true);
    const stream = await daemon.stream('?types=alert');
    systemd.recover('unit-7.service');
    const { data } = await stream.find(alertOf('unit-7.service', 'cleared'));
    assert.deepEqual([data.id, data.stillTrue, data.phase], [id, false, 'resolved']);
  });

  it('ends an acknowledgement by itself at the time that was given', async () => {
    const stream = await daemon.stream('?types=alert');
    systemd.fail('unit-6.service');
    const { id } = (await stream.find(alertOf('unit-6.service', 'raised'))).data;
    const path = `/api/v1/monitoring/alerts/${id}/acknowledge`;
    assert.equal((await daemon.post(path, { until: '2020-01-01T00:00:00Z' })).status, 400);
    const { body } = await daemon.post(path, { until: '100ms' });
    assert.equal(body.acknowledged, true);
    const ended = await stream.find(alertOf('unit-6.service', 'unacknowledged'));
    assert.ok(Date.parse(ended.time) >= Date.parse(body.acknowledgedUntil));
    assert.equal(ended.data.acknowledgedUntil, null);
    systemd.recover('unit-6.service');
    stream.close();
  });

  it('keeps the rules in force when a reload brings bad ones, says so, and forgives', async () => {
    const stream = await daemon.stream('?types=alert');
    const file = join(daemon.rulesDir, 'site.yaml');
    writeFileSync(file, 'rules:\n  - id: mine\n    kind: systemd.unti\n');
    process.kill(daemon.pid, 'SIGHUP');
    const refused = (reason: string) => (message: StreamMessage) =>
      message.data.rule === 'configuration-refused' && message.data.reason === reason;
    const { message } = (await stream.find(refused('raised'))).data;
    assert.match(message, /site\.yaml:3:11: .*systemd\.unti.*systemd\.unit/);
    systemd.fail('unit-4.service');
    await stream.find(alertOf('unit-4.service', 'raised'));
    const good =
      'rules:\n  - { id: mine, kind: systemd.unit, when: \'unit.id == "unit-4.service"\', severity: info, source: system, title: mine }\n';
    writeFileSync(file, good);
    process.kill(daemon.pid, 'SIGHUP');
    await stream.find(refused('resolved'));
    await stream.find((m) => m.data.rule === 'mine' && m.data.reason === 'raised');
    const failures = stream.messages.filter(alertOf('unit-4.service', 'resolved'));
    assert.equal(failures.length, 0, 'the reload ended an alert whose rule did not change');
    systemd.recover('unit-4.service');
    stream.close();
  });

  it('is blind while systemd is away, says so, and finds what changed unannounced', async () => {
    const stream = await daemon.stream('?types=alert');
    systemd.close();
    systemd = await FakeSystemd.start(bus.address, [...names, 'backup.service'], {
      'unit-5.service': { active: 'failed', sub: 'failed', result: 'signal' },
    });
    const raised = await stream.find(alertOf('unit-5.service', 'raised'));
    assert.equal(raised.data.title, 'unit-5.service failed (signal)');
    stream.close();
  });
});

describe('the daemon without a bus', { timeout: 30_000 }, () => {
  it('is ready, says why it is blind, and answers; SIGTERM ends it', async (t) => {
    const daemon = await startDaemon();
    t.after(() => daemon.end('SIGKILL'));
    // What ps and the journal call it; Node's own name is MainThread.
    assert.equal(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8'), 'tocsind\n');
    const { status, body } = await daemon.get('/api/v1/health');
    assert.equal(status, 200);
    assert.equal(body.status, 'degraded');
    assert.equal(body.components.systemd.status, 'unknown');
    assert.match(body.components.systemd.reason, /no system bus/);
    const raised = await daemon.post('/api/v1/monitoring/alerts', {
      severity: 'warning',
      source: 'task',
      title: 'a job says so',
    });
    assert.equal(raised.status, 201);
    const { body: list } = await daemon.get('/api/v1/monitoring/alerts');
    assert.deepEqual(
      list.items.map((one: { title: string }) => one.title),
      ['a job says so'],
    );
    assert.equal(await daemon.end('SIGTERM'), 0);
  });
});
