/** The alert list with 1,000 active alerts: over the Unix socket, and through a real nginx. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startNginx } from '../support/nginx.ts';
import type { Memory } from './processor.ts';
import type { Row } from './report.ts';
import type { Asked, Asking } from './request-client.ts';
import { pushAlerts, type Served, startServed } from './served.ts';
import { quantile } from './statistics.ts';

const alerts = 1000;
const connections = 16;
const settings = 'access:\n  requestsPerSecond: 100000\n';
const client = join(import.meta.dirname, 'request-client.ts');
const list = '/api/v1/monitoring/alerts';

interface Requests {
  readonly name: string;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly bytes: number;
  /** Milliseconds of the daemon, all threads, for each request. */
  readonly processor: number;
}

export interface RequestSpeed {
  readonly requests: readonly Requests[];
  readonly memory: Memory;
}

async function measure(
  served: Served,
  name: string,
  asking: Omit<Asking, 'connections' | 'seconds'>,
  seconds: number,
  callers: number,
): Promise<Requests> {
  const child = fork(client, { stdio: 'inherit' });
  const before = served.processorSeconds();
  child.send({ ...asking, connections: callers, seconds } satisfies Asking);
  const [asked] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the client ended'))),
  ])) as [Asked];
  const spent = served.processorSeconds() - before;
  const { took, bytes } = asked;
  return {
    name: `${name}, ${callers} at a time`,
    perSecond: took.length / asked.seconds,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    bytes,
    // Those that warmed up cost as well.
    processor: (spent * 1000) / (took.length * (seconds / asked.seconds)),
  };
}

export async function measureRequests(bundle: string, quick: boolean): Promise<RequestSpeed> {
  const seconds = quick ? 2 : 10;
  const served = await startServed(bundle, settings);
  const titles = Array.from({ length: alerts }, (_, i) => ({ title: `bench-${i}` }));
  for (let i = 0; i < alerts; i += 250) await pushAlerts(served, titles.slice(i, i + 250));
  const token = await served.post('/api/v1/tokens', { name: 'bench', role: 'viewer' });
  const bearer = { authorization: `Bearer ${(token as { readonly secret: string }).secret}` };
  const nginx = await startNginx({ socket: served.apiSocket });
  const local = { socketPath: served.localSocket, headers: { host: 'localhost' } };
  const web = { port: nginx.port, ca: nginx.ca, headers: bearer };
  const requests: Requests[] = [];
  for (const [what, path] of [
    ['a page of 100', list],
    ['all 1,000', `${list}?limit=1000`],
  ] as const)
    for (const callers of [1, connections]) {
      const name = (door: string): string => `${what}, ${door}`;
      const there = { ...local, path };
      requests.push(await measure(served, name('local.sock'), there, seconds, callers));
      const behind = { ...web, path };
      requests.push(await measure(served, name('nginx with TLS'), behind, seconds, callers));
    }
  const memory = served.memory();
  await nginx.end();
  await served.stop();
  return { requests, memory };
}

const ms = (value: number): string => `${value.toFixed(value < 100 ? 2 : 0)} ms`;

export const ofRequests = ({ requests, memory }: RequestSpeed): readonly Row[] => [
  ...requests.map(({ name, perSecond, p50, p99, processor, bytes }) => ({
    what: `requests: ${name} (${Math.round(bytes / 1000)} kB)`,
    value:
      `${Math.round(perSecond).toLocaleString('en')}/s, p50 ${ms(p50)}, p99 ${ms(p99)}, ` +
      `daemon ${ms(processor)} each`,
  })),
  { what: 'requests: RSS afterwards', value: `${memory.rssMb.toFixed(1)} MB` },
];

if (process.argv[1] === import.meta.filename) {
  const bundle = join(import.meta.dirname, '../../dist');
  const result = await measureRequests(bundle, process.argv[2] === 'quick');
  for (const { what, value } of ofRequests(result)) console.log(`${what}: ${value}`);
}
