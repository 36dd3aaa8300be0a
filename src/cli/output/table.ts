/** Tables: an upper-case header, two spaces between columns, no borders, cut to the terminal. */
import { cut, plainLine, widthOf } from './text.ts';

export type Tone = 'bad' | 'warn' | 'good' | 'dim';

export interface Column<T> {
  readonly header: string;
  readonly of: (row: T) => string;
  readonly tone?: (row: T) => Tone | undefined;
  /** Only with `-o wide`. */
  readonly wide?: true;
  readonly align?: 'right';
}

export interface Look {
  /** Cells of the terminal; undefined: as wide as it gets. */
  readonly columns: number | undefined;
  readonly isWide: boolean;
  readonly paint: (tone: Tone | undefined, text: string) => string;
}

const gap = '  ';
/** The last column is never cut to less: then lines break instead. */
const lastColumnMin = 20;

function pad(text: string, width: number, align: 'right' | undefined): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? fill + text : text + fill;
}

/** The header and a line for each row; the last column takes the room that is left. */
export function renderTable<T>(
  rows: readonly T[],
  all: readonly Column<T>[],
  look: Look,
): readonly string[] {
  const columns = all.filter(({ wide }) => wide !== true || look.isWide);
  const cells = rows.map((row) => columns.map(({ of }) => plainLine(of(row))));
  const widths = columns.map(({ header }, i) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), header.length),
  );
  const last = columns.length - 1;
  if (look.columns !== undefined && !look.isWide) {
    const before = widths.slice(0, last).reduce((sum, width) => sum + width + gap.length, 0);
    const room = Math.max(lastColumnMin, look.columns - before);
    widths[last] = Math.min(widths[last] ?? 0, room);
  }
  const line = (texts: readonly string[], tone: (i: number) => Tone | undefined): string =>
    texts
      .map((text, i) => {
        const { align } = columns[i] ?? {};
        const shown = i === last ? cut(text, widths[i] ?? 0) : pad(text, widths[i] ?? 0, align);
        return look.paint(tone(i), shown);
      })
      .join(gap)
      .trimEnd();
  return [
    line(
      columns.map(({ header }, i) =>
        pad(header, i === last ? 0 : (widths[i] ?? 0), columns[i]?.align),
      ),
      () => undefined,
    ),
    ...rows.map((row, n) => line(cells[n] ?? [], (i) => columns[i]?.tone?.(row))),
  ];
}
