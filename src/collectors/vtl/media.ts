/**
 * The places where media lie: how full, and which cartridges have their files. Both are asked in
 * child processes with a limit, because a home may be a mount that does not answer.
 */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import { type Ms, minutes, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';

export interface Usage {
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly usedRatio: number;
  /** null for file systems that make inodes as they need them (btrfs, xfs with dynamic ones). */
  readonly inodesUsedRatio: number | null;
}

export type Store =
  | { readonly type: 'known'; readonly usage: Usage }
  | { readonly type: 'missing' }
  /** It does not answer. */
  | { readonly type: 'hung'; readonly why: string }
  | { readonly type: 'unknown'; readonly why: string };

/** A full store is told within the minute (rules.md F-09). */
const storeEvery: Ms = seconds(55);
const storeTimeout: Ms = seconds(10);
const listEvery: Ms = minutes(15);
const listTimeout: Ms = minutes(1);
/** About 50,000 cartridges of 3 files. */
const listBytesMax = 4 * 1024 * 1024;
/** Homes beyond this are not asked: each costs a child process a minute. */
const homesMax = 16;

const cartridgeFiles = ['data', 'indx', 'meta'] as const;

/** `stat -f` with blocks, free, available, block size, inodes, free inodes. */
const storeCommand = (home: string) => ['stat', '-f', '-c', '%b %f %a %S %c %d', home] as const;
const anyOfThem = cartridgeFiles.flatMap((name) => ['-o', '-name', name]).slice(1);
/** `find` for the files of cartridges, one folder deep, as `BARCODE/data`. */
const listCommand = (home: string) =>
  [
    'find',
    home,
    '-mindepth',
    '2',
    '-maxdepth',
    '2',
    '(',
    ...anyOfThem,
    ')',
    '-printf',
    '%P\\n',
  ] as const;

/** What `stat -f` printed as figures; undefined when it is something else. */
export function parseUsage(text: string): Usage | undefined {
  const numbers = text.trim().split(' ').map(Number);
  if (numbers.length !== 6 || numbers.some((n) => !Number.isFinite(n) || n < 0)) return undefined;
  const [blocks = 0, free = 0, available = 0, size = 0, inodes = 0, freeInodes = 0] = numbers;
  const used = Math.max(0, blocks - free);
  if (used + available === 0) return undefined;
  return {
    sizeBytes: blocks * size,
    usedBytes: used * size,
    availableBytes: available * size,
    usedRatio: used / (used + available),
    inodesUsedRatio: inodes === 0 ? null : (inodes - freeInodes) / inodes,
  };
}

/** Barcodes that have all their files, from lines such as `E01001L8/data`. */
export function parseCartridges(text: string): Set<string> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const slash = line.indexOf('/');
    if (slash > 0) counts.set(line.slice(0, slash), (counts.get(line.slice(0, slash)) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, n]) => n === cartridgeFiles.length).map(([name]) => name));
}

const saidBy = (stderr: string, exitStatus: number | null): string =>
  stderr.trim().split('\n')[0]?.slice(0, 200) || `exit status ${exitStatus}`;

function storeOf(outcome: ProbeOutcome): Store {
  if (outcome.type === 'missing') return { type: 'unknown', why: outcome.why };
  if (outcome.type !== 'ended') return { type: 'hung', why: 'no answer within 10 seconds' };
  const { exitStatus, stderr, stdout } = outcome;
  if (exitStatus !== 0 && /No such file|Not a directory/.test(stderr)) return { type: 'missing' };
  const usage = exitStatus === 0 ? parseUsage(stdout) : undefined;
  if (usage === undefined) return { type: 'unknown', why: saidBy(stderr, exitStatus) };
  return { type: 'known', usage };
}

function cartridgesOf(home: string, outcome: ProbeOutcome): Set<string> | Unreadable {
  if (outcome.type !== 'ended') return unreadable(`${home} cannot be listed (${outcome.type})`);
  const { exitStatus, stderr, stdout, truncated } = outcome;
  if (exitStatus !== 0) return unreadable(`${home}: ${saidBy(stderr, exitStatus)}`);
  if (truncated) return unreadable(`${home} has more files than are listed`);
  return parseCartridges(stdout);
}

export class MediaEye {
  readonly #probes: Probes;
  readonly #clock: Clock;
  readonly #stores = new Map<string, { readonly store: Store; readonly askedAt: Ms }>();
  readonly #lists = new Map<string, { cartridges: Set<string> | Unreadable; askedAt: Ms }>();

  constructor(probes: Probes, clock: Clock) {
    this.#probes = probes;
    this.#clock = clock;
  }

  /** Asks anew what is due, all homes at once. Does not reject. */
  async refresh(homes: readonly string[], signal: AbortSignal): Promise<void> {
    for (const home of [...this.#stores.keys()].filter((one) => !homes.includes(one))) {
      this.#stores.delete(home);
      this.#lists.delete(home);
    }
    await Promise.all(homes.slice(0, homesMax).map((home) => this.#ask(home, signal)));
  }

  store(home: string): Store {
    return this.#stores.get(home)?.store ?? { type: 'unknown', why: `${home}: no answer yet` };
  }

  /** Barcodes whose files are all there. */
  cartridges(home: string): ReadonlySet<string> | Unreadable {
    const store = this.store(home);
    if (store.type === 'missing') return unreadable(`${home} is not there`);
    if (store.type !== 'known') return unreadable(store.why);
    return this.#lists.get(home)?.cartridges ?? unreadable(`${home} was not listed yet`);
  }

  async #ask(home: string, signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    const before = this.#stores.get(home);
    const object = `media ${home}`;
    if (before === undefined || now - before.askedAt >= storeEvery) {
      const options = { timeout: storeTimeout, signal };
      const outcome = await this.#probes.run(object, storeCommand(home), options);
      // Our own listing of many files is still at work: that is no sign of trouble.
      const waits = outcome.type === 'busy' && !outcome.stuck;
      const store = waits ? this.store(home) : storeOf(outcome);
      if (!signal.aborted) this.#stores.set(home, { store, askedAt: now });
    }
    const listed = this.#lists.get(home);
    const isDue = listed === undefined || now - listed.askedAt >= listEvery;
    if (!isDue || this.store(home).type !== 'known' || signal.aborted) return;
    const options = { timeout: listTimeout, outputBytesMax: listBytesMax, signal };
    const outcome = await this.#probes.run(object, listCommand(home), options);
    if (outcome.type === 'busy' || signal.aborted) return;
    this.#lists.set(home, { cartridges: cartridgesOf(home, outcome), askedAt: now });
  }
}
