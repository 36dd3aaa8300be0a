/** Following: alerts and events as they come, over connections that are lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fakeAlert, fakeStart } from '../operations/fake-alerts.ts';
import { renderAlert } from '../operations/render.ts';
import type { StoredEvent } from '../store/store.ts';
import { fakeIo, type Said, startBox, tocsin } from './cli.fixture.ts';
import { main } from './run.ts';

/** Runs a command that has no end until it has written so many lines; what it wrote. */
function follow(
  argv: readonly string[],
  socket: string,
  more: { readonly lines: number; readonly onLine?: (count: number) => void },
): Promise<Omit<Said, 'status'>> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const { io, said } = fakeIo({
      environment: { TOCSIN_SOCKET: socket },
      onOut: (text) => {
        for (const _ of text.trimEnd().split('\n')) {
          count += 1;
          more.onLine?.(count);
        }
        if (count >= more.lines) resolve(said());
      },
    });
    // It never ends by itself: when the test has what it wants, it waits for ever.
    const whileWanted = <T>(work: Promise<T>): Promise<T> =>
      count < more.lines ? work : new Promise<T>(() => {});
    const tired = {
      ...io,
      clock: { ...io.clock, sleep: () => whileWanted(Promise.resolve()) },
      stdout: { ...io.stdout, write: (text: string) => whileWanted(io.stdout.write(text)) },
    };
    main(argv, tired).then((status) => {
      const { out, err } = said();
      reject(new Error(`ended with ${status}: ${out}${err}`));
    }, reject);
  });
}

/** A server on a socket that answers the stream as the test says. */
async function startStream(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, attempt: number) => void,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  const socket = join(folder, 's.sock');
  let attempt = 0;
  const server = createServer((request, response) => {
    attempt += 1;
    answer(request, response, attempt);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return socket;
}

const sse = { 'content-type': 'text/event-stream' };
const message = (seq: number): string => {
  const alert = { ...renderAlert(fakeAlert(seq)), seq, reason: 'raised', by: null };
  const time = new Date(fakeStart + seq * 1000).toISOString();
  return `id: ${seq}\ndata: ${JSON.stringify({ type: 'alert', seq, time, data: alert })}\n\n`;
};

test('watch shows each change with time, reason, severity, title and who did it', async (t) => {
  const box = await startBox(t);
  const alert = box.house.fire();
  const { out } = await follow(['alert', 'watch', '--utc', '--after', '0'], box.socketOf('local'), {
    lines: 2,
    onLine: (count) => {
      if (count === 1)
        void box.house.act(alert.id, { type: 'acknowledge', comment: null }, 'uid:7');
    },
  });
  assert.deepEqual(out.trimEnd().split('\n'), [
    `2026-11-22 06:14:00Z  raised        critical  ${alert.title}  (${alert.id})`,
    `2026-11-22 06:14:00Z  acknowledged  critical  ${alert.title} by uid:7  (${alert.id})`,
  ]);
});

test('watch takes matchers, rules and severities, and refuses what is no matcher', async (t) => {
  const box = await startBox(t);
  box.house.fire({ severity: 'info' });
  box.house.fire({ rule: 'other.rule' });
  const wanted = box.house.fire({ severity: 'warning', labels: { a: 'x"y' } });
  const argv = ['alert', 'watch', '-o', 'id', '--after', '0', 'unit-failed', 'nothing', 'a=~".*y"'];
  const { out } = await follow([...argv, '--severity', 'warning,critical'], box.socketOf('local'), {
    lines: 1,
  });
  assert.equal(out, `${wanted.id}\n`);
  const wrong = await box.run(['alert', 'watch', 'a=~"("']);
  assert.equal(wrong.status, 2);
});

test('a lost connection is resumed after the last message, and nothing comes twice', async (t) => {
  const asked: (string | undefined)[] = [];
  const socket = await startStream(t, (request, response, attempt) => {
    asked.push(request.headers['last-event-id']?.toString());
    // The second attempt meets a daemon that is just stopping.
    if (attempt === 2) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, sse);
    // Cut in the middle of a message: it is not shown, and comes again.
    if (attempt === 1) {
      response.write(`${message(1)}${message(2)}${message(3).slice(0, 40)}`, () =>
        response.destroy(),
      );
    } else response.write(`: ping\n\n${message(3)}`);
  });
  const { out, err } = await follow(['alert', 'watch', '-o', 'jsonl'], socket, { lines: 3 });
  const seqs = out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly seq: number }).seq);
  assert.deepEqual(seqs, [1, 2, 3]);
  assert.deepEqual(asked, [undefined, '2', '2']);
  assert.deepEqual(err.trimEnd().split('\n'), [
    'tocsin: the connection was lost, trying again …',
    'tocsin: connected again',
  ]);
});

test('what was missed for good is told', async (t) => {
  const socket = await startStream(t, (_, response) => {
    response.writeHead(200, sse);
    const resync = { type: 'system', seq: 9, time: '', data: { event: 'resync', seq: 9 } };
    response.write(`id: 9\ndata: ${JSON.stringify(resync)}\n\n${message(10)}`);
  });
  const { err } = await follow(['alert', 'watch'], socket, { lines: 1 });
  assert.match(err, /changes were missed/);
});

test('without a daemon following ends at once, with the status for it', async () => {
  const said = await tocsin(['alert', 'watch', '--socket', '/no/such.sock']);
  assert.equal(said.status, 5);
});

const storedEvent = (number: number): StoredEvent => ({
  number,
  event: 'run-failed',
  kind: 'systemd.unit',
  id: `u${number}.service`,
  at: fakeStart + number,
  detectedAt: fakeStart + number,
  foundBy: 'signal',
  key: String(number),
  attributes: {},
});

test('events are followed: the latest first, then each once as it comes', async (t) => {
  const box = await startBox(t);
  for (let i = 1; i <= 20; i += 1) box.house.stored.push(storedEvent(i));
  const happen = (...numbers: readonly number[]): void => {
    for (const number of numbers) {
      box.house.stored.push(storedEvent(number));
      box.house.tell({ type: 'system', at: fakeStart, data: { event: 'run-failed' } });
    }
  };
  const { out } = await follow(['event', '-f', '-o', 'id', '-n', '3'], box.socketOf('local'), {
    lines: 8,
    onLine: (count) => {
      if (count === 3) happen(21, 22, 23);
      if (count === 6) happen(24, 25);
    },
  });
  assert.deepEqual(out.trimEnd().split('\n'), ['18', '19', '20', '21', '22', '23', '24', '25']);
});
