/**
 * One chunk: the points of one series and one tier, as bytes.
 *
 *   scale       varint: 0 whole numbers, 1 thousandths, 2 millionths, 3 doubles as they are;
 *               plus 4 when any slot has different numbers as least and greatest
 *   counts      pairs of varints: so many slots in a row have that many samples
 *   min         of each slot with samples: how far it lies above or below the one before
 *   max - min   of each such slot, where any differs
 *   avg         of each slot whose min and max differ: 16 bits, as a share of the way between
 *
 * A number that did not change takes 8 bytes an hour. Whole numbers up to 2^51 come back exactly;
 * fractions to six decimals, to three beyond 2^31, and as they are when all are below 0.001 or
 * some are too large for that. A mean comes back within 1/131040 of the spread.
 */
import type { Grid } from '../grid.ts';
import { type ByteReader, BytesWrong, type ByteWriter } from './varint.ts';

const scales = [1, 1e3, 1e6] as const;
const exact = 3;
const hasSpread = 4;
const scaledMax = 2 ** 51;
/** Numbers that are all smaller would lose too much at six decimals. */
const millionthsMin = 1e-3;
/**
 * 2^4 × 3^2 × 5 × 7 × 13, below 2^16: the mean of 10 or 120 samples, of which each is one of two
 * numbers, has a share that this divides evenly.
 */
const shares = 65_520;

function chooseScale(grid: Grid): number {
  let largest = 0;
  let whole = true;
  for (let slot = 0; slot < grid.slots; slot++) {
    if (grid.count[slot] === 0) continue;
    const min = grid.min[slot] ?? 0;
    const max = grid.max[slot] ?? 0;
    largest = Math.max(largest, Math.abs(min), Math.abs(max));
    whole &&= Number.isInteger(min) && Number.isInteger(max);
  }
  if (whole) return largest <= scaledMax ? 0 : exact;
  if (largest < millionthsMin) return exact;
  if (largest * scales[2] <= scaledMax) return 2;
  return largest * scales[1] <= scaledMax ? 1 : exact;
}

const zigzag = (n: number): number => (n >= 0 ? 2 * n : -2 * n - 1);
const unzigzag = (n: number): number => (n % 2 === 0 ? n / 2 : -(n + 1) / 2);

/** Numbers of which many in a row are 0: those are written as 0 and how many there are. */
class RunWriter {
  readonly #to: ByteWriter;
  #zeros = 0;

  constructor(to: ByteWriter) {
    this.#to = to;
  }

  write(n: number): void {
    if (n === 0) {
      this.#zeros++;
      return;
    }
    this.end();
    this.#to.varint(n);
  }

  end(): void {
    if (this.#zeros === 0) return;
    this.#to.varint(0);
    this.#to.varint(this.#zeros);
    this.#zeros = 0;
  }
}

class RunReader {
  readonly #from: ByteReader;
  #zeros = 0;

  constructor(from: ByteReader) {
    this.#from = from;
  }

