import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { ComponentState } from './health.ts';
import { watchRelay } from './relay-watch.ts';

function setUp(channels: readonly string[]) {
  const clock = new FakeClock();
  const world = { channels };
  let state: ComponentState | undefined;
  const health = {
    set: (_name: string, _role: string, now: ComponentState) => {
      state = now;
    },
  };
  const watch = watchRelay({ clock, health, channels: () => world.channels });
  return { clock, watch, world, state: () => state };
}

test('a machine that needs no relay has no such component', async () => {
  const { clock, state } = setUp([]);
  await clock.advance(minutes(10));
  assert.equal(state(), undefined);
});

test('a relay that is needed and has not asked for a minute is missed, with what to do', async () => {
  const { clock, state } = setUp(['mail', 'hook']);
  await clock.advance(minutes(1));
  assert.equal(state()?.status, 'healthy');
  await clock.advance(seconds(10));
  assert.equal(state()?.status, 'degraded');
  assert.match(state()?.reason ?? '', /over mail, hook\..*systemctl start tocsin-relay/);
});

test('one that asks is well, one that ceases is missed again', async () => {
  const { clock, state, watch } = setUp(['mail']);
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(seconds(25));
    watch.asked();
  }
  assert.deepEqual(state(), { status: 'healthy', reason: null });
  await clock.advance(seconds(75));
  assert.match(state()?.reason ?? '', /^tocsin-relay last asked at 2026-/);
});

test('a channel that was just added gives the relay its minute', async () => {
  const { clock, state, world } = setUp([]);
  await clock.advance(minutes(10));
  world.channels = ['mail'];
  await clock.advance(minutes(1));
  assert.equal(state()?.status, 'healthy');
  await clock.advance(seconds(20));
  assert.equal(state()?.status, 'degraded');
  world.channels = [];
  await clock.advance(seconds(10));
  assert.equal(state()?.status, 'healthy');
});
