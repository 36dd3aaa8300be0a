/** The whole way of an alert in a checkout: the daemon, its relay as a child, and a real receiver. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { openHttpSink, type SunkRequest } from '../support/http-sink.ts';

const sink = await openHttpSink();
after(() => sink.close());

const settings = [
  'channels:',
  `  hook: { type: webhook, url: "${sink.url}", groupWait: 0s, groupInterval: 0s }`,
  `  log: { type: journal, groupWait: 0s }`,
].join('\n');

const raise = (daemon: TestDaemon, title: string) =>
  daemon.post('/api/v1/monitoring/alerts', { severity: 'critical', source: 'storage', title });

/** The process whose parent is this one and that is the relay. */
function relayOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const isRelay = (child: string): boolean =>
    /relay/.test(readFileSync(`/proc/${child}/cmdline`, 'utf8'));
  return Number(children.find(isRelay));
}

/** Resolves when the process has ended. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The first request that tells of it; the one before may have come twice. */
async function arrival(title: string): Promise<SunkRequest> {
  for (let count = 1; ; count += 1) {
    const found = (await sink.wait(count)).find(({ body }) => body.includes(title));
    if (found !== undefined) return found;
  }
}

test('an alert goes over the relay, which is started again and ends with the daemon', async (t) => {
  const daemon = await startDaemon({ settings, argv: ['--with-relay'] });
  t.after(() => daemon.end('SIGKILL'));
  await raise(daemon, 'Pool tank is lost');
  const first = await arrival('Pool tank is lost');
  assert.equal(first.headers['x-tocsin-sequence'], '1');
  await daemon.logged(/relay ready: Serving hook/);

  const relay = relayOf(daemon.pid);
  process.kill(relay, 'SIGKILL');
  await daemon.logged(/tocsin-relay ended with SIGKILL, starting it again in 0\.5 s/);
  await raise(daemon, 'Pool dozer is lost');
  const second = await arrival('Pool dozer is lost');
  assert.equal(second.headers['x-tocsin-sequence'], '2');

  const next = relayOf(daemon.pid);
  assert.notEqual(next, relay);
  assert.equal(await daemon.end('SIGKILL'), 'SIGKILL');
  await ended(next);
});
