/** What a stream of bytes becomes, without a bus before us that takes out what it does not know. */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { encodeMessage } from './encode.ts';
import { readFrames } from './frames.ts';
import { fixedHeaderBytes, messageType } from './message.ts';

/** A call whose header has so many bytes more, in a field 200 of the type aas. */
function callWithField(bytes: number): Buffer {
  const call = { type: messageType.call, serial: 7, path: '/a', interface: 'a.B', member: 'Do' };
  const plain = encodeMessage(call);
  const field = Buffer.alloc(8 + 4 + bytes);
  field.write('\xc8\x03aas\0', 'latin1');
  field.writeUInt32LE(bytes, 8);
  const whole = Buffer.concat([plain, field, Buffer.alloc((8 - (field.length % 8)) % 8)]);
  whole.writeUInt32LE(plain.length + field.length - fixedHeaderBytes, 12);
  return whole;
}

/** Members of the messages that are handed over. */
function membersOf(bytes: Buffer): readonly string[] {
  const socket = new Socket();
  const taken: string[] = [];
  readFrames(socket, {
    take({ message }) {
      taken.push(message.member);
      return 'next';
    },
    broken: (why) => void taken.push(why),
  });
  socket.emit('data', bytes);
  return taken;
}

test('a field of the header that nobody knows is passed over', () => {
  assert.deepEqual(membersOf(Buffer.concat([callWithField(400), callWithField(0)])), ['Do', 'Do']);
});

test('a message whose header alone is long is thrown away, and what follows it is read', () => {
  const next = encodeMessage({ type: messageType.signal, serial: 8, path: '/a', member: 'Said' });
  for (const bytes of [64 * 1024, 3 * 1024 * 1024])
    assert.deepEqual(membersOf(Buffer.concat([callWithField(bytes), next])), ['Said']);
});
