/** What a command says, in the form that was asked for: a table, JSON, or ids alone. */
import type { EpochMs } from '../../domain/time.ts';
import type { Io } from '../io.ts';
import { renderAge, renderMoment } from './moments.ts';
import { type Column, type Look, renderTable, type Tone } from './table.ts';
import { plainJson, plainLine, plainLines, widthOf, wrap } from './text.ts';

/** `simple` and `extended` are amtool's words. */
export const formats = ['table', 'wide', 'json', 'jsonl', 'id', 'simple', 'extended'] as const;
export type Format = 'table' | 'wide' | 'json' | 'jsonl' | 'id';

export interface View<T> {
  readonly columns: readonly Column<T>[];
  readonly id: (row: T) => string;
}

export interface PrinterOptions {
  readonly format: Format;
  readonly hasLegend: boolean;
  readonly isUtc: boolean;
}

export interface Printer extends PrinterOptions {
  readonly now: EpochMs;
  /** Cells of the terminal; undefined: as wide as it gets. */
  readonly columns: number | undefined;
  readonly paint: (tone: Tone | undefined, text: string) => string;
  /** `12m`; with --utc the instant. A dash where there is none. */
  age(instant: string | null | undefined): string;
  /** `2026-11-22 07:14:00 +0100 (12m ago)`. */
  moment(instant: string): string;
  /** A list; `legend` is the last line of the table. */
  list<T>(rows: readonly T[], view: View<T>, legend: string): Promise<void>;
  /** One thing: `render` gives its lines, which are written as they are. */
  one(thing: unknown, id: string, render: () => readonly string[]): Promise<void>;
  lines(lines: readonly string[]): Promise<void>;
  /** One row of a list that has no end. */
  row(row: unknown, id: string, line: () => string): Promise<void>;
  /** For people, on standard error. */
  readonly note: (text: string) => Promise<void>;
}

const codes: Readonly<Record<Tone, string>> = { bad: '1;31', warn: '33', good: '32', dim: '2' };

function wantsColour({ environment, stdout }: Io): boolean {
  // Every value but the empty one counts (no-color.org).
  return stdout.isTty && !environment.NO_COLOR && environment.TERM !== 'dumb';
}

function columnsOf({ environment, stdout }: Io): number | undefined {
  const given = Number(environment.COLUMNS);
  return Number.isInteger(given) && given > 0 ? given : stdout.columns;
}

export function createPrinter(io: Io, options: PrinterOptions): Printer {
  const { format, hasLegend, isUtc } = options;
  const { stdout, stderr } = io;
  const now = io.clock.now();
  const columns = columnsOf(io);
  const isColoured = wantsColour(io);
  const paint = (tone: Tone | undefined, text: string): string =>
    isColoured && tone !== undefined && text !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text;
  const look: Look = { columns, isWide: format === 'wide', paint };
  const lines = (all: readonly string[]): Promise<void> =>
    all.length === 0 ? Promise.resolve() : stdout.write(`${all.join('\n')}\n`);
  return {
    ...options,
    now,
    columns,
    paint,
    lines,
    age(instant) {
      if (instant === null || instant === undefined) return '-';
      const at = Date.parse(instant);
      return isUtc ? renderMoment(at, true) : renderAge(now - at);
    },
    moment(instant) {
      const at = Date.parse(instant);
      return `${renderMoment(at, isUtc)} (${renderAge(now - at)} ago)`;
    },
    async list(rows, view, legend) {
      if (format === 'json') return lines([plainJson(rows, 2)]);
      if (format === 'jsonl') return lines(rows.map((row) => plainJson(row)));
      if (format === 'id') return lines(rows.map((row) => plainLine(view.id(row))));
      const table = rows.length === 0 ? [] : renderTable(rows, view.columns, look);
      // As of systemctl: for scripts, which want neither names nor a count among the rows.
      return lines(hasLegend ? [...table, legend] : table.slice(1));
    },
    async one(thing, id, render) {
      if (format === 'json') return lines([plainJson(thing, 2)]);
      if (format === 'jsonl') return lines([plainJson(thing)]);
      return lines(format === 'id' ? [plainLine(id)] : render());
    },
    async row(row, id, line) {
      // Each on a line of its own, also as JSON: there is no end for a bracket to stand at.
      if (format === 'json' || format === 'jsonl') return lines([plainJson(row)]);
      return lines([format === 'id' ? plainLine(id) : line()]);
    },
    note: (text) => stderr.write(`${plainLines(text).join('\n')}\n`),
  };
}

/** `Label    text`, with further lines of the text below its beginning; nothing for no text. */
export function renderField(
  label: string,
  text: string | null | undefined,
  columns: number | undefined,
): readonly string[] {
  if (text === null || text === undefined || text === '') return [];
  const width = 14;
  const room = columns === undefined ? Infinity : Math.max(40, columns - width);
  const parts = plainLines(text).flatMap((line) => wrap(line, room));
  const fill = ' '.repeat(Math.max(1, width - widthOf(label)));
  return parts.map((part, i) =>
    (i === 0 ? `${label}${fill}${part}` : `${' '.repeat(width)}${part}`).trimEnd(),
  );
}
