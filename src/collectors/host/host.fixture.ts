/** For tests of the host collector: a captured machine, its watcher, and its kernel log. */
import { join } from 'node:path';
import { type Capture, capturedFiles, readCapture } from '../../../test/support/captures.ts';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import type { Event, Reading, ResourceReading } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Command, CommandOutcome, FollowedCommand } from '../../platform/command.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import type { BusAnswer, SystemBus } from '../../platform/system-bus.ts';
import type { RunningCollector, Watcher } from '../collector.ts';
import { host } from './collector.ts';

export const machine: Capture = readCapture(
  join(import.meta.dirname, 'fixtures'),
  'virtual-machine',
);
export const bootId = '26f61016b5d54028a839cf4eae20bfaf';
/** btime of the captured machine. */
export const bootedAt: EpochMs = 1_795_342_452_000;

/** A source of lines that a test feeds; each run of the command is one of these. */
export class Followed implements FollowedCommand {
  readonly argv: readonly string[];
  readonly ended: FollowedCommand['ended'];
  readonly lines: AsyncIterable<string>;
  isStopped = false;
  readonly #end: (outcome: Awaited<FollowedCommand['ended']>) => void;
  readonly #waiting: string[] = [];
  #isOver = false;
  #wake = (): void => {};

  constructor(argv: readonly string[]) {
    this.argv = argv;
    const { promise, resolve } = Promise.withResolvers<Awaited<FollowedCommand['ended']>>();
    this.ended = promise;
    this.#end = resolve;
    this.lines = this.#read();
  }

  say(...lines: readonly string[]): void {
    this.#waiting.push(...lines);
    this.#wake();
  }

  end(exitStatus: number | null, stderr = ''): void {
    this.#isOver = true;
    this.#end({ exitStatus, stderr });
    this.#wake();
  }

  stop(): void {
    this.isStopped = true;
    this.end(null);
  }

  async *#read(): AsyncGenerator<string> {
    while (!this.#isOver || this.#waiting.length > 0) {
      const line = this.#waiting.shift();
      if (line !== undefined) yield line;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** Answers of timedated; `undefined` is a bus that is not there. */
const busOf = (house: House): SystemBus => ({
  connect: () => {
    house.asked += 1;
    const { synchronized } = house;
    if (house.hangs) return new Promise(() => {});
    if (synchronized === undefined)
      return Promise.resolve({ type: 'refused', why: 'no bus' } as const);
    const connection = {
      call: () => Promise.resolve(synchronized),
      addMatch: () => Promise.resolve({ type: 'returned', body: [] } as const),
      lost: new Promise<string>(() => {}),
      close: () => {},
    };
    return Promise.resolve({ type: 'connected', connection } as const);
  },
});

/** One start of the collector on a machine; `cursors` are kept over restarts as the store does. */
export class House implements Watcher {
  readonly clock: FakeClock;
  readonly resources: ResourceReading[] = [];
  readonly events: Event[] = [];
  readonly eyes: string[] = [];
  readonly looks: string[] = [];
  readonly runs: Followed[] = [];
  readonly lastSeenAt: EpochMs | undefined;
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  readonly cursors: Map<string, string>;
  readonly stored: Set<string>;
  capture: Capture;
  synchronized: BusAnswer | undefined = { type: 'returned', body: [true] };
  asked = 0;
  hangs = false;
  sensors: ProbeOutcome = { type: 'missing', why: 'no grep' };
  readonly asks: (readonly string[])[] = [];
  journal: CommandOutcome = { type: 'missing', why: 'no journalctl' };
  running: RunningCollector | undefined;
  watching: Promise<void> | undefined;
  /** Why the kernel log cannot be opened. */
  refuses: string | undefined;
  saves = 0;

  constructor(before?: House, capture: Capture = machine) {
    this.clock = before?.clock ?? new FakeClock(bootedAt + 3_600_000);
    this.cursors = before?.cursors ?? new Map();
    this.stored = before?.stored ?? new Set();
    this.lastSeenAt = before === undefined ? undefined : before.clock.now();
    this.capture = capture;
  }

  tell(reading: Reading): void {
    if (reading.type !== 'partial') return;
    this.resources.push(...reading.resources);
    this.events.push(...reading.events);
    for (const { key } of reading.events) this.stored.add(key);
  }
  lookAgain(why: string): void {
    this.looks.push(why);
  }
  blind(): void {}
  seeing(): void {}
  blindPart(part: string, why: string | null): void {
    this.eyes.push(`${part}: ${why ?? 'seeing'}`);
  }
  recovered(): void {}
  saveCursor(name: string, value: string): void {
    this.saves += 1;
    this.cursors.set(name, value);
  }
  cursor(name: string): string | undefined {
    return this.cursors.get(name);
  }
  wasStored({ key }: Event): boolean {
    return this.stored.has(key);
  }

  async start(dev = '/dev'): Promise<this> {
    const command: Command = {
      run: () => Promise.resolve(this.journal),
      follow: (argv) => {
        const followed = new Followed(argv);
        this.runs.push(followed);
        if (argv[0] === 'cat' && this.refuses !== undefined) followed.end(1, this.refuses);
        return followed;
      },
    };
    const files = capturedFiles(this.capture);
    // What a test changes later is seen by the next read.
    const live = new Proxy(files, {
      get: (_files, name) => Reflect.get(capturedFiles(this.capture), name) as unknown,
    });
    const roots = { sysfs: '/sys', proc: '/proc', dev, etc: '/etc' };
    const probes: Probes = {
      run: (_object, argv) => {
        this.asks.push(argv);
        return Promise.resolve(this.sensors);
      },
      stuck: () => [],
    };
    const systemBus = busOf(this);
    const ports = { clock: this.clock, files: live, command, systemBus, roots, probes };
    this.running = host.start(ports, {});
    this.watching = this.running.watch?.(this);
    await settled();
    return this;
  }

  async look(): Promise<readonly ResourceReading[]> {
    const reading = await this.running?.collect(this.signal);
    if (reading?.type !== 'complete') return [];
    this.events.push(...reading.events);
    return reading.resources;
  }

  /** The attributes of one resource of the next look. */
  async attributes(kind: string, id: string): Promise<ResourceReading['attributes']> {
    const found = (await this.look()).find((one) => one.kind === kind && one.id === id);
    return found?.attributes ?? {};
  }

  /** The source that is followed now. */
  get source(): Followed | undefined {
    return this.runs.at(-1);
  }

  async say(...lines: readonly string[]): Promise<void> {
    this.source?.say(...lines);
    await settled();
  }

  /** `FAULT ID (DEVICE) FOUND-BY` of each event. */
  faults(): string[] {
    return this.events
      .filter(({ event }) => event === 'kernel-fault')
      .map(({ id, foundBy }) => `${id} ${foundBy}`);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.watching;
  }

  /** SIGKILL: nothing is said and nothing stored at the end. */
  async kill(): Promise<void> {
    const kept = new Map(this.cursors);
    await this.stop();
    this.cursors.clear();
    for (const [name, value] of kept) this.cursors.set(name, value);
  }
}

/** A line of /dev/kmsg from the kernel itself, `after` seconds after the boot. */
export const kmsg = (seq: number, after: number, text: string, priority = 3): string =>
  `${priority},${seq},${after * 1_000_000},-;${text}`;
