/** What the API counts of its own use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { minutes, seconds } from '../domain/time.ts';
import { createRequestLedger } from './figures.ts';
import type { RequestRecord } from './reception.ts';

const answered = (more: Partial<RequestRecord> = {}): RequestRecord => ({
  door: 'local',
  method: 'GET',
  operation: 'alert.list',
  status: 200,
  duration: 2,
  ...more,
});

test('nothing asked: no rate, and no share of nothing', () => {
  const ledger = createRequestLedger(new FakeClock());
  const { durations, ...figures } = ledger.read();
  assert.equal(durations.size, 0);
  assert.deepEqual(figures, {
    requests: 0,
    errors: 0,
    requestsPerSecond: 0,
    errorRatio: null,
    latencyP50: null,
    latencyP99: null,
    counts: [],
  });
});

test('rate, errors and latencies are of the last five minutes, counts since the start', async () => {
  const clock = new FakeClock();
  const ledger = createRequestLedger(clock);
  ledger.record(answered({ status: 500, duration: 900 }));
  await clock.advance(minutes(6));
  for (let i = 1; i <= 100; i++) ledger.record(answered({ duration: i }));
  const figures = ledger.read();
  assert.deepEqual([figures.requests, figures.errors], [101, 1]);
  assert.equal(figures.errorRatio, 0);
  assert.deepEqual([figures.latencyP50, figures.latencyP99], [50, 99]);
  assert.equal(figures.requestsPerSecond, 100 / 300);
  await clock.advance(minutes(5));
  assert.equal(ledger.read().requestsPerSecond, 0);
  assert.equal(ledger.read().latencyP99, null);
});

test('shortly after the start, and beyond what is kept, the rate is of the time there was', async () => {
  const clock = new FakeClock();
  const ledger = createRequestLedger(clock);
  await clock.advance(seconds(10));
  for (let i = 0; i < 50; i++) ledger.record(answered());
  assert.equal(ledger.read().requestsPerSecond, 5);
  for (let second = 0; second < 60; second++) {
    for (let i = 0; i < 200; i++) ledger.record(answered());
    await clock.advance(seconds(1));
  }
  const { requestsPerSecond } = ledger.read();
  assert.ok(Math.abs(requestsPerSecond - 200) < 10, `${requestsPerSecond}`);
});

const judged: readonly { name: string; record: Partial<RequestRecord>; errors: number }[] = [
  { name: 'a fault', record: { status: 500 }, errors: 1 },
  { name: 'too many clients', record: { status: 503, operation: 'stream.follow' }, errors: 1 },
  { name: 'what the caller did wrong', record: { status: 404 }, errors: 0 },
  { name: 'bad health, told well', record: { status: 503, operation: 'health.status' }, errors: 0 },
  { name: 'not ready, told well', record: { status: 503, operation: 'probe' }, errors: 0 },
];
for (const { name, record, errors } of judged) {
  test(`${name} is ${errors === 0 ? 'no' : 'an'} error`, () => {
    const ledger = createRequestLedger(new FakeClock());
    ledger.record(answered(record));
    assert.equal(ledger.read().errors, errors);
  });
}

test('how long a stream was open is no latency', () => {
  const ledger = createRequestLedger(new FakeClock());
  ledger.record(answered({ operation: 'stream.follow', duration: seconds(3600) }));
  ledger.record(answered({ duration: 3 }));
  const { durations, counts, latencyP99, requests } = ledger.read();
  assert.deepEqual([...durations.keys()], ['alert.list']);
  assert.equal(latencyP99, 3);
  assert.equal(requests, 2);
  assert.deepEqual(
    counts.map(({ operation, code, count }) => `${operation} ${code} ${count}`),
    ['stream.follow 200 1', 'alert.list 200 1'],
  );
});

test('a duration falls into the bucket whose bound it reaches', () => {
  const ledger = createRequestLedger(new FakeClock());
  for (const duration of [0.5, 0.6, 5000, 60_000]) ledger.record(answered({ duration }));
  const histogram = ledger.read().durations.get('alert.list');
  assert.ok(histogram);
  assert.deepEqual(histogram.counts.slice(0, 2), [1, 1]);
  assert.deepEqual(histogram.counts.slice(-2), [1, 1]);
  assert.equal(histogram.sum, 65.0011);
});
