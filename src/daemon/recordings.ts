/**
 * Recordings: `tocsin record` reads what passes through the pipeline, piece by piece. What it does
 * not fetch in time, or beyond a bound, ends the recording; nobody else is held up.
 */
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import { ulidOf } from '../domain/ulid.ts';
import type { RecordingDesk, RecordingPiece, RecordingState } from '../operations/house-records.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import { type Line, renderLine } from '../recording/format.ts';
import type { Tap } from '../recording/input.ts';
import { beginRecording, type RecorderParts, recordInput } from '../recording/recorder.ts';
import type { Pipeline } from './pipeline.ts';

/** A reader that has not come for so long is gone. */
const readerGoneAfter = seconds(60);
/** What waits for the reader; a burst of 5,000 units is some 20 MiB. */
const waitingBytesMax = 128 * 1024 * 1024;
const pieceBytesMax = 1024 * 1024;

export interface RecordingsParts {
  readonly clock: Clock;
  readonly pipeline: Pick<Pipeline, 'takeStock'>;
  readonly recorder: RecorderParts;
  /** Kinds that have been seen whole. */
  readonly settled: () => readonly string[];
  /** Sees all inputs from now on; undefined: no more. */
  readonly setTap: (tap: Tap | undefined) => void;
}

interface Recording extends RecordingState {
  /** What was known at the start; rendered as it is read. */
  beginning: Iterator<Line> | undefined;
  /** Rendered lines, without their ends. */
  waiting: string[];
  waitingBytes: number;
  inputs: number;
  changes: number;
  /** It has its last line. */
  over: boolean;
  /** The piece that was given last, until the next one is asked for. */
  last: RecordingPiece;
  wake: () => void;
  end: Timer;
  gone: Timer | undefined;
}

const none: RecordingPiece = { text: '', next: 0, ended: false };

export class Recordings implements RecordingDesk {
  readonly #parts: RecordingsParts;
  #current: Recording | undefined;
  #started = 0;

  constructor(parts: RecordingsParts) {
    this.#parts = parts;
  }

  start(duration: Ms, by: string): RecordingState | string {
    const { clock, pipeline, recorder, settled } = this.#parts;
    const other = this.#current;
    if (other !== undefined && !other.over) return `${other.by} is recording`;
    const since = clock.now();
    this.#started++;
    const id = ulidOf(since, ['recording', by, String(this.#started)]);
    const mine: Recording = {
      id,
      by,
      since,
      beginning: undefined,
      waiting: [],
      waitingBytes: 0,
      inputs: 0,
      changes: 0,
      over: false,
      last: none,
      wake: () => {},
      end: clock.after(duration, () => this.#finish(mine, '')),
      gone: undefined,
    };
    this.#current = mine;
    this.#expectReader(mine);
    pipeline.takeStock((now) => {
      if (mine.over) return [];
      mine.beginning = this.#begin(recorder, now);
      this.#parts.setTap((input, at, outcome) => {
        mine.inputs++;
        mine.changes += outcome.changes.length;
        for (const line of recordInput(input, at, outcome)) this.#add(mine, line);
      });
      return settled();
    });
    return { id, by, since };
  }

  async read(id: string, number: number, patience: Ms): Promise<RecordingPiece | undefined> {
    const mine = this.#current;
    if (mine?.id !== id) return undefined;
    this.#expectReader(mine);
    if (number < mine.last.next) return mine.last;
    if (!this.#hasMore(mine)) await this.#more(mine, patience);
    const text = this.#take(mine);
    const ended = mine.over && !this.#hasMore(mine);
    if (text === '' && !ended) return { ...mine.last, text: '' };
    mine.last = { text, next: number + 1, ended };
    return mine.last;
  }

  stop(id: string): boolean {
    const mine = this.#current;
    if (mine?.id !== id) return false;
    this.#finish(mine, '');
    return true;
  }

  /** What is known now must be taken now; the lines of it are made when they are read. */
  #begin(recorder: RecorderParts, now: EpochMs): Iterator<Line> {
    const lines = beginRecording(recorder, now);
    const first = lines.next();
    return (function* () {
      if (!first.done) yield first.value;
      yield* lines;
    })();
  }

  #hasMore(mine: Recording): boolean {
    return mine.beginning !== undefined || mine.waiting.length > 0;
  }

  async #more(mine: Recording, patience: Ms): Promise<void> {
    if (mine.over) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(patience, resolve);
    mine.wake = resolve;
    await promise;
    timer.cancel();
  }

  #take(mine: Recording): string {
    const lines: string[] = [];
    let bytes = 0;
    while (bytes < pieceBytesMax && mine.beginning !== undefined) {
      const next = mine.beginning.next();
      if (next.done) mine.beginning = undefined;
      else lines.push(renderLine(next.value));
      bytes += lines.at(-1)?.length ?? 0;
    }
    let count = 0;
    while (bytes < pieceBytesMax && count < mine.waiting.length && mine.beginning === undefined) {
      bytes += mine.waiting[count]?.length ?? 0;
      count++;
    }
    for (const line of mine.waiting.splice(0, count)) {
      mine.waitingBytes -= line.length;
      lines.push(line);
    }
    return lines.map((line) => `${line}\n`).join('');
  }

  #add(mine: Recording, line: Line): void {
    const text = renderLine(line);
    mine.waiting.push(text);
    mine.waitingBytes += text.length;
    if (mine.waitingBytes > waitingBytesMax && line.name !== 'end')
      this.#finish(mine, 'its reader was too slow');
    else mine.wake();
  }

  #finish(mine: Recording, why: string): void {
    if (mine.over) return;
    mine.over = true;
    this.#parts.setTap(undefined);
    mine.end.cancel();
    const { inputs, changes } = mine;
    this.#add(mine, { name: 'end', value: { inputs, changes, why } });
  }

  #expectReader(mine: Recording): void {
    mine.gone?.cancel();
    mine.gone = this.#parts.clock.after(readerGoneAfter, () => {
      this.#finish(mine, 'nobody read it');
      if (this.#current === mine) this.#current = undefined;
    });
  }
}
