/**
 * The places where media lie: how full, and which cartridges have their files. Both are asked in
 * child processes with a limit, because a home may be a mount that does not answer.
 */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import { type Ms, minutes, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import { type Look, lookOf, statfsBytesMax, statfsCommand, statfsTimeout } from '../statfs.ts';

/** A full store is told within the minute (rules.md F-09). */
const storeEvery: Ms = seconds(55);
const listEvery: Ms = minutes(15);
const listTimeout: Ms = minutes(1);
/** About 50,000 cartridges of 3 files. */
const listBytesMax = 4 * 1024 * 1024;
/** Homes beyond this are not asked: each costs a child process a minute. */
const homesMax = 16;

const cartridgeFiles = ['data', 'indx', 'meta'] as const;

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
  readonly #stores = new Map<string, { readonly store: Look; readonly askedAt: Ms }>();
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

  store(home: string): Look {
    return this.#stores.get(home)?.store ?? { type: 'unknown', why: `${home}: no answer yet` };
  }

  /** Barcodes whose files are all there. */
  cartridges(home: string): ReadonlySet<string> | Unreadable {
    const store = this.store(home);
    if (store.type === 'missing') return unreadable(`${home} is not there`);
    if (store.type !== 'figures') return unreadable(store.why);
    return this.#lists.get(home)?.cartridges ?? unreadable(`${home} was not listed yet`);
  }

  async #ask(home: string, signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    const before = this.#stores.get(home);
    const object = `media ${home}`;
    if (before === undefined || now - before.askedAt >= storeEvery) {
      const options = { timeout: statfsTimeout, outputBytesMax: statfsBytesMax, signal };
      const outcome = await this.#probes.run(object, statfsCommand(home), options);
      // Our own listing of many files is still at work: that is no sign of trouble.
      const waits = outcome.type === 'busy' && !outcome.stuck;
      const store = waits ? this.store(home) : lookOf(outcome);
      if (!signal.aborted) this.#stores.set(home, { store, askedAt: now });
    }
    const listed = this.#lists.get(home);
    const isDue = listed === undefined || now - listed.askedAt >= listEvery;
    if (!isDue || this.store(home).type !== 'figures' || signal.aborted) return;
    const options = { timeout: listTimeout, outputBytesMax: listBytesMax, signal };
    const outcome = await this.#probes.run(object, listCommand(home), options);
    if (outcome.type === 'busy' || signal.aborted) return;
    this.#lists.set(home, { cartridges: cartridgesOf(home, outcome), askedAt: now });
  }
}
