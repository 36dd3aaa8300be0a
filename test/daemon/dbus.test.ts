/** The daemon of a checkout, on a bus of its own: org.tocsin1 is there, and is the same house. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBus } from '../support/bus.ts';
import { connectOurs, textOf, toManager } from '../support/bus-client.ts';
import { startDaemon } from '../support/daemon.ts';

const text = (value: string) => ({ signature: 's', value });

test('what is raised over D-Bus is an alert like any other, in the name of its caller', async (t) => {
  const bus = await startBus();
  const daemon = await startDaemon({ busAddress: bus.address });
  t.after(async () => {
    await daemon.end('SIGKILL');
    await bus.stop();
  });
  await daemon.logged(/org\.tocsin1 is ours/);
  const { promise: heard, resolve } = Promise.withResolvers<string>();
  const caller = await connectOurs(bus.address, (signal) => {
    if (signal.member === 'AlertRaised') resolve(textOf(signal));
  });
  await caller.addMatch("type='signal',sender='org.tocsin1'");
  const alert = { severity: text('warning'), source: text('task'), title: text('Tape ordered') };
  const raised = await caller.call(toManager('Report', 'a{sv}', [alert]));
  assert.ok(raised.type === 'returned', JSON.stringify(raised));
  const [id] = raised.body;
  assert.equal(await heard, id);
  assert.equal((await caller.call(toManager('Acknowledge', 'ss', [id, 'I go']))).type, 'returned');
  const { body } = await daemon.get(`/api/v1/monitoring/alerts/${await heard}`);
  const own = `uid:${process.getuid?.()}`;
  assert.partialDeepStrictEqual(body, { title: 'Tape ordered', acknowledgedBy: own });
  const { components } = (await daemon.get('/api/v1/health')).body;
  assert.equal(components.bus.status, 'healthy');
  caller.close();
  assert.equal(await daemon.end(), 0);
});
