/** TapeAlert flags: what each means is in drive-flags.ts and changer-flags.ts, a row for each. */

import { type Severity, severities } from '../../domain/alert.ts';

/** What a flag by itself accuses; `either` needs the history to tell. */
export const blames = ['drive', 'cartridge', 'library', 'either', 'nobody'] as const;
export type Blame = (typeof blames)[number];

export interface AlertFlag {
  readonly number: number;
  readonly severity: Severity;
  readonly blame: Blame;
  readonly name: string;
  /** What to do first, in plain words. */
  readonly advice: string;
}

export type FlagTable = ReadonlyMap<number, AlertFlag>;

const rowPattern = /^(\d+) (\w+) (\w+) ([^:]+): (.+)$/;
const oneOf = <T extends string>(values: readonly T[], text: string): T | undefined =>
  values.find((value) => value === text);

/** A table from rows `NUMBER SEVERITY BLAME NAME: ADVICE`. Throws on a row that is none. */
export function makeFlagTable(rows: readonly string[]): FlagTable {
  const table = new Map<number, AlertFlag>();
  for (const row of rows) {
    const [, number = '', first = '', second = '', name = '', advice = ''] =
      rowPattern.exec(row) ?? [];
    const severity = oneOf(severities, first);
    const blame = oneOf(blames, second);
    if (severity === undefined || blame === undefined)
      throw new Error(`not a row of a table of flags: ${row}`);
    table.set(Number(number), { number: Number(number), severity, blame, name, advice });
  }
  return table;
}

/** The flag; one that the table does not know (vendors use reserved ones) is an info. */
export const flagOf = (table: FlagTable, number: number): AlertFlag =>
  table.get(number) ?? {
    number,
    severity: 'info',
    blame: 'nobody',
    name: `Flag ${number} (reserved)`,
    advice: 'The standard gives this flag no meaning; the manual of the device may.',
  };
