/** What a client on a WebSocket is sent, down to the writes that reach the kernel. */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { fakeAlert } from '../../operations/fake-alerts.ts';
import { changeMessage } from './message.ts';
import { webSocketLine } from './websocket.ts';

/** A connection that counts writes; ws is told that it is open, as after an upgrade. */
function create() {
  const writes: Buffer[] = [];
  const socket = new Duplex({
    read: () => {},
    write(chunk: Buffer, _, done) {
      writes.push(chunk);
      done();
    },
    writev(chunks: readonly { readonly chunk: Buffer }[], done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)));
      done();
    },
  });
  const webSocket: WebSocket & {
    setSocket?: (socket: Duplex, head: Buffer, options: object) => void;
  } = Reflect.construct(WebSocket, [null, undefined, {}]);
  Object.assign(socket, { setTimeout: () => {}, setNoDelay: () => {} });
  webSocket.setSocket?.(socket, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 1 });
  return { line: webSocketLine(webSocket, socket), writes };
}

const messages = Array.from({ length: 10 }, (_, i) => {
  const alert = fakeAlert(i + 1, { seq: i + 1 });
  const change = { seq: i + 1, at: 0, by: null, door: null, comment: null };
  return changeMessage({ ...change, reason: 'raised', alert });
});

test('what a client lacks goes to the kernel in one write, in its order', () => {
  const { line, writes } = create();
  line.together(() => {
    for (const message of messages) line.send(message);
  });
  assert.equal(writes.length, 1);
  const places = messages.map(({ bytes }) => writes[0]?.indexOf(bytes) ?? -1);
  assert.ok(places.every((place, i) => place > (places[i - 1] ?? 0)));
});

test('a message by itself waits for no other', () => {
  const { line, writes } = create();
  const [message] = messages;
  assert.ok(message);
  line.send(message);
  assert.equal(writes.length, 1);
});
