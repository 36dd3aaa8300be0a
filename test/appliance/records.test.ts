/** A burst on a scripted systemd, recorded by the program and replayed by it elsewhere. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import { commandLine } from '../support/tocsin.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tocsin-records-'));
const candidate = `rules:
  - id: unit-failed
    kind: systemd.unit
    when: unit.activeState == "failed"
    for: 1h
    severity: warning
    source: system
    title: "{{ unit.id }} failed"
`;

function start(...argv: readonly string[]): ChildProcess {
  const env = { ...process.env, TZ: 'Pacific/Chatham' };
  return spawn(process.execPath, [main, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runElsewhere(
  ...argv: readonly string[]
): Promise<{ readonly status: number; readonly out: string }> {
  const child = start(...argv);
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  const [status] = (await once(child, 'close')) as [number];
  return { status, out };
}

describe('what passes through the daemon', { timeout: 60_000 }, () => {
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;
  const { say, run, json } = commandLine(() => daemon);
  const names = Array.from({ length: 30 }, (_, i) => `unit-${i}.service`);

  before(async () => {
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, names);
    daemon = await startDaemon({ busAddress: bus.address });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd.close();
    await bus.stop();
    rmSync(folder, { recursive: true });
  });

  it('is recorded from the middle of things on, and replays byte for byte', async () => {
    const stream = await daemon.stream('?types=alert');
    const path = join(folder, 'burst.rec');
    // Some have failed before.
    for (const name of names.slice(0, 10)) systemd.fail(name);
    await stream.find(({ data }) => data.resource?.id === names[9]);
    const recording = start('record', path, '--socket', daemon.socket);
    // It says that it records before anything is read.
    await once(recording.stderr ?? recording, 'data');
    for (const name of names.slice(10)) systemd.fail(name);
    for (const name of names) systemd.recover(name);
    for (const name of names)
      await stream.find(({ data }) => data.resource?.id === name && data.reason === 'resolved');
    recording.kill('SIGINT');
    assert.deepEqual(await once(recording, 'exit'), [0, null]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const { status, out } = await runElsewhere('replay', path, '--assert');
    assert.equal(status, 0, out);
    assert.match(out, /\d+ inputs, \d{2,} changes, the same/);
    stream.close();
  });

  it('is kept, so that a rule can be tried on it', async () => {
    const path = join(folder, 'candidate.yaml');
    writeFileSync(path, candidate);
    const { rules } = await json(`rule backtest ${path} --since 1h`);
    const [rule] = rules as readonly Record<string, { fired: number }>[];
    assert.equal(rule?.candidate?.fired, 0);
    assert.equal(rule?.inForce?.fired, names.length);
  });

  it('goes into one archive about an alert, for its owner alone', async () => {
    const { body } = await daemon.get('/api/v1/monitoring/alerts?phase=resolved&limit=1');
    const [{ id }] = body.items as [{ id: string }];
    const path = join(folder, 'alert.tar.gz');
    await run(`bundle ${id} ${path}`);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const listed = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
    for (const name of ['manifest.json', 'alert.json', 'readings.jsonl', 'settings.json'])
      assert.ok(listed.includes(`tocsin-${id}/${name}`), listed);
    const readings = ['-xzOf', path, `tocsin-${id}/readings.jsonl`];
    assert.match(execFileSync('tar', readings, { encoding: 'utf8' }), /"activeState":"failed"/);
    const again = await say(`bundle ${id} ${path}`);
    assert.equal(again.status, 1, 'what is there is not written over');
  });
});
