/** Figures of the whole daemon, as a process: the metrics object and GET /metrics. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { askPromtool } from '../../src/api/metrics/exposed.fixture.ts';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { StreamMessage } from '../support/gathering.ts';

/** The value of the one series whose name and labels begin so. */
function seriesValue(page: string, begin: string): number {
  const lines = page.split('\n').filter((line) => line.startsWith(begin));
  assert.equal(lines.length, 1, `${begin}: ${lines.join('\n')}`);
  return Number(lines[0]?.slice(lines[0].lastIndexOf(' ')));
}

describe('the figures of a daemon', { timeout: 60_000 }, () => {
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;

  before(async () => {
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, ['a.service', 'b.service']);
    daemon = await startDaemon({ busAddress: bus.address });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd.close();
    await bus.stop();
  });

  it('count units, and an alert with how fast it was seen', async () => {
    const before = await daemon.get('/api/v1/monitoring/metrics');
    assert.equal(before.status, 200);
    assert.deepEqual([before.body.system.units, before.body.system.failedUnits], [2, 0]);
    const stream = await daemon.stream('?types=alert');
    systemd.fail('a.service');
    const raised = (message: StreamMessage) => message.data.reason === 'raised';
    await stream.find(raised);
    const { body } = await daemon.get('/api/v1/monitoring/metrics');
    assert.equal(body.system.failedUnits, 1);
    assert.equal(body.api.streamClients, 1);
    assert.ok(body.api.requests >= 1 && body.api.errorRatio === 0);
    stream.close();
    const page = String((await daemon.get('/metrics')).body);
    assert.equal(
      seriesValue(page, 'systemd_unit_state{name="a.service",type="service",state="f'),
      1,
    );
    assert.equal(seriesValue(page, 'ALERTS{alertname="unit-failed",alertstate="firing",'), 1);
    assert.equal(seriesValue(page, 'tocsin_detection_seconds_count{source="system"}'), 1);
    assert.ok(seriesValue(page, 'tocsin_collector_duration_seconds{collector="systemd"}') > 0);
    assert.ok(seriesValue(page, 'tocsin_db_bytes{database="tocsin.db"}') > 4096);
    assert.equal(seriesValue(page, 'tocsin_exposition_series_dropped'), 0);
    assert.equal(askPromtool(page) ?? '', '');
  });

  it('say that they do not know while the bus is away, and count that time', async () => {
    const blind = await startDaemon();
    const { body } = await blind.get('/api/v1/monitoring/metrics');
    assert.deepEqual([body.system.units, body.system.failedUnits], [null, null]);
    const page = String((await blind.get('/metrics')).body);
    assert.ok(seriesValue(page, 'tocsin_blind_seconds_total{source="systemd"}') > 0);
    assert.ok(!page.includes('systemd_unit_state'));
    await blind.end('SIGKILL');
  });
});
