import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMetrics } from '../operations/metrics.ts';
import {
  gist,
  happening,
  type Listener,
  listen,
  listenEvents,
  openWebSocket,
} from './testing/listen.ts';
import { serve, valueAt } from './testing/serve.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const gists = ({ heard }: Listener): string => heard.map(gist).join(', ');
const lastIs = (seq: number) => (heard: readonly { readonly seq: number }[]) =>
  heard.at(-1)?.seq === seq;

test('the first message is hello, then each change comes as it happens', async (t) => {
  const served = await serve(t);
  served.house.fire();
  const client = await listen(served);
  const alert = served.house.fire();
  await served.house.act(alert.id, { type: 'acknowledge', comment: 'on it' }, 'uid:0');
  served.house.resolve(alert.id);
  await client.until(lastIs(4));
  assert.equal(gists(client), 'hello, raised 2, acknowledged 3, resolved 4');
  assert.deepEqual(client.heard[0], {
    type: 'system',
    seq: 1,
    time: '2026-11-22T06:14:00.123Z',
    data: { event: 'hello', seq: 1, version: '0.0.0-test' },
  });
  const { json } = await served
    .ask(`/api/v1/monitoring/alerts/${alert.id}`)
    .then(({ text }) => ({ json: JSON.parse(text) as object }));
  assert.deepEqual(client.heard[3]?.data, { ...json, reason: 'resolved', by: null, door: null });
});

test('whoever resumes gets what it missed, once and in order', async (t) => {
  const served = await serve(t);
  for (let i = 0; i < 1000; i++) served.house.fire();
  const client = await listen(served, '?since=400');
  served.house.fire();
  await client.until(lastIs(1001));
  assert.deepEqual(
    client.heard.map(({ seq }) => seq),
    [400, ...Array.from({ length: 601 }, (_, i) => 401 + i)],
  );
  assert.equal(valueAt(client.heard[0], 'data.seq'), 1000);
});

test('whoever resumes where nothing is left is told to read the lists again', async (t) => {
  const served = await serve(t);
  for (let i = 0; i < 10; i++) served.house.fire();
  served.house.forget(5);
  const client = await listen(served, '?since=3');
  const fromTheFuture = await listen(served, '?since=99');
  served.house.fire();
  await client.until(lastIs(11));
  await fromTheFuture.until(lastIs(11));
  assert.equal(gists(client), 'hello, resync, raised 11');
  assert.equal(gists(fromTheFuture), 'hello, resync, raised 11');
});

test('a lost ring loses nothing', async (t) => {
  const served = await serve(t);
  const client = await listen(served);
  served.house.isMute = true;
  served.house.fire();
  served.house.fire();
  await served.clock.advance(5000);
  await client.until(lastIs(2));
  assert.equal(gists(client), 'hello, raised 1, raised 2');
});

test('types and matchers choose messages, hello comes always', async (t) => {
  const served = await serve(t);
  const alerts = await listen(served, '?types=alert');
  const tapes = await listen(served, '?types=tape,metrics');
  const filter = encodeURIComponent('unit=~"unit-[24].*"');
  const some = await listen(served, `?filter=${filter}&filter=severity%3Dcritical`);
  for (let i = 0; i < 4; i++) served.house.fire();
  served.house.tell(happening('tape'));
  served.house.tell({ type: 'metrics', at: 0, data: renderMetrics(served.house) });
  await Promise.all([
    alerts.until(lastIs(4)),
    tapes.until((heard) => heard.length === 3),
    some.until((heard) => heard.length === 5),
  ]);
  assert.equal(gists(alerts), 'hello, raised 1, raised 2, raised 3, raised 4');
  assert.equal(gists(tapes), 'hello, tape, metrics');
  assert.equal(gists(some), 'hello, raised 2, raised 4, tape, metrics');
});

test('a notice carries the number of the last change its reader has seen', async (t) => {
  const served = await serve(t);
  const client = await listen(served);
  served.house.fire();
  served.house.tell(happening('vtl'));
  await client.until((heard) => heard.length === 3);
  assert.deepEqual(
    client.heard.map(({ seq }) => seq),
    [0, 1, 1],
  );
});

test('server-sent events say the same in the same order, with the number as id', async (t) => {
  const served = await serve(t);
  for (let i = 0; i < 5; i++) served.house.fire({ title: `line\nbreak \u2028 ${i}` });
  const webSocket = await listen(served, '?since=2');
  const events = await listenEvents(served, '?since=2');
  served.house.fire();
  served.house.tell(happening('tape', { a: 1 }));
  const both = [webSocket, events];
  await Promise.all(both.map((one) => one.until((heard) => heard.at(-1)?.type === 'tape')));
  assert.deepEqual(events.texts, webSocket.texts);
  assert.deepEqual(events.ids, ['2', '3', '4', '5', '6', '6']);
  assert.equal(events.headers['content-type'], 'text/event-stream');
  assert.equal(events.headers['x-accel-buffering'], 'no');
});

test('a browser that comes again goes on after the last id, not at the old since', async (t) => {
  const served = await serve(t);
  for (let i = 0; i < 5; i++) served.house.fire();
  const events = await listenEvents(served, '?since=0', { headers: { 'last-event-id': '3' } });
  await events.until(lastIs(5));
  assert.equal(gists(events), 'hello, raised 4, raised 5');
});

test('a gap that retention tears while a client waits becomes a resync', async (t) => {
  const served = await serve(t);
  const client = await listen(served);
  served.house.isMute = true;
  for (let i = 0; i < 10; i++) served.house.fire();
  served.house.forget(5);
  await served.clock.advance(5000);
  await client.until((heard) => heard.length === 2);
  served.house.isMute = false;
  served.house.fire();
  await client.until(lastIs(11));
  assert.equal(gists(client), 'hello, resync, raised 11');
});

test('too many notices at once become one resync', async (t) => {
  const served = await serve(t);
  const client = await listen(served);
  for (let i = 0; i < 1500; i++) served.house.tell(happening('tape', { i }));
  served.house.fire();
  await client.until(lastIs(1));
  assert.equal(client.heard.filter((one) => gist(one) === 'resync').length, 1);
  assert.ok(client.heard.length < 1100);
});

test('what a client sends is let be, unless it is too much', async (t) => {
  const served = await serve(t);
  const webSocket = openWebSocket(served);
  await new Promise((resolve) => webSocket.on('open', resolve));
  webSocket.send('{"type":"subscribe"}');
  webSocket.send('x'.repeat(10_000));
  const code = await new Promise((resolve) => webSocket.on('close', resolve));
  assert.equal(code, 1009);
});

test('closing ends the streams in good order', async (t) => {
  const served = await serve(t);
  const webSocket = await listen(served);
  const events = await listenEvents(served);
  await served.api.close();
  assert.equal(await webSocket.ended, 1001);
  await events.ended;
  while (served.api.streamClients() > 0) await nextTurn();
});
