import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bindUnixSocket, inheritedSockets, peerOf } from './listen.ts';
import { native } from './native.ts';

const home = mkdtempSync(join(tmpdir(), 'tocsin-listen-'));
after(() => rmSync(home, { recursive: true }));
const at = (name: string): string => join(home, name);

async function closed(server: Server): Promise<void> {
  const closing = once(server, 'close');
  server.close();
  await closing;
}

test('inherited sockets are told apart by name, whatever their order', () => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'api:local' };
  assert.deepEqual(inheritedSockets(env, 7), { api: 3, local: 4 });
  assert.deepEqual(inheritedSockets({ ...env, LISTEN_FDNAMES: 'local:api' }, 7), {
    local: 3,
    api: 4,
  });
});

test('sockets that are meant for another process are not ours', () => {
  const env = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'local' };
  assert.deepEqual(inheritedSockets({ ...env, LISTEN_PID: '8' }, 7), {});
  assert.deepEqual(inheritedSockets(env, 7), {});
  assert.deepEqual(inheritedSockets({}, 7), {});
});

test('two inherited sockets of one name are refused', () => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'local:local' };
  assert.throws(() => inheritedSockets(env, 7), /two inherited sockets are named local/);
});

test('a socket has exactly the mode that was asked for, whatever the umask', async () => {
  for (const mode of [0o666, 0o660, 0o600]) {
    const server = createServer();
    await bindUnixSocket(server, at('mode'), mode);
    assert.equal(statSync(at('mode')).mode & 0o777, mode);
    await closed(server);
  }
});

test('a socket that a dead process left behind is replaced', async () => {
  const script = `require('node:net').createServer().listen('${at('stale')}', () =>
    process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  assert.ok(statSync(at('stale')).isSocket());
  const server = createServer((socket) => socket.end('here'));
  await bindUnixSocket(server, at('stale'), 0o600);
  const [bytes] = await once(connect(at('stale')), 'data');
  assert.equal(String(bytes), 'here');
  await closed(server);
});

test('a socket that somebody serves is refused and goes on serving', async () => {
  // The probe hangs up unread, which is an error to a plain socket.
  const first = createServer((socket) => socket.on('error', () => {}).end('first'));
  await bindUnixSocket(first, at('busy'), 0o600);
  await assert.rejects(bindUnixSocket(createServer(), at('busy'), 0o600), /another program serves/);
  const [bytes] = await once(connect(at('busy')), 'data');
  assert.equal(String(bytes), 'first');
  await closed(first);
});

test('what is no socket is never removed', async () => {
  writeFileSync(at('file'), 'precious');
  await assert.rejects(bindUnixSocket(createServer(), at('file'), 0o600), /is not a socket/);
  assert.equal(statSync(at('file')).size, 8);
});

test('a path that no Unix socket can have is refused with its reason', async () => {
  const path = at('x'.repeat(120));
  await assert.rejects(bindUnixSocket(createServer(), path, 0o600), /longer than the 107 bytes/);
});

/** The server's end of a connection, and a way to end both. */
async function accepted(server: Server, client: Socket): Promise<[Socket, () => Promise<void>]> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  return [
    socket,
    async () => {
      client.destroy();
      socket.destroy();
      await closed(server);
    },
  ];
}

test('the kernel says who connected: user, group and all groups', async () => {
  assert.ok(native !== undefined, 'build/tocsin_native.node is missing: run tools/build-native');
  const server = createServer();
  await bindUnixSocket(server, at('peer'), 0o600);
  const [socket, end] = await accepted(server, connect(at('peer')));
  const peer = peerOf(socket);
  const groups = new Set([process.getgid?.(), ...(process.getgroups?.() ?? [])]);
  assert.deepEqual([peer?.uid, peer?.gid], [process.getuid?.(), process.getgid?.()]);
  assert.deepEqual(new Set(peer?.groups), groups);
  await end();
  assert.equal(peerOf(socket), undefined, 'a closed connection has no peer');
});

test('a TCP connection has no known peer', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const [socket, end] = await accepted(server, connect(address.port, '127.0.0.1'));
  assert.equal(peerOf(socket), undefined);
  await end();
});

test('the primary group is among the groups; without the addon nobody is known', () => {
  const socket = Object.assign(new Socket(), { _handle: { fd: 5 } });
  const credentials = { pid: 1, uid: 2, gid: 3, groups: [4] };
  assert.deepEqual(peerOf(socket, { peerCredentials: () => credentials }), {
    uid: 2,
    gid: 3,
    groups: [3, 4],
  });
  assert.equal(peerOf(socket, null), undefined);
});
