/** Which alerts are meant: matchers, bare words and options become a query. */
import type { Query } from '../routes.ts';
import { type Values, wordsOf } from '../values.ts';

/** A bare word is the id of a rule; what has an operator or a brace is for tocsind to read. */
const isMatcher = (text: string): boolean => /[=~{]/.test(text);

/** The ids of rules among the arguments. */
export const rulesIn = (args: readonly string[]): readonly string[] =>
  args.filter((arg) => !isMatcher(arg));

const escapeRegex = (text: string): string => text.replace(/[^A-Za-z0-9_-]/g, '\\$&');
const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** One matcher that any of the words satisfies; none for no words. */
function anyOf(name: string, words: readonly string[] | undefined): readonly string[] {
  if (words === undefined || words.length === 0) return [];
  const [only = ''] = words;
  if (words.length === 1) return [`${name}=${quote(only)}`];
  return [`${name}=~${quote(words.map(escapeRegex).join('|'))}`];
}

/** For the stream, which takes matchers alone. */
export function matchersOf(args: readonly string[], values: Values): readonly string[] {
  return [
    ...args.filter(isMatcher),
    ...anyOf('alertname', rulesIn(args)),
    ...anyOf('severity', wordsOf(values, 'severity')),
    ...anyOf('source', wordsOf(values, 'source')),
  ];
}

/** For the list, which takes rules, severities and sources as parameters of their own. */
export function queryOf(args: readonly string[], values: Values): Query {
  return {
    filter: args.filter(isMatcher),
    rule: rulesIn(args),
    severity: wordsOf(values, 'severity'),
    source: wordsOf(values, 'source'),
  };
}
