/** The bundle as a process of its own with Debian's flags, on a machine of which nothing is seen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithProcess } from '../support/ending.ts';
import type { LoopHolds } from './loop-probe.ts';
import { type Memory, processorSeconds, readMemory } from './processor.ts';

const nodeFlags = ['--max-old-space-size=256', '--max-semi-space-size=1', '--expose-gc'];
const malloc = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_TOP_PAD_: '65536',
};
const probe = join(import.meta.dirname, 'loop-probe.ts');

export interface Served {
  readonly localSocket: string;
  readonly apiSocket: string;
  /** Of all its threads so far. */
  processorSeconds(): number;
  memory(): Memory;
  /** How long the loop was held since the last answer. */
  loopHolds(): Promise<LoopHolds>;
  /** Over local.sock, as root. */
  post(path: string, body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export interface Raising {
  readonly title: string;
  readonly message?: string;
}

/** Raises them as Prometheus does, many in one request; they fire until they are ended. */
export function pushAlerts(served: Served, alerts: readonly Raising[]): Promise<unknown> {
  const pushed = alerts.map(({ title, message = 'For the benchmark.' }) => ({
    labels: { alertname: title, severity: 'warning', host: 'bench' },
    annotations: { summary: title, description: message },
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  }));
  return served.post('/am/api/v2/alerts', pushed);
}

async function post(socketPath: string, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const sent = request({ socketPath, path, method: 'POST', headers, agent: false });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  if ((response.statusCode ?? 0) >= 300) throw new Error(`${path}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

function layOut(folder: string, settings: string): readonly string[] {
  const at = (name: string): string => join(folder, name);
  for (const name of ['state', 'run', 'rules', 'sys', 'proc/self', 'dev', 'etc'])
    mkdirSync(at(name), { recursive: true });
  for (const name of ['dev/kmsg', 'proc/self/mountinfo']) writeFileSync(at(name), '');
  writeFileSync(at('tocsin.yaml'), settings);
  // nginx's workers are somebody else.
  chmodSync(folder, 0o711);
  const roots = ['sys', 'proc', 'dev', 'etc'].flatMap((name) => [
    `--${name === 'sys' ? 'sysfs' : name}-root`,
    at(name),
  ]);
  const places = ['--state-dir', at('state'), '--runtime-dir', at('run'), '--config'];
  const rest = [at('tocsin.yaml'), '--rules-dir', at('rules'), '--system-bus'];
  return [...places, ...rest, `unix:path=${at('no-bus')}`, ...roots];
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error('no log');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (line.startsWith('notice: ready')) {
      child.stderr.resume();
      return;
    }
  }
  throw new Error(`the daemon ended:\n${said.join('\n')}`);
}

export async function startServed(bundle: string, settings: string): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const argv = layOut(folder, settings);
  const program = join(bundle, 'tocsind.mjs');
  const child = spawn(process.execPath, [...nodeFlags, '--import', probe, program, ...argv], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...malloc },
  });
  endWithProcess(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const ended = once(child, 'exit');
  await untilReady(child);
  const pid = child.pid ?? 0;
  const localSocket = join(folder, 'run/local.sock');
  return {
    localSocket,
    apiSocket: join(folder, 'run/api.sock'),
    processorSeconds: () => processorSeconds(pid),
    memory: () => readMemory(pid),
    async loopHolds() {
      const answered = once(child, 'message');
      child.send('holds');
      const [holds] = (await answered) as [LoopHolds];
      return holds;
    },
    post: (path, body) => post(localSocket, path, body),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