  read(): number {
    if (this.#zeros === 0) {
      const n = this.#from.varint();
      if (n !== 0) return n;
      this.#zeros = this.#from.varint();
      if (this.#zeros === 0) throw new BytesWrong('a run of nothing');
    }
    this.#zeros--;
    return 0;
  }
}

function writeCounts({ count, slots }: Grid, to: ByteWriter): void {
  for (let slot = 0; slot < slots; ) {
    const first = slot;
    while (slot < slots && count[slot] === count[first]) slot++;
    to.varint(slot - first);
    to.varint(count[first] ?? 0);
  }
}

function readCounts({ count, slots }: Grid, from: ByteReader): void {
  for (let slot = 0; slot < slots; ) {
    const run = from.varint();
    if (run === 0 || slot + run > slots) throw new BytesWrong('counts of too many slots');
    count.fill(from.varint(), slot, slot + run);
    slot += run;
  }
}

const scaled = (n: number, scale: number): number => Math.round(n * (scales[scale] ?? 1));

const spreadAt = ({ count, min, max }: Grid, slot: number, scale: number): number => {
  const least = min[slot] ?? 0;
  const greatest = max[slot] ?? 0;
  if (count[slot] === 0 || least === greatest) return 0;
  return scale === exact ? greatest - least : scaled(greatest, scale) - scaled(least, scale);
};

function hasAnySpread(grid: Grid, scale: number): boolean {
  for (let slot = 0; slot < grid.slots; slot++) if (spreadAt(grid, slot, scale) > 0) return true;
  return false;
}

function writeExact(grid: Grid, spread: boolean, to: ByteWriter): void {
  for (let slot = 0; slot < grid.slots; slot++) {
    if (grid.count[slot] === 0) continue;
    to.double(grid.min[slot] ?? 0);
    if (!spread) continue;
    to.double(grid.avg[slot] ?? 0);
    to.double(grid.max[slot] ?? 0);
  }
}

function writeScaled(grid: Grid, scale: number, differs: boolean, to: ByteWriter): void {
  const { count, slots, min, avg, max } = grid;
  const runs = new RunWriter(to);
  let before = 0;
  for (let slot = 0; slot < slots; slot++) {
    if (count[slot] === 0) continue;
    const least = scaled(min[slot] ?? 0, scale);
    runs.write(zigzag(least - before));
    before = least;
  }
  runs.end();
  if (!differs) return;
  for (let slot = 0; slot < slots; slot++)
    if (count[slot] !== 0) runs.write(spreadAt(grid, slot, scale));
  runs.end();
  for (let slot = 0; slot < slots; slot++) {
    if (spreadAt(grid, slot, scale) === 0) continue;
    const least = min[slot] ?? 0;
    const share = ((avg[slot] ?? 0) - least) / ((max[slot] ?? 0) - least);
    to.uint16(Math.round(share * shares));
  }
}

export function encodeChunk(grid: Grid, to: ByteWriter): Buffer {
  const scale = chooseScale(grid);
  const differs = hasAnySpread(grid, scale);
  to.varint(scale + (differs ? hasSpread : 0));
  writeCounts(grid, to);
  if (scale === exact) writeExact(grid, differs, to);
  else writeScaled(grid, scale, differs, to);
  return to.take();
}

function readExact(grid: Grid, spread: boolean, from: ByteReader): void {
  for (let slot = 0; slot < grid.slots; slot++) {
    if (grid.count[slot] === 0) continue;
    const min = from.double();
    grid.min[slot] = min;
    grid.avg[slot] = spread ? from.double() : min;
    grid.max[slot] = spread ? from.double() : min;
  }
}

function readScaled(grid: Grid, scale: number, spread: boolean, from: ByteReader): void {
  const unit = scales[scale] ?? 1;
  const { count, slots, min, avg, max } = grid;
  let runs = new RunReader(from);
  let before = 0;
  for (let slot = 0; slot < slots; slot++) {
    if (count[slot] === 0) continue;
    before += unzigzag(runs.read());
    // Counted in units until the greatest number is known, too.
    min[slot] = max[slot] = before;
  }
  runs = new RunReader(from);
  if (spread)
    for (let slot = 0; slot < slots; slot++) if (count[slot]) addTo(max, slot, runs.read());
  for (let slot = 0; slot < slots; slot++) {
    if (count[slot] === 0) continue;
    const differs = min[slot] !== max[slot];
    const least = (min[slot] ?? 0) / unit;
    const greatest = (max[slot] ?? 0) / unit;
    min[slot] = least;
    max[slot] = greatest;
    // Above 2^37 the product is rounded, and its share may lie a little beyond the whole.
    const way = differs ? ((greatest - least) * from.uint16()) / shares : 0;
    avg[slot] = Math.min(greatest, least + way);
  }
}

function addTo(numbers: Float64Array, slot: number, n: number): void {
  numbers[slot] = (numbers[slot] ?? 0) + n;
}

/** Fills an empty grid of the chunk's size. Throws BytesWrong for what is no chunk of it. */
export function decodeChunk(from: ByteReader, grid: Grid): void {
  const head = from.varint();
  if (head >= 2 * hasSpread) throw new BytesWrong(`no chunk begins with ${head}`);
  readCounts(grid, from);
  const spread = head >= hasSpread;
  const scale = head % hasSpread;
  if (scale === exact) readExact(grid, spread, from);
  else readScaled(grid, scale, spread, from);
}
