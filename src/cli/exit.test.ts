/** Every exit status, and the message that comes with it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tokenOf } from '../api/testing/serve.ts';
import { fakeIo, startBox, tocsin } from './cli.fixture.ts';
import { main } from './run.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function startServer(t: TestContext, answer: RequestListener): Promise<string> {
  const socket = join(folderOf(t), 's.sock');
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(socket, done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return socket;
}

const usageErrors: readonly (readonly [string, RegExp])[] = [
  ['', /a command is missing/],
  ['alrt', /there is no command "alrt" \(did you mean "alert"\?\)/],
  ['alert shwo 01', /not "shwo" \(did you mean "show"\?\)/],
  ['event sohw', /event.*"sohw"|takes no arguments/],
  ['rule chekc', /did you mean "check"/],
  ['config', /config needs one of check/],
  ['status now', /tocsin status takes no arguments/],
  ['alert show', /tocsin alert show needs ID/],
  ['alert show a b', /not also "b"/],
  ['alert list --sverity x', /unknown option --sverity \(did you mean "severity"\?\)/],
  ['status --comment x', /tocsin status does not know --comment/],
  ['alert list --utc=yes', /--utc takes no value/],
  ['alert list -n', /-n needs a value: N/],
  ['alert list -n many', /--limit many: must be a whole number/],
  ['alert list -n 1 -n 2', /--limit is given 2 times/],
  ['alert list -o yaml', /--output yaml: must be one or more of table/],
  ['alert list --severity bad', /--severity bad: must be one or more of info, warning, critical/],
  ['alert list --since soon', /--since "soon": must be a time such as/],
  ['alert list --since 2026-02-31', /--since "2026-02-31": must be a time/],
  ['alert list --timeout 0s', /--timeout 0s: must be a duration/],
  ['alert list --url ftp://x', /--url ftp:\/\/x: must be http/],
  ['event -f --until now', /exclude each other/],
  ['completion tcsh', /there is no completion for "tcsh"/],
  ['help nothing', /there is no command "nothing"/],
];
for (const [line, message] of usageErrors) {
  test(`2: a usage error: ${line || '(nothing)'}`, async () => {
    const said = await tocsin(line === '' ? [] : line.split(' '), {
      environment: { TOCSIN_SOCKET: '/no/such.sock' },
    });
    assert.match(said.err, message);
    assert.deepEqual([said.status, said.out], [2, '']);
  });
}

test('2: what tocsind does not accept', async (t) => {
  const box = await startBox(t);
  const said = await box.run(['alert', 'list', 'severity=~"("']);
  assert.equal(said.status, 2);
  assert.match(said.err, /^tocsin: The request is not valid: filter: /);
});

test('1: an answer that is not from tocsind', async (t) => {
  const html = await startServer(t, (_, response) => response.end('<html>'));
  assert.deepEqual(await tocsin(['alert', '--socket', html]), {
    status: 1,
    out: '',
    err: "tocsin: the answer is HTTP 200, and not tocsind's\n",
  });
  const broken = await startServer(t, (_, response) => response.writeHead(500).end('oh'));
  assert.equal((await tocsin(['alert', '--socket', broken])).status, 1);
});

test('4: what is not there', async (t) => {
  const box = await startBox(t);
  for (const line of ['rule show nothing', 'unit show nothing', 'alert show ZZZZZZ']) {
    assert.equal((await box.run(line)).status, 4, line);
  }
  for (const line of ['rule check /no/file', 'rule test /no/file', 'config check /no/file']) {
    assert.deepEqual(
      [(await box.run(line)).status, (await box.run(line)).err],
      [4, 'tocsin: there is no file /no/file\n'],
      line,
    );
  }
});

test('5: no socket, nobody behind it, or a connection that is ended', async (t) => {
  const folder = folderOf(t);
  const none = await tocsin(['status', '--socket', join(folder, 'none')]);
  assert.equal(none.status, 5);
  assert.match(none.err, /there is no such socket\.\nLook at it with: systemctl status tocsin\n$/);

  const left = join(folder, 'left.sock');
  // A socket that a killed process left behind.
  spawnSync(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  const refused = await tocsin(['status', '--socket', left]);
  assert.equal(refused.status, 5);
  assert.match(refused.err, /nobody listens there/);

  const closing = await startServer(t, (request) => request.socket.destroy());
  assert.equal((await tocsin(['status', '--socket', closing])).status, 5);
});

test('a daemon that is just starting is asked again', async (t) => {
  const socket = join(folderOf(t), 'late.sock');
  const server = createServer((_, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"items":[],"nextCursor":null}'),
  );
  // bind without listen is not to be had in Node: a stale socket refuses in the same way.
  spawnSync(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  t.after(() => server.close());
  let attempts = 0;
  const { io, said } = fakeIo();
  const clock = {
    ...io.clock,
    sleep: async () => {
      attempts += 1;
      if (attempts !== 2) return;
      rmSync(socket);
      await new Promise<void>((done) => server.listen(socket, done));
    },
  };
  assert.equal(await main(['alert', '--socket', socket], { ...io, clock }), 0);
  assert.deepEqual([attempts, said().out], [2, '0 alerts\n']);
});

test('6: those who may not', async (t) => {
  const box = await startBox(t);
  const { id } = box.house.fire();
  box.peer = { uid: 1000, gid: 1000, groups: [1000] };
  const status = await box.run('status');
  assert.equal(status.status, 6);
  assert.match(status.err, /the group tocsin-admin may do everything, tocsin-read may look/);
  box.peer = { uid: 1000, gid: 1000, groups: [501] };
  assert.equal((await box.run('status')).status, 0);
  assert.equal((await box.run(['alert', 'ack', id])).status, 6);
  const url = `http://127.0.0.1:${box.port}`;
  const stranger = await tocsin(['status', '--url', url]);
  assert.equal(stranger.status, 6);
  assert.match(stranger.err, /TOCSIN_TOKEN/);
});

test('over TCP with a token it is the same program', async (t) => {
  const box = await startBox(t);
  const { id } = box.house.fire();
  const environment = {
    TOCSIN_URL: `http://127.0.0.1:${box.port}/`,
    TOCSIN_TOKEN: tokenOf('viewer'),
  };
  assert.equal((await tocsin(['alert', '-o', 'id'], { environment })).out, `${id}\n`);
  assert.equal((await tocsin(['alert', 'ack', id], { environment })).status, 6);
  const admin = ['alert', 'ack', id, '--token', tokenOf('operator')];
  assert.equal((await tocsin(admin, { environment })).status, 0);
  // What stands on the command line counts more than the environment.
  const socket = ['alert', '-o', 'id', '--socket', box.socketOf('local')];
  assert.equal((await tocsin(socket, { environment: { TOCSIN_URL: 'http://[::1]:1' } })).status, 0);
});

test('7: an alert that is resolved already', async (t) => {
  const box = await startBox(t);
  const { id } = box.house.fire();
  box.house.resolve(id);
  assert.equal((await box.run(['alert', 'resolve', id])).status, 7);
});

test('124: no answer in time, before it begins and in its middle', async (t) => {
  const silent = createNetServer((socket) => socket.on('error', () => {}));
  const path = join(folderOf(t), 'silent.sock');
  await new Promise<void>((done) => silent.listen(path, done));
  t.after(() => silent.close());
  const said = await tocsin(['alert', '--socket', path, '--timeout', '30ms']);
  assert.equal(said.status, 124);
  assert.match(said.err, /did not answer in time/);
  const slow = await startServer(t, (_, response) => response.writeHead(200).write('{"items":'));
  assert.equal((await tocsin(['alert', '--socket', slow, '--timeout', '30ms'])).status, 124);
});

const program = resolve(import.meta.dirname, 'main.ts');

test('0 and 5: the real program ends with them, and writes to the right streams', () => {
  const env = { ...process.env, TOCSIN_SOCKET: '/no/such.sock' };
  const run = (...argv: readonly string[]) =>
    spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8', env });
  const version = run('--version');
  assert.deepEqual([version.status, version.stderr], [0, '']);
  assert.match(version.stdout, /^tocsin \d+\.\d+\.\d+ \(Node 26\.\d+\.\d+\)\n$/);
  const away = run('status');
  assert.deepEqual([away.status, away.stdout], [5, '']);
});

test('a reader that goes away ends the real program quietly', () => {
  const help = `"${process.execPath}" "${program}" help`;
  // Far more than a pipe holds, so that the program meets the end of it.
  const line = `set -o pipefail; for i in 1; do ${help}; done | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, /^(0|141)\n$/);
});

test('1: what cannot be written, on a full disk, is said', () => {
  const line = `"${process.execPath}" "${program}" help >/dev/full`;
  const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /^tocsin: cannot write: ENOSPC: [^\n]+\n$/);
});
