/** Found by test/fuzz: a caller who leaves in the middle of a body is told as no fault of tocsin. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { serve } from './testing/serve.ts';

test('a caller who leaves before the body is whole leaves no fault behind', async (t) => {
  const served = await serve(t);
  const socket = connect(served.socketOf('local'));
  socket.on('error', () => {});
  const lines = ['DELETE /api/v1/session HTTP/1.1', 'Host: localhost', 'Content-Length: 9'];
  socket.write(`${lines.join('\r\n')}\r\n\r\n{`, () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
  while (served.records.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(served.bugs, []);
});
