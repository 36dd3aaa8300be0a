/** The whole daemon as a process of its own, in folders of its own, and a client that asks it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gather, type Json, type Listener, takeEvents } from './gathering.ts';
import { contractAt, type FetchDocument, holdContract } from './served-contract.ts';

const project = join(import.meta.dirname, '../..');

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json;
}

const text = async (stream: IncomingMessage): Promise<string> => {
  let all = '';
  for await (const chunk of stream.setEncoding('utf8')) all += chunk;
  return all;
};

/** One request over a Unix socket: the answer as it came. */
async function send(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
) {
  const headers = body === undefined ? more : { 'content-type': 'application/json', ...more };
  const sent = request({ socketPath, method, path, headers, agent: false });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const said = await text(response);
  return { method, path, status: response.statusCode ?? 0, headers: response.headers, body: said };
}

const fetchFrom =
  (socketPath: string): FetchDocument =>
  async (path) => {
    try {
      const { status, body } = await send(socketPath, 'GET', path);
      return status === 200 ? body : undefined;
    } catch {
      return undefined;
    }
  };

/** One request over a Unix socket; the answer is as the daemon's own documents say. */
export async function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answered = await send(socketPath, method, path, body, more);
  await holdContract(socketPath, fetchFrom(socketPath), (contract) => contract.check(answered));
  const { status, headers, body: said } = answered;
  const isJson = /json/.test(headers['content-type'] ?? '');
  return { status, headers, body: isJson ? JSON.parse(said) : said };
}

/** Listens to the stream as server-sent events. */
export async function listenTo(socketPath: string, query = ''): Promise<Listener> {
  const path = `/api/v1/monitoring/events${query}`;
  const contract = await contractAt(socketPath, fetchFrom(socketPath));
  const sent = request({
    socketPath,
    path,
    headers: { accept: 'text/event-stream' },
    agent: false,
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { listener, take, end } = gather(() => response.destroy());
  takeEvents(response, (data) => {
    contract?.checkMessage(data);
    take(data);
  });
  response.on('close', end);
  return listener;
}

export interface TestDaemon {
  readonly pid: number;
  readonly socket: string;
  readonly stateDir: string;
  readonly rulesDir: string;
  readonly configFile: string;
  /** All that it has printed, on both outputs. */
  log(): string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  stream(query?: string): Promise<Listener>;
  /** Resolves when the log holds it. */
  logged(pattern: RegExp): Promise<void>;
  /** Sends the signal and resolves with exit status or signal. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
  /** Resolves with exit status or signal when it has ended, by itself too. */
  readonly exited: Promise<number | string>;
  /** A new process on the same folders. */
  again(): Promise<TestDaemon>;
}

type Roots = Readonly<Partial<Record<'sysfs' | 'proc' | 'dev' | 'etc', string>>>;

export interface DaemonOptions {
  /** Default: an address where no bus is. */
  readonly busAddress?: string;
  readonly settings?: string;
  /** More rule files, by name. */
  readonly rules?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  /** Trees in place of the machine's own; left out: a machine of which nothing is to be seen. */
  readonly roots?: Roots;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a folder of its own. */
  readonly stateDir?: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The shipped rules, as the package lays them out. */
export function layOutRules(target: string): void {
  mkdirSync(target, { recursive: true });
  const source = join(project, 'src/collectors');
  for (const { name } of readdirSync(source, { withFileTypes: true })) {
    const rules = join(source, name, 'rules.yaml');
    if (existsSync(rules)) cpSync(rules, join(target, `${name}.yaml`));
  }
}

/** The shipped rules of a collector, whose alerts fire at once in place of after minutes. */
export const hastenedRules = (collector: string): string =>
  readFileSync(join(project, 'src/collectors', collector, 'rules.yaml'), 'utf8').replaceAll(
    /\bfor: \d+[smhd]/g,
    'for: 200ms',
  );

/** What this machine's kernel says, and how full its disks are, is no business of a test. */
function quietMachine(folder: string): Roots {
  const at = (path: string): string => join(folder, path);
  for (const path of ['sys', 'proc/self', 'dev', 'etc']) mkdirSync(at(path), { recursive: true });
  writeFileSync(at('dev/kmsg'), '');
  writeFileSync(at('proc/self/mountinfo'), '');
  return { sysfs: at('sys'), proc: at('proc'), dev: at('dev'), etc: at('etc') };
}

async function launch(folder: string, options: DaemonOptions): Promise<TestDaemon> {
  const stateDir = options.stateDir ?? join(folder, 'state');
  const rulesDir = join(folder, 'etc/rules.d');
  const configFile = join(folder, 'etc/tocsin.yaml');
  const socket = join(folder, 'run/local.sock');
  const argv = ['--state-dir', stateDir, '--runtime-dir', join(folder, 'run')];
  argv.push('--rules-dir', `${join(folder, 'usr/rules.d')}:${rulesDir}`, '--config', configFile);
  argv.push('--system-bus', options.busAddress ?? `unix:path=${folder}/no-bus`);
  const roots = options.roots ?? quietMachine(join(folder, 'machine'));
  for (const [name, root] of Object.entries(roots)) argv.push(`--${name}-root`, root);
  const child = spawn(
    process.execPath,
    [join(project, 'src/main.ts'), ...argv, ...(options.argv ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.environment } },
  );
  running.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | string;
  });
  let log = '';
  let watchers: { pattern: RegExp; resolve: () => void }[] = [];
  const hear = (chunk: string): void => {
    if (process.env.TEST_LOG) process.stderr.write(chunk);
    log += chunk;
    const met = watchers.filter(({ pattern }) => pattern.test(log));
    watchers = watchers.filter((one) => !met.includes(one));
    for (const one of met) one.resolve();
  };
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', hear);
  const logged = (pattern: RegExp): Promise<void> =>
    pattern.test(log)
      ? Promise.resolve()
      : new Promise((resolve) => watchers.push({ pattern, resolve }));
  const early = await Promise.race([logged(/notice: ready/).then(() => undefined), ended]);
  if (early !== undefined) throw new Error(`the daemon ended with ${early}:\n${log}`);
  return {
    pid: child.pid ?? 0,
    socket,
    stateDir,
    rulesDir,
    configFile,
    log: () => log,
    get: (path) => ask(socket, 'GET', path),
    post: (path, body, headers) => ask(socket, 'POST', path, body, headers),
    stream: (query) => listenTo(socket, query),
    logged,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    exited: ended,
    again: () => launch(folder, options),
  };
}

/** Starts the daemon and waits until it is ready. Its folder goes with this process. */
export async function startDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-daemon-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  layOutRules(join(folder, 'usr/rules.d'));
  mkdirSync(join(folder, 'etc/rules.d'), { recursive: true });
  if (options.settings !== undefined)
    writeFileSync(join(folder, 'etc/tocsin.yaml'), options.settings);
  for (const [name, rules] of Object.entries(options.rules ?? {}))
    writeFileSync(join(folder, 'etc/rules.d', name), rules);
  return launch(folder, options);
}
