/** The query of an address, as texts for an operation's input. */

export type Texts = Record<string, readonly string[]>;

/** A name can come more than once. */
export function queryOf(url: string): Texts {
  const start = url.indexOf('?');
  if (start < 0) return {};
  const query = new URLSearchParams(url.slice(start + 1));
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}
