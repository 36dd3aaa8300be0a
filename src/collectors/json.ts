/** Texts that should be JSON and may be anything: what programs print, what was kept long ago. */

/** What the text says; undefined when it is torn or no JSON at all. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type Row = Readonly<Record<string, unknown>>;

/** An object and no list, whose values are still to be checked. */
export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
