/**
 * Programs of the Prometheus project on loopback, each in a folder of its own: a real
 * Alertmanager, a real Prometheus, amtool. They end with the test that started them, by their
 * process ids.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findPort } from './port.ts';

type Test = Pick<TestContext, 'after'>;

/** A folder that goes with the test. */
export function makeFolder(test: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-prometheus-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts it and waits until it says that it listens. Throws with what it said when it ends. */
async function start(
  test: Test,
  program: string,
  argv: readonly string[],
  says: RegExp,
): Promise<void> {
  const child: ChildProcess = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit').then(() => 'ended');
  test.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let log = '';
  const ready = new Promise<string>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      if (process.env.TEST_LOG) process.stderr.write(chunk);
      log += chunk;
      if (says.test(log)) resolve('ready');
    });
  });
  assert.equal(await Promise.race([ready, ended]), 'ready', `${program}:\n${log}`);
}

/** A real Alertmanager with this configuration; its address. */
export async function startAlertmanager(test: Test, configuration: string): Promise<string> {
  const folder = makeFolder(test);
  const port = await findPort();
  writeFileSync(join(folder, 'alertmanager.yml'), configuration);
  const argv = [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ];
  await start(test, 'prometheus-alertmanager', argv, /msg=Listening|Listening on/);
  return `http://127.0.0.1:${port}`;
}

/** A real Prometheus with this configuration and these rules; it tells firing alerts each second. */
export async function startPrometheus(
  test: Test,
  configuration: string,
  rules: string,
): Promise<void> {
  const folder = makeFolder(test);
  const port = await findPort();
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, `${configuration}\nrule_files: [${folder}/rules.yml]\n`);
  writeFileSync(join(folder, 'rules.yml'), rules);
  const argv = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--rules.alert.resend-delay=1s',
  ];
  await start(test, 'prometheus', argv, /Server is ready/);
}

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. */
export async function run(program: string, argv: readonly string[]): Promise<Said> {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  const [status] = (await once(child, 'close')) as [number];
  return { status, out, err };
}
