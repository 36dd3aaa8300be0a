/** Tries inputs on surfaces and measures: what broke, the slowest one, and what memory is left. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { Probe, Surface } from './surface.ts';

/** Of processor time: an input that takes more keeps everybody else waiting. */
const hangMsMax = 200;
/** Inputs between two openings, and of one seed. */
const batch = 500;
/** Different faults of one surface; then one has to mend first. */
const faultsMax = 5;

export interface Fault {
  readonly what: string;
  /** With which the same inputs come again. */
  readonly seed: number;
  readonly input: string;
}

export interface Verdict {
  readonly surface: string;
  readonly inputs: number;
  readonly faults: readonly Fault[];
  readonly slowestMs: number;
  readonly slowest: string;
  /** After a collection of garbage, when the surface was warm and at the end. */
  readonly heapBytes: readonly [begin: number, end: number];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function heapBytes(): Promise<number> {
  // What waits in queues of the loop is no leak.
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const show = (input: unknown): string => {
  const text = typeof input === 'string' ? JSON.stringify(input) : fc.stringify(input);
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text;
};

const messageOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** What makes two faults the same one: their text without its numbers, and where it came from. */
const kindOf = (error: unknown): string =>
  messageOf(error).split('\n').slice(0, 3).join('\n').replaceAll(/\d+/g, 'N').slice(0, 400);

/** The smallest input of the same seed that breaks too. */
async function shrink(surface: Surface, seed: number, found: unknown): Promise<string> {
  const probe = await surface.open();
  try {
    const property = fc.asyncProperty(surface.inputs, async (input) => {
      await probe.try(input);
    });
    const { counterexample } = await fc.check(property, {
      seed,
      numRuns: batch,
      interruptAfterTimeLimit: 5000,
    });
    return show(counterexample?.[0] ?? found);
  } finally {
    await probe.close();
  }
}

class Measure {
  readonly faults: Fault[] = [];
  readonly #kinds = new Set<string>();
  slowestMs = 0;
  slowest = '';
  tried = 0;

  async try(surface: Surface, probe: Probe<unknown>, input: unknown, seed: number): Promise<void> {
    const before = process.cpuUsage();
    this.tried += 1;
    try {
      await probe.try(input);
    } catch (error) {
      await this.#note(surface, error, input, seed);
      return;
    }
    const { user, system } = process.cpuUsage(before);
    const spentMs = (user + system) / 1000;
    if (spentMs <= this.slowestMs) return;
    this.slowestMs = spentMs;
    this.slowest = show(input);
    if (spentMs <= hangMsMax) return;
    // A collection of garbage or a compiler may have come between: only what is slow again is slow.
    const again = process.cpuUsage();
    await probe.try(input);
    const { user: second, system: kernel } = process.cpuUsage(again);
    this.slowestMs = Math.min(spentMs, (second + kernel) / 1000);
    if (this.slowestMs <= hangMsMax) return;
    await this.#note(surface, new Error(`it takes ${Math.round(this.slowestMs)} ms`), input, seed);
  }

  async #note(surface: Surface, error: unknown, input: unknown, seed: number): Promise<void> {
    const kind = kindOf(error);
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    // Slowness does not break the property that shrinks: it is shown as it was found.
    const isSlow = messageOf(error).startsWith('Error: it takes');
    const smallest = isSlow ? show(input) : await shrink(surface, seed, input);
    this.faults.push({ what: messageOf(error), seed, input: smallest });
  }
}

export async function tryOut(surface: Surface, seed: number, count: number): Promise<Verdict> {
  const total = Math.max(1, Math.floor(count / (surface.oneOf ?? 1)));
  const measure = new Measure();
  const strays: unknown[] = [];
  const stray = (error: unknown): void => void strays.push(error);
  process.on('uncaughtException', stray).on('unhandledRejection', stray);
  let begin = 0;
  // Lists and caches with a limit fill in the first part.
  const warm = Math.min(total, Math.max(batch, Math.floor(total / 5)));
  for (let done = 0; done < total && measure.faults.length < faultsMax; done += batch) {
    const own = seed + done;
    const probe = await surface.open();
    for (const input of fc.sample(surface.inputs, {
      seed: own,
      numRuns: Math.min(batch, total - done),
    })) {
      await measure.try(surface, probe, input, own);
    }
    await probe.close();
    if (begin === 0 && done + batch >= warm) begin = await heapBytes();
  }
  const end = await heapBytes();
  process.off('uncaughtException', stray).off('unhandledRejection', stray);
  const faults = [
    ...measure.faults,
    ...strays.slice(0, 3).map((error) => ({
      what: `nobody caught: ${messageOf(error)}`,
      seed,
      input: '',
    })),
  ];
  const { tried, slowestMs, slowest } = measure;
  return {
    surface: surface.name,
    inputs: tried,
    faults,
    slowestMs,
    slowest,
    heapBytes: [begin, end],
  };
}

/** Growth of less is what compilers and caches keep. */
const growthBytesMax = 12 * 1024 * 1024;
export const grew = ({ heapBytes: [begin, end] }: Verdict): boolean => end - begin > growthBytesMax;

const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);

export function render(verdict: Verdict): string {
  const { surface, inputs, faults, slowestMs, heapBytes: heap } = verdict;
  const counts = `${inputs} inputs, ${faults.length} faults`;
  const memory = `heap ${mebibytes(heap[0])} -> ${mebibytes(heap[1])} MiB`;
  const details = faults.map(
    ({ what, seed, input }) =>
      `\n  seed ${seed}: ${what.split('\n').slice(0, 6).join('\n  ')}\n  input: ${input}`,
  );
  const slow = slowestMs > hangMsMax / 2 ? `\n  slowest: ${verdict.slowest}` : '';
  return (
    `${surface.padEnd(14)} ${counts}, slowest ${slowestMs.toFixed(0)} ms, ${memory}` +
    `${grew(verdict) ? ' GREW' : ''}${slow}${details.join('')}`
  );
}
