/** How an operation becomes a request, and an answer what it holds. */
import { Foreign, NoSuchPath, Refused } from './errors.ts';
import { type Problem, places } from './generated.ts';
import type { Answer } from './transport.ts';

const plainValue = /^(?!\.{1,2}$)[A-Za-z0-9._~:@!$&'()*+,;=-]+$/;

export type Input = Readonly<Record<string, unknown>>;

/** The path with what belongs into it, and what is left of the input. */
export function pathOf(
  name: keyof typeof places,
  input: Input,
): { readonly path: string; readonly rest: Input } {
  const rest = { ...input };
  const path = places[name][1].replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = String(rest[field]);
    delete rest[field];
    if (!plainValue.test(value)) throw new NoSuchPath(value);
    return value;
  });
  return { path, rest };
}

/** A list becomes a name that comes more than once. */
export function queryOf(input: Input): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(input)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(key, String(one));
    }
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** What the answer holds; throws where it is a refusal, or none of tocsind's. */
export function readAnswer({ status, type, text }: Answer): unknown {
  const isProblem = type.startsWith('application/problem+json');
  if (!isProblem && !type.startsWith('application/json')) throw new Foreign(status);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Foreign(status);
  }
  if (isProblem) throw new Refused(value as Problem);
  return value;
}
