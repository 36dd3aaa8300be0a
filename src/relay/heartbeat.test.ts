import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { defaultsOf } from '../config/readers.ts';
import { settingsTable } from '../config/settings.ts';
import type { Alive } from '../delivery/relay/protocol.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { HttpOutcome } from '../platform/http.ts';
import { beat, chooseAddress, failAddress, type HeartbeatSettings } from './heartbeat.ts';

const url = 'https://hc.example/ping/1';
const well: Alive = { alive: true, why: null, health: 'healthy' };
const stuck: Alive = { alive: false, why: 'no progress for 30 s', health: 'healthy' };
const answer = (status: number): HttpOutcome => ({ type: 'answer', status, headers: {}, text: '' });
const defaults: HeartbeatSettings = defaultsOf(settingsTable.heartbeat);

function setUp(settings: Partial<HeartbeatSettings> = {}) {
  const clock = new FakeClock();
  const asked: { readonly url: string; readonly at: number }[] = [];
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const world = { alive: well as Alive | undefined, outcome: answer(200) };
  const stopping = new AbortController();
  const parts = {
    clock,
    http: {
      get: async (to: string) => {
        asked.push({ url: to, at: clock.monotonic() });
        return world.outcome;
      },
    },
    log: { error: say, warning: say, notice: say, info: say, debug: say },
    secrets: {
      read: () => ({ type: 'secret', text: 'https://hc.example/secret' }) as const,
    },
    alive: async () => world.alive,
  };
  const ended = beat(parts, { ...defaults, url, ...settings }, stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
  };
  return { asked, clock, lines, stop, world };
}

test('while the core is alive the address is asked at the pace that was set', async () => {
  const { asked, clock, lines, stop } = setUp({ every: seconds(30) });
  await clock.advance(minutes(2));
  await stop();
  assert.deepEqual(
    asked.map(({ at }) => at),
    [0, 30_000, 60_000, 90_000, 120_000],
  );
  assert.deepEqual(lines, []);
});

for (const [name, alive] of [
  ['is stuck', stuck],
  ['does not answer', undefined],
] as const) {
  test(`when the core ${name} the asking ceases, and goes on when it is well again`, async () => {
    const { asked, clock, lines, stop, world } = setUp();
    await clock.advance(seconds(1));
    world.alive = alive;
    await clock.advance(minutes(10));
    assert.equal(asked.length, 1);
    world.alive = well;
    await clock.advance(minutes(1));
    await stop();
    assert.equal(asked.length, 2);
    assert.equal(lines.length, 2, lines.join('\n'));
  });
}

test('nothing is sent at a planned end', async () => {
  const { asked, clock, stop } = setUp();
  await clock.advance(seconds(1));
  await stop();
  assert.equal(asked.length, 1);
});

test('an address elsewhere that fails is said once, and tried at the usual pace', async () => {
  const { asked, clock, lines, stop, world } = setUp();
  world.outcome = answer(500);
  await clock.advance(minutes(5));
  await stop();
  assert.equal(asked.length, 6);
  assert.deepEqual(lines, ['heartbeat: the other side answered 500, trying again']);
});

test('a secret address counts more than a plain one', async () => {
  const { asked, clock, stop } = setUp({ secretUrl: { credential: 'tocsin.heartbeat' } });
  await clock.advance(seconds(1));
  await stop();
  assert.equal(asked[0]?.url, 'https://hc.example/secret');
});

const ill: Alive = { ...well, health: 'unhealthy' };
for (const [name, alive, fail, expected] of [
  ['a core that is well is told as such', well, true, url],
  ['a core that is stuck is told, where that is wanted', stuck, true, `${url}/fail`],
  ['and else not', stuck, false, undefined],
  ['a core that is ill but works is told, where that is wanted', ill, true, `${url}/fail`],
  ['and else is alive', ill, false, url],
  ['nobody can be told of a core that does not answer', undefined, true, undefined],
] as const) {
  test(name, () => assert.equal(chooseAddress(url, alive, fail), expected));
}

test('/fail goes behind the path and before the query', () => {
  assert.equal(failAddress('https://hc.example/a/?rid=1'), 'https://hc.example/a/fail?rid=1');
});
