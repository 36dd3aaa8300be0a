/** Reads kept segments back as inputs, in order; what no rule looks at is passed over unread. */
import { complete, partial, type Reading } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import { parseExactly } from '../format.ts';
import type { Input } from '../input.ts';
import { type Frame, readFrames } from './frame.ts';
import {
  type FactsLine,
  type HouseLine,
  type KeptResource,
  NumberCode,
  type NumbersLine,
  type SnapshotHead,
  type SnapshotLine,
} from './line.ts';

export interface KeptWish {
  readonly kinds: ReadonlySet<string>;
  /** The numbers that are wanted of a kind; undefined: all of them. */
  readonly numbers: (kind: string) => ReadonlySet<string> | undefined;
}

export type Kept =
  | { readonly type: 'input'; readonly at: EpochMs; readonly input: Input }
  /** Nothing was kept from `from` to `to`; everything is in doubt meanwhile. */
  | { readonly type: 'gap'; readonly from: EpochMs; readonly to: EpochMs }
  /** So far everything has been told. */
  | { readonly type: 'reached'; readonly at: EpochMs };

interface Told {
  readonly n: number;
  readonly at: EpochMs;
  readonly input: Input;
}

const linesOf = (frame: Frame): readonly unknown[] =>
  frame
    .text()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseExactly(line));

const resourcesOf = (kind: string, rows: readonly KeptResource[]) =>
  rows.map(([id, attributes, since]) =>
    since === undefined ? { kind, id, attributes } : { kind, id, attributes, at: since },
  );

function houseInput({ stale, fresh, absent, clock, why = '' }: HouseLine): Input | undefined {
  if (stale !== undefined) return { type: 'stale', collector: stale, why };
  if (fresh !== undefined) return { type: 'fresh', collector: fresh };
  if (absent !== undefined)
    return { type: 'reading', collector: absent, reading: { type: 'absent', why } };
  return clock === undefined ? undefined : { type: 'clock', delta: clock };
}

const readingInput = (collector: string, reading: Reading): Input => ({
  type: 'reading',
  collector,
  reading,
});

function factsInput(kind: string, { c, r = [], g = [], e = [] }: FactsLine): Input {
  const gone = g.map((id) => ({ kind, id }));
  return readingInput(c, partial(resourcesOf(kind, r), { gone, events: e }));
}

/** The inputs of one segment; it knows what the numbers of its kinds were. */
class Segment {
  readonly #wish: KeptWish;
  readonly #codes = new Map<string, NumberCode>();

  constructor(wish: KeptWish) {
    this.#wish = wish;
  }

  *tell(frame: Frame): Generator<Told> {
    const { kind, type } = frame;
    if (kind !== '' && !this.#wish.kinds.has(kind)) return;
    if (type === 'N') yield* this.#numbers(frame);
    else if (kind === '') {
      for (const line of linesOf(frame) as readonly HouseLine[]) {
        const input = houseInput(line);
        if (input !== undefined) yield { n: line.n, at: line.at, input };
      }
    } else {
      for (const line of linesOf(frame) as readonly FactsLine[])
        yield { n: line.n, at: line.at, input: factsInput(kind, line) };
    }
  }

  *#numbers(frame: Frame): Generator<Told> {
    const { kind } = frame;
    const wanted = this.#wish.numbers(kind);
    if (wanted?.size === 0) return;
    const code = this.#codes.get(kind) ?? new NumberCode();
    this.#codes.set(kind, code);
    for (const line of linesOf(frame) as readonly NumbersLine[]) {
      const rows = code.decode(line, wanted);
      if (rows.size === 0) continue;
      const resources = Array.from(rows, ([id, attributes]) => ({ kind, id, attributes }));
      yield { n: line.n, at: line.at, input: readingInput(line.c, partial(resources)) };
    }
  }
}

/** All there was at the begin of a segment, as whole readings of the collectors. */
function* snapshotInputs(frame: Frame, { kinds }: KeptWish): Generator<Input> {
  const [, ...lines] = linesOf(frame) as [SnapshotHead, ...SnapshotLine[]];
  const wanted = lines.filter(({ k }) => kinds.has(k));
  for (const [collector, own] of Map.groupBy(wanted, ({ c }) => c)) {
    yield readingInput(collector, complete(own.flatMap(({ k, r }) => resourcesOf(k, r))));
    if (own.some(({ stale }) => stale)) yield { type: 'stale', collector, why: 'it was already' };
  }
}

const headOf = (frame: Frame): SnapshotHead =>
  JSON.parse(frame.text().split('\n', 1)[0] ?? '{}') as SnapshotHead;

/** Frames that were written at once, in the order of their lines. */
function* inOrder(told: Told[]): Generator<Kept> {
  told.sort((a, b) => a.n - b.n);
  for (const { at, input } of told) yield { type: 'input', at, input };
  const last = told.at(-1);
  if (last !== undefined) yield { type: 'reached', at: last.at };
}

/** `segments`: their bytes, oldest first; each is asked for when it is its turn. */
export function* readKept(
  segments: Iterable<() => Buffer>,
  wish: KeptWish,
): Generator<Kept, undefined> {
  let reached: EpochMs | undefined;
  const collectors = new Set<string>();
  for (const read of segments) {
    const segment = new Segment(wish);
    let together: Told[] = [];
    let group: EpochMs | undefined;
    for (const frame of readFrames(read())) {
      if (frame.type === 'S') {
        const { at, continues } = headOf(frame);
        if (reached !== undefined && continues) continue;
        if (reached !== undefined) {
          for (const collector of collectors)
            yield {
              type: 'input',
              at: reached,
              input: { type: 'stale', collector, why: 'not kept' },
            };
          yield { type: 'gap', from: reached, to: at };
        }
        for (const input of snapshotInputs(frame, wish)) {
          if ('collector' in input) collectors.add(input.collector);
          yield { type: 'input', at, input };
        }
        yield { type: 'reached', at };
        reached = at;
        continue;
      }
      if (group !== undefined && frame.to !== group) {
        yield* inOrder(together);
        together = [];
      }
      group = frame.to;
      for (const one of segment.tell(frame)) {
        if ('collector' in one.input) collectors.add(one.input.collector);
        together.push(one);
      }
      reached = frame.to;
    }
    yield* inOrder(together);
    if (reached !== undefined) yield { type: 'reached', at: reached };
  }
  return undefined;
}
