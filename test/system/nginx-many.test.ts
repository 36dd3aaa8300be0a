/** A thousand at once, from forty addresses, through the example site. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../support/appliance.ts';
import { type BehindNginx, startBehindNginx, type TestToken } from '../support/behind-nginx.ts';
import type { Listener } from '../support/gathering.ts';
import { askSite, listenByEvents, listenByWebSocket, rawTls } from '../support/web.ts';

const many = 1000;
const addresses = 40;
const alertsPath = '/api/v1/monitoring/alerts';

const addressOf = (i: number): string => `127.0.1.${(i % addresses) + 1}`;

/** Does it `count` times, `width` at once. */
async function inTurns<T>(
  count: number,
  width: number,
  act: (i: number) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next;
      next += 1;
      results.push(await act(i));
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

describe('a thousand at once', { timeout: 180_000 }, () => {
  let house: BehindNginx;
  let streams: readonly Listener[] = [];
  /** Each address has one: what a caller may ask is counted by tocsin. */
  let tokens: readonly TestToken[] = [];
  before(async () => {
    house = await startBehindNginx({ serve: 'site' });
    tokens = await inTurns(addresses, 1, (i) => house.makeToken(`program-${i}`, 'viewer'));
  });
  after(async () => {
    for (const stream of streams) stream.close();
    await house?.end();
  });

  const callerOf = (i: number) => ({
    headers: tokens[i % addresses]?.headers ?? house.admin,
    from: addressOf(i),
  });
  const ask = (i: number) => askSite(house.nginx, alertsPath, callerOf(i));

  it('a thousand connections that say nothing keep nobody from being answered', async () => {
    const idle = Array.from({ length: many }, () => rawTls(house.nginx)());
    for (const socket of idle) socket.on('error', () => {});
    const opened = idle.map(
      (socket) => new Promise<void>((resolve) => socket.once('secureConnect', resolve)),
    );
    await Promise.all(opened);
    for (let i = 0; i < 50; i++) assert.equal((await ask(i)).status, 200);
    for (const socket of idle) socket.destroy();
  });

  it('a thousand requests at once are all answered', async () => {
    const answers = await inTurns(many, many, ask);
    const wrong = answers.filter(({ status }) => status !== 200);
    assert.deepEqual(
      wrong.map(({ status }) => status),
      [],
    );
  });

  it('a thousand streams are told, and one more is refused', async () => {
    streams = await inTurns(many, 50, (i) => {
      const listen = i % 2 === 0 ? listenByWebSocket : listenByEvents;
      return listen(house.nginx, callerOf(i));
    });
    await assert.rejects(
      listenByWebSocket(house.nginx, { headers: house.admin, from: '127.0.2.1' }),
      /503/,
    );
    const { seq } = await house.raise('to all of them');
    await Promise.all(streams.map((stream) => stream.find((message) => message.seq >= seq)));
  });

  it('beside a thousand streams others are answered as before', async () => {
    const answers = await inTurns(200, 50, ask);
    assert.ok(answers.every(({ status }) => status === 200));
  });

  it('when nginx goes, tocsin forgets them all, and those who come again are served', async () => {
    await house.nginx.end();
    await Promise.all(streams.map((stream) => stream.ended));
    await eventually('nobody follows', async () => {
      const { body } = await house.daemon().get('/metrics');
      return /^tocsin_stream_clients 0$/m.test(String(body)) || undefined;
    });
    await house.nginx.start();
    const listener = await listenByWebSocket(house.nginx, { headers: house.admin });
    listener.close();
  });
});
