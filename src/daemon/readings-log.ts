/**
 * Keeps what came in, thinned, for backtests: segments of some hours in the state folder, each with
 * all there was at its begin. Nothing waits for it: it writes once a minute, a few milliseconds at
 * a time (some 40 for the begin of a segment with 5,000 units), and when the disk has no room it
 * stops, says so, and begins anew when there is.
 */
import type { Kind } from '../domain/kind.ts';
import type { Resource } from '../domain/resource.ts';
import { type EpochMs, hours, type Ms, minutes } from '../domain/time.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Segments } from '../platform/segments.ts';
import { renderExactly } from '../recording/format.ts';
import type { Tap } from '../recording/input.ts';
import { encodeFrame, type FrameType } from '../recording/kept/frame.ts';
import { NumberCode } from '../recording/kept/line.ts';
import { type NumberRow, Thinner } from '../recording/kept/thin.ts';

/** Of the files. */
export const suffix = '.readings';

const every = minutes(1);
const segmentAgeMax = hours(6);
/** So many segments make up the allowed size; the oldest goes as a whole. */
const segmentsWanted = 32;
/** Written before the minute is over when so many lines wait. */
const linesAtOnceMax = 5000;
/** Beyond this the disk is too slow: what waits is given up, and there is a gap. */
const linesWaitingMax = 200_000;
/** Resources looked at without letting anything else run. */
const resourcesAtOnce = 250;
/** The last bytes of a disk are for alerts. */
const roomMin = 64 * 1024 * 1024;

export interface ReadingsLimits {
  readonly age: Ms;
  readonly size: number;
}

export interface ReadingsLogParts {
  readonly kinds: readonly Kind[];
  readonly inventory: Pick<Inventory, 'list'>;
  readonly clock: Clock;
  readonly segments: Segments;
  readonly limits: () => ReadingsLimits;
  /** Why nothing is kept from now on; null when it is again. */
  readonly onState: (why: string | null) => void;
}

interface Open {
  readonly name: string;
  readonly since: EpochMs;
  readonly codes: Map<string, NumberCode>;
  bytes: number;
}

/** Names sort like the instants they are made of. */
const nameOf = (at: EpochMs): string => String(Math.floor(at)).padStart(15, '0');
export const beginOf = (name: string): EpochMs => Number(name);

export class ReadingsLog {
  readonly #parts: ReadingsLogParts;
  #thinner: Thinner;
  #open: Open | undefined;
  /** The segment before ended where the next begins. */
  #continues = false;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #stopped = false;
  #why: string | null = null;

  constructor(parts: ReadingsLogParts) {
    this.#parts = parts;
    this.#thinner = new Thinner(parts.kinds);
  }

