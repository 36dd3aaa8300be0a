/**
 * One change of an alert to thousands of clients of the stream, one of which never reads; and a
 * hundred changes at once.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clients, Seen, Told } from './broadcast-client.ts';
import type { LoopHolds } from './loop-probe.ts';
import type { Memory } from './processor.ts';
import type { Row } from './report.ts';
import { pushAlerts, type Served, startServed } from './served.ts';
import { type Spread, spreadOf } from './statistics.ts';

const settings = 'stream:\n  clients: 6000\n';
const client = join(import.meta.dirname, 'broadcast-client.ts');
const processes = 2;
const burst = 100;

export interface Broadcast {
  readonly over: Clients['over'];
  readonly clients: number;
  /** Milliseconds from the request that raises the alert, which waits for the disk. */
  readonly toLast: Spread;
  /** From the first client to the last one. */
  readonly firstToLast: Spread;
  /** Milliseconds of the daemon, all threads, for one change. */
  readonly processor: number;
  readonly holds: LoopHolds;
  readonly burst: {
    readonly toLast: number;
    readonly processor: number;
    readonly holds: LoopHolds;
  };
  readonly idle: Memory;
  readonly after: Memory;
}

const monotonicUsec = (): number => Number(process.hrtime.bigint() / 1000n);

/** The clients of several processes as one. */
class Crowd {
  readonly #children: readonly ChildProcess[];

  constructor() {
    this.#children = Array.from({ length: processes }, () => fork(client, { stdio: 'inherit' }));
  }

  async connect(asked: Omit<Clients, 'type'>): Promise<void> {
    const count = asked.count / processes;
    await this.#tellAll({ ...asked, type: 'connect', count });
  }

  /** Resolves when all look for it; then `seen` when all have it. */
  async look(mark: string): Promise<{ readonly seen: Promise<Seen> }> {
    await this.#tellAll({ type: 'mark', mark });
    return { seen: this.#next() };
  }

  stop(): void {
    for (const child of this.#children) child.disconnect();
  }

  async #tellAll(told: Told): Promise<void> {
    const answered = this.#next();
    for (const child of this.#children) child.send(told);
    await answered;
  }

  /** One message of each. */
  async #next(): Promise<Seen> {
    const all = await Promise.all(
      this.#children.map(async (child) => (await once(child, 'message'))[0] as Seen),
    );
    return {
      firstUsec: Math.min(...all.map(({ firstUsec }) => firstUsec)),
      lastUsec: Math.max(...all.map(({ lastUsec }) => lastUsec)),
    };
  }
}

/** Its socket is full after a few hundred kilobytes, and stays so. */
async function openDeaf(socketPath: string): Promise<Socket> {
  const socket = connect(socketPath);
  socket.pause();
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET /api/v1/monitoring/events HTTP/1.1\r\nHost: x\r\n');
  socket.write('Accept: text/event-stream\r\n\r\n');
  return socket;
}

interface Pass {
  readonly toLast: number;
  readonly firstToLast: number;
}

async function pass(served: Served, crowd: Crowd, name: string, alerts: number): Promise<Pass> {
  const titles = Array.from({ length: alerts }, (_, i) => ({ title: `${name}-${i}.` }));
  const { seen } = await crowd.look(titles.at(-1)?.title ?? '');
  const began = monotonicUsec();
  await pushAlerts(served, titles);
  const { firstUsec, lastUsec } = await seen;
  return { toLast: (lastUsec - began) / 1000, firstToLast: (lastUsec - firstUsec) / 1000 };
}

async function measureBurst(served: Served, crowd: Crowd): Promise<Broadcast['burst']> {
  await served.loopHolds();
  const before = served.processorSeconds();
  const { toLast } = await pass(served, crowd, 'burst', burst);
  const processor = (served.processorSeconds() - before) * 1000;
  return { toLast, processor, holds: await served.loopHolds() };
}

async function measureOne(
  bundle: string,
  over: Clients['over'],
  clients: number,
  rounds: number,
): Promise<Broadcast> {
  const served = await startServed(bundle, settings);
  const deaf = await openDeaf(served.localSocket);
  const long = 'x'.repeat(3000);
  const flood = Array.from({ length: 250 }, (_, i) => ({ title: `flood-${i}`, message: long }));
  await pushAlerts(served, flood);
  const crowd = new Crowd();
  await crowd.connect({ socketPath: served.localSocket, count: clients, over });
  for (let i = 0; i < 3; i++) await pass(served, crowd, `warm-${i}`, 1);
  const idle = served.memory();
  await served.loopHolds();
  const before = served.processorSeconds();
  const passes: Pass[] = [];
  for (let i = 0; i < rounds; i++) passes.push(await pass(served, crowd, `round-${i}`, 1));
  const processor = ((served.processorSeconds() - before) * 1000) / rounds;
  const holds = await served.loopHolds();
  const many = await measureBurst(served, crowd);
  const after = served.memory();
  deaf.destroy();
  crowd.stop();
  await served.stop();
  return {
    over,
    clients,
    toLast: spreadOf(passes.map(({ toLast }) => toLast)),
    firstToLast: spreadOf(passes.map(({ firstToLast }) => firstToLast)),
    processor,
    holds,
    burst: many,
    idle,
    after,
  };
}

export async function measureBroadcasts(
  bundle: string,
  quick: boolean,
): Promise<readonly Broadcast[]> {
  const results: Broadcast[] = [];
  const rounds = quick ? 5 : 30;
  for (const clients of quick ? [200] : [1000, 5000])
    for (const over of ['WebSocket', 'events'] as const)
      results.push(await measureOne(bundle, over, clients, rounds));
  return results;
}

const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const hold = ({ longest, processor }: LoopHolds): string =>
  `${ms(longest)}, of it processor ${ms(processor)}`;
const spread = ({ median, p95, max }: Spread): string =>
  `median ${ms(median)}, p95 ${ms(p95)}, max ${ms(max)}`;

export const ofBroadcasts = (all: readonly Broadcast[]): readonly Row[] =>
  all.flatMap(({ over, clients, ...one }) => {
    const what = `broadcast to ${clients} over ${over}`;
    const { toLast, processor, holds } = one.burst;
    return [
      { what: `${what}: request to last client`, value: spread(one.toLast) },
      { what: `${what}: first to last client`, value: spread(one.firstToLast) },
      { what: `${what}: processor of one change`, value: ms(one.processor) },
      { what: `${what}: longest hold of the loop`, value: hold(one.holds) },
      {
        what: `${what}: ${burst} changes at once`,
        value: `${ms(toLast)}, processor ${ms(processor)}, longest hold ${hold(holds)}`,
      },
      {
        what: `${what}: RSS before, after, most`,
        value: [one.idle.rssMb, one.after.rssMb, one.after.peakMb]
          .map((mb) => `${mb.toFixed(0)} MB`)
          .join(', '),
      },
    ];
  });

if (process.argv[1] === import.meta.filename) {
  const bundle = join(import.meta.dirname, '../../dist');
  const result = await measureBroadcasts(bundle, process.argv[2] === 'quick');
  for (const { what, value } of ofBroadcasts(result)) console.log(`${what}: ${value}`);
}
