/** Tasks in the whole daemon: reports, their alerts over SIGKILL, what is expected, tocsin run. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { startBus } from '../support/bus.ts';
import { ask, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { Json, StreamMessage } from '../support/gathering.ts';

const ofRule = (rule: string, job: string, reason: string) => (message: StreamMessage) =>
  message.type === 'alert' &&
  message.data.rule === rule &&
  message.data.resource.id === job &&
  message.data.reason === reason;

describe('tasks that programs report', { timeout: 60_000 }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await startDaemon();
  });
  after(() => daemon?.end('SIGKILL'));

  const firing = async (): Promise<Json[]> =>
    (await daemon.get('/api/v1/monitoring/alerts?rule=task-failed')).body.items;

  it('tells a failed run and its alert, keeps both over SIGKILL, and ends with the success', async () => {
    const stream = await daemon.stream('?types=alert,task');
    const posted = await daemon.post('/api/v1/tasks', { job: 'nightly', state: 'failed' });
    assert.equal(posted.status, 200);
    const raised = await stream.find(ofRule('task-failed', 'nightly', 'raised'));
    const told = await stream.find(({ type }) => type === 'task');
    assert.deepEqual([told.data.job, told.data.state], ['nightly', 'failed']);
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    assert.deepEqual(
      (await firing()).map(({ id, phase }) => [id, phase]),
      [[raised.data.id, 'firing']],
    );
    const { body } = await daemon.get('/api/v1/tasks?job=nightly');
    assert.deepEqual([body.items.length, body.items[0].id], [1, posted.body.id]);
    const again = await daemon.stream('?types=alert');
    await daemon.post('/api/v1/tasks', { job: 'nightly', state: 'completed' });
    const ended = await again.find(ofRule('task-failed', 'nightly', 'resolved'));
    assert.deepEqual([ended.data.id, ended.data.resolvedBy], [raised.data.id, 'recovered']);
    stream.close();
    again.close();
  });

  it('follows one run by its id, and refuses what cannot be', async () => {
    const begun = await daemon.post('/api/v1/tasks', { job: 'copy', key: 'k1' });
    assert.deepEqual([begun.body.state, begun.body.progress], ['running', null]);
    const path = `/api/v1/tasks/${begun.body.id}`;
    const half = await ask(daemon.socket, 'PATCH', path, { progress: 0.5, message: 'half' });
    assert.deepEqual([half.body.progress, half.body.message], [0.5, 'half']);
    const done = await ask(daemon.socket, 'PATCH', path, { exitStatus: 0 });
    assert.deepEqual([done.body.state, done.body.id], ['completed', begun.body.id]);
    const again = await daemon.post('/api/v1/tasks', { job: 'copy', key: 'k1', exitStatus: 0 });
    assert.equal(again.body.id, begun.body.id);
    const runs = await daemon.get('/api/v1/tasks?job=copy&runs=all');
    assert.equal(runs.body.items.length, 1);
    const wrong = await daemon.post('/api/v1/tasks', { job: 'copy', state: 'done' });
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'invalid-input']);
    assert.match(wrong.body.errors[0].detail, /pending, running, completed, failed/);
    const unknown = await ask(daemon.socket, 'PATCH', '/api/v1/tasks/nobody', {});
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'task-unknown']);
  });
});

describe('tasks beside systemd', { timeout: 60_000 }, () => {
  it('keeps a reported failure over a restart when systemd has looked, and tells what is missing', async () => {
    const bus = await startBus();
    const systemd = await FakeSystemd.start(bus.address, ['backup.service']);
    // A moment that has passed since the start: each second.
    const settings = [
      'tasks:',
      '  expect:',
      '    - { job: never, calendar: "*:*:0/1", within: 1h }',
      '    - { job: wrong, calendar: "at some time" }',
    ].join('\n');
    let daemon = await startDaemon({ busAddress: bus.address, settings });
    try {
      const stream = await daemon.stream('?types=alert&since=0');
      await daemon.post('/api/v1/tasks', { job: 'nightly', exitStatus: 1 });
      const raised = await stream.find(ofRule('task-failed', 'nightly', 'raised'));
      await stream.find(ofRule('task-missed', 'never', 'raised'));
      const broken = await stream.find(
        ({ data }) => data.rule === 'task-expectation-broken' && data.resource.id === 'wrong',
      );
      assert.match(broken.data.message, /Failed to parse calendar specification/);
      const { components } = (await daemon.get('/api/v1/health')).body;
      assert.match(components['tasks.expect'].reason, /^tasks\.expect\[1\]\.calendar: Failed/);
      await daemon.end('SIGKILL');
      daemon = await daemon.again();
      const { body } = await daemon.get(`/api/v1/monitoring/alerts/${raised.data.id}`);
      assert.equal(body.phase, 'firing');
      const again = await daemon.stream('?types=alert');
      await daemon.post('/api/v1/tasks', { job: 'never', exitStatus: 0 });
      await again.find(ofRule('task-missed', 'never', 'resolved'));
    } finally {
      await daemon.end('SIGKILL');
      systemd.close();
      await bus.stop();
    }
  });
});

const program = join(import.meta.dirname, '../../src/cli/main.ts');

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe('tocsin run', { timeout: 60_000 }, () => {
  let daemon: TestDaemon;
  const home = mkdtempSync(join(tmpdir(), 'tocsin-home-'));

  before(async () => {
    daemon = await startDaemon();
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });

  const begin = (...argv: readonly string[]): ChildProcess =>
    spawn(process.execPath, [program, 'run', ...argv], {
      // A session of its own: no terminal, as under cron or systemd.
      detached: true,
      env: {
        ...process.env,
        HOME: home,
        TOCSIN_SOCKET: daemon.socket,
        TOCSIN_STATE_DIR: daemon.stateDir,
      },
    });

  async function end(child: ChildProcess, input = ''): Promise<Said> {
    assert.ok(child.stdin && child.stdout && child.stderr);
    child.stdin.end(input);
    const [out, err, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { status, out, err };
  }
  const run = (...argv: readonly string[]): Promise<Said> => end(begin(...argv));
  const taskOf = async (job: string): Promise<Json> =>
    (await daemon.get(`/api/v1/tasks?job=${job}`)).body.items[0];

  it('passes input, output and exit status through, and reports the run', async () => {
    const child = begin('--name', 'copy', '--', 'sh', '-c', 'cat; echo bad >&2; exit 3');
    const said = await end(child, 'one\ntwo');
    assert.deepEqual(said, { status: 3, out: 'one\ntwo', err: 'bad\n' });
    const { state, exitStatus, message, source } = await taskOf('copy');
    assert.deepEqual(
      [state, exitStatus, message, source],
      ['failed', 3, 'exit status 3', 'report'],
    );
    assert.equal((await run('--name', 'copy', 'true')).status, 0);
    assert.equal((await taskOf('copy')).state, 'completed');
    const { body } = await daemon.get('/api/v1/tasks?job=copy&runs=all');
    assert.deepEqual(
      body.items.map((one: Json) => one.state),
      ['completed', 'failed'],
    );
    assert.deepEqual(readdirSync(join(daemon.stateDir, 'spool')), []);
  });

  it('says how far it is, where the output says so', async () => {
    const stream = await daemon.stream('?types=task');
    const child = begin('--name', 'long', '--progress', '--', 'sh', '-c', 'echo at 40%; cat');
    const half = await stream.find(({ data }) => data.job === 'long' && data.progress === 0.4);
    assert.deepEqual([half.data.state, half.data.message], ['running', 'at 40%']);
    assert.equal((await end(child, 'last\n')).out, 'at 40%\nlast\n');
    assert.deepEqual((await taskOf('long')).state, 'completed');
    stream.close();
  });

  it('passes signals on, and says which one ended the command', async () => {
    const waits = ['sh', '-c', 'trap "exit 7" HUP; echo up; while :; do sleep 0.05; done'] as const;
    for (const [signal, status] of [
      ['SIGHUP', 7],
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      const child = begin('--name', 'waits', '--', ...waits);
      assert.ok(child.stdout);
      await once(child.stdout, 'data');
      child.kill(signal);
      assert.equal((await end(child)).status, status, signal);
    }
    assert.equal((await taskOf('waits')).message, 'killed by SIGINT');
    const missing = await run('--name', 'none', '--', '/nowhere/at/all');
    assert.deepEqual([missing.status, (await taskOf('none')).exitStatus], [127, 127]);
  });

  it('keeps the report while the daemon is away, which takes it in once', async () => {
    await daemon.end('SIGKILL');
    const said = await run('--name', 'offline', '--', 'sh', '-c', 'echo done; exit 4');
    assert.deepEqual(said, { status: 4, out: 'done\n', err: '' });
    const spool = join(daemon.stateDir, 'spool');
    assert.equal(readdirSync(spool).length, 1);
    daemon = await daemon.again();
    const stream = await daemon.stream('?types=alert&since=0');
    const raised = await stream.find(ofRule('task-failed', 'offline', 'raised'));
    const { endedAt } = await taskOf('offline');
    assert.equal(raised.data.startsAt, endedAt);
    const { body } = await daemon.get('/api/v1/tasks?job=offline&runs=all');
    assert.equal(body.items.length, 1);
    stream.close();
    assert.deepEqual(readdirSync(spool), []);
  });
});
