import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';
import { days } from '../domain/time.ts';
import { systemClock } from './clock.ts';

const nodeTimerMax = 2_147_483_647;

test('monotonic counts from boot, like the clock of systemd', () => {
  // The first word of /proc/uptime is CLOCK_BOOTTIME, which is the same or, after a suspend, more.
  const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  const monotonic = systemClock.monotonic();
  assert.ok(monotonic > 0 && monotonic <= uptimeMs + 1000, `${monotonic} against ${uptimeMs}`);
});

test('a delay longer than a Node timer can wait is waited in parts', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let calls = 0;
  systemClock.after(days(30), () => {
    calls += 1;
  });
  t.mock.timers.tick(nodeTimerMax);
  t.mock.timers.tick(days(30) - nodeTimerMax - 1);
  assert.equal(calls, 0);
  t.mock.timers.tick(1);
  assert.equal(calls, 1);
});

test('a cancelled timer never calls, not even between two parts', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const call = mock.fn();
  const timer = systemClock.after(days(30), call);
  t.mock.timers.tick(days(25));
  timer.cancel();
  t.mock.timers.tick(days(10));
  assert.equal(call.mock.callCount(), 0);
});

test('sleep ends at once when the signal aborts, before or during it', async () => {
  await systemClock.sleep(days(1), AbortSignal.abort());
  const controller = new AbortController();
  const sleeping = systemClock.sleep(days(1), controller.signal);
  controller.abort();
  await sleeping;
});

test('soon calls after the microtasks that wait now', async () => {
  const order: string[] = [];
  const called = new Promise<void>((resolve) => {
    systemClock.soon(() => {
      order.push('soon');
      resolve();
    });
  });
  queueMicrotask(() => order.push('microtask'));
  await called;
  assert.deepEqual(order, ['microtask', 'soon']);
});
