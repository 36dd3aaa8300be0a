import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { encodeEntry, writeJournal } from './journal-write.ts';
import { native } from './native.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-journal-'));
after(() => rmSync(folder, { recursive: true }));

test('a field of one line is NAME=VALUE, a longer one has its length in front', () => {
  const bytes = encodeEntry({ MESSAGE: 'on fire', PRIORITY: 2, TOCSIN_ADVICE: 'a\nb' });
  const long = Buffer.from('TOCSIN_ADVICE\n\x03\0\0\0\0\0\0\0a\nb\n', 'latin1');
  assert.deepEqual(bytes, Buffer.concat([Buffer.from('MESSAGE=on fire\nPRIORITY=2\n'), long]));
});

test('what is no name of a field is left out, those of journald among them', () => {
  const bytes = encodeEntry({ _UID: 0, 'A=B': 'x', lower: 'x', '': 'x', MESSAGE: 'm' });
  assert.equal(String(bytes), 'MESSAGE=m\n');
});

test('a value cannot add a field of its own', () => {
  const text = String(encodeEntry({ MESSAGE: 'a\nPRIORITY=0' }));
  assert.match(text, /^MESSAGE\n/);
});

test('an entry fits into a datagram, whatever is in it', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [`F${i}`, 'x'.repeat(1e6)]),
  );
  const { length } = encodeEntry(fields);
  assert.ok(length > 100_000 && length <= 128 * 1024, String(length));
});

/** Receives one datagram: Node itself has no Unix datagram sockets. */
const receiver =
  'import socket,sys,os\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n' +
  's.bind(sys.argv[1])\nprint("bound",flush=True)\nos.write(1,s.recv(1<<20))';

test('the entry reaches the socket as it was made', async () => {
  assert.ok(native !== undefined, 'the addon is built by make build');
  const path = join(folder, 'journal');
  const child = spawn('python3', ['-c', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child.stdout, 'data');
  const fields = { MESSAGE: 'ä\nb', PRIORITY: 2 };
  assert.deepEqual(writeJournal(fields, path), { type: 'written' });
  await closed;
  assert.deepEqual(Buffer.concat(chunks).subarray('bound\n'.length), encodeEntry(fields));
});

const answers = [
  ['a journald that is full is a failure', constants.errno.EAGAIN, 'failed'],
  ['a machine without journald prints', constants.errno.ENOENT, 'printed'],
  ['a journald that is down prints', constants.errno.ECONNREFUSED, 'printed'],
] as const;
for (const [name, errno, type] of answers) {
  test(name, (t) => {
    const print = t.mock.method(process.stderr, 'write', () => true);
    const outcome = writeJournal({ MESSAGE: 'a\x1b[2J\nb' }, '/s', { sendDatagram: () => errno });
    assert.equal(outcome.type, type);
    const printed = print.mock.calls.map(({ arguments: [text] }) => text);
    assert.deepEqual(printed, type === 'printed' ? ['a [2J b\n'] : []);
  });
}