  /** While it keeps: all inputs go through it. */
  readonly tap: Tap = (input, at, { differences }) => {
    if (this.#open === undefined) return;
    this.#thinner.take(input, at, differences);
    if (this.#thinner.count > linesWaitingMax) this.#giveUp('its disk is too slow');
    else if (this.#thinner.count > linesAtOnceMax && this.#writing === undefined) this.#write([]);
  };

  start(): void {
    if (this.#stopped) return;
    this.#begin();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#writing;
    this.#write([]);
    await this.#writing;
    this.#open = undefined;
  }

  /** Segments that hold what happened since then, oldest first, as they are on disk. */
  since(at: EpochMs): readonly string[] {
    const names = this.#parts.segments.list().map(({ name }) => name);
    const first = names.findLastIndex((name) => beginOf(name) <= at);
    return names.slice(Math.max(first, 0));
  }

  /** Resolves when all that came so far can be read. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#write([]);
    await this.#writing;
  }

  #arm(): void {
    const { clock } = this.#parts;
    this.#timer = clock.after(every - (clock.now() % every), () => void this.#minute());
  }

  async #minute(): Promise<void> {
    await this.#writing;
    if (this.#stopped) return;
    const { clock, limits } = this.#parts;
    if (this.#open === undefined) this.#begin();
    else {
      const numbers = await this.#numbers();
      await this.#writing;
      this.#write(numbers);
      await this.#writing;
      const { bytes, since } = this.#open ?? { bytes: 0, since: clock.now() };
      const isLong = clock.now() - since >= segmentAgeMax || bytes > limits().size / segmentsWanted;
      if (isLong && this.#open !== undefined) this.#begin();
    }
    if (!this.#stopped) this.#arm();
  }

  /** What numbers have changed in the last minute, by kind and collector. */
  async #numbers(): Promise<readonly (readonly [Resource, readonly NumberRow[]])[]> {
    const { inventory, kinds, clock } = this.#parts;
    const found: (readonly [Resource, readonly NumberRow[]])[] = [];
    for (const { name } of kinds) {
      const byCollector = Map.groupBy(inventory.list(name), ({ collector }) => collector);
      for (const resources of byCollector.values()) {
        const [first] = resources;
        const rows: NumberRow[] = [];
        for (let at = 0; at < resources.length; at += resourcesAtOnce) {
          if (at > 0) await new Promise<void>((resolve) => clock.soon(resolve));
          const some = resources.slice(at, at + resourcesAtOnce);
          for (const row of this.#thinner.numbersOf(name, some)) rows.push(row);
        }
        if (first !== undefined && rows.length > 0) found.push([first, rows]);
      }
    }
    return found;
  }

  #begin(): void {
    const { clock, inventory, segments } = this.#parts;
    const at = clock.now();
    try {
      this.#prune(at);
      const room = segments.room();
      if (room < roomMin) {
        this.#giveUp(`its disk has only ${Math.floor(room / 1024 / 1024)} MiB left`);
        return;
      }
    } catch (error) {
      this.#giveUp((error as Error).message);
      return;
    }
    const continues = this.#continues;
    if (!continues) this.#thinner = new Thinner(this.#parts.kinds);
    this.#open = { name: nameOf(at), since: at, codes: new Map(), bytes: 0 };
    const lines = [{ at, continues }, ...this.#thinner.snapshot(inventory.list())];
    this.#append([this.#frame('S', '', at, lines)]);
    this.#continues = true;
  }

  #write(numbers: readonly (readonly [Resource, readonly NumberRow[]])[]): void {
    const { clock } = this.#parts;
    const open = this.#open;
    if (open === undefined) return;
    const to = clock.now();
    const frames = Array.from(this.#thinner.drain(), ([kind, lines]) =>
      this.#frame('F', kind, to, lines),
    );
    for (const [{ kind, collector }, rows] of numbers) {
      const code = open.codes.get(kind) ?? new NumberCode();
      open.codes.set(kind, code);
      const line = { n: this.#thinner.place(), at: to, c: collector, ...code.encode(rows) };
      frames.push(this.#frame('N', kind, to, [line]));
    }
    // A minute in which nothing happened is known as well.
    if (frames.length === 0) frames.push(this.#frame('F', '', to, []));
    this.#append(frames);
  }

  #frame(type: FrameType, kind: string, to: EpochMs, lines: readonly unknown[]): Buffer {
    const from = this.#open?.since ?? to;
    const text = lines.map((line) => `${renderExactly(line)}\n`).join('');
    return encodeFrame({ type, kind, from, to }, text);
  }

  #append(frames: readonly Buffer[]): void {
    const open = this.#open;
    if (open === undefined) return;
    const bytes = Buffer.concat(frames);
    const append = async (): Promise<void> => {
      try {
        await this.#parts.segments.append(open.name, bytes);
        open.bytes += bytes.length;
        this.#tell(null);
      } catch (error) {
        if (this.#open === open) this.#giveUp((error as Error).message);
      }
    };
    const before = this.#writing;
    const mine = (before === undefined ? append() : before.then(append)).finally(() => {
      if (this.#writing === mine) this.#writing = undefined;
    });
    this.#writing = mine;
  }

  /** What waits is lost; a new segment begins at the next minute. */
  #giveUp(why: string): void {
    this.#open = undefined;
    this.#continues = false;
    this.#thinner.drain();
    this.#tell(why);
  }

  #tell(why: string | null): void {
    if (why !== this.#why) this.#parts.onState(why);
    this.#why = why;
  }

  /** The one that is written to is never the oldest of what goes. */
  #prune(now: EpochMs): void {
    const { segments, limits } = this.#parts;
    const { age, size } = limits();
    const all = segments.list();
    let bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    all.forEach(({ name, bytes: own }, i) => {
      const next = all[i + 1];
      const isOld = next !== undefined && beginOf(next.name) < now - age;
      if (!isOld && bytes <= size) return;
      segments.remove(name);
      bytes -= own;
    });
  }
}
