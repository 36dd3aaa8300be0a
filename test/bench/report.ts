/** The table of results, with its goals. */

export interface Row {
  readonly what: string;
  readonly value: string;
  /** What it should be at most, and whether it is. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

export const atMost = (value: number, limit: number, text: string): NonNullable<Row['goal']> => ({
  text,
  met: value <= limit,
});

export function renderTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const values = Math.max(...rows.map(({ value }) => value.length));
  return rows
    .map(({ what, value, goal }) => {
      const verdict = goal === undefined ? '' : `${goal.met ? 'met' : 'MISSED'}: ${goal.text}`;
      return `${what.padEnd(width)}  ${value.padEnd(values)}  ${verdict}`.trimEnd();
    })
    .join('\n');
}
