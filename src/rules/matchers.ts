/**
 * Matchers in Alertmanager's notation: `unit="backup.service"`, `severity=~"crit.*"`, several in
 * one text by commas, with or without braces. Regular expressions are RE2's (linear time, no
 * look-around) and always match the whole value, as in Prometheus.
 */
import { RE2JS } from 're2js';
import type { Alert } from '../domain/alert.ts';
import type { MatcherText } from '../domain/mute.ts';
import { copiesIn, copiesMax } from './regex-cost.ts';

export interface Matcher {
  readonly name: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  /** Whether a label's value satisfies it; a label that is not there is the empty text. */
  readonly holds: (value: string) => boolean;
}

export type MatchersAnswer =
  | { readonly type: 'ok'; readonly matchers: readonly Matcher[] }
  | { readonly type: 'wrong'; readonly why: string };

/** Of one text; longer ones are refused. */
const matcherTextLengthMax = 1000;
/** In one text; more are refused. */
const matchersMax = 20;

const nameAt = /\s*(?:"((?:[^"\\\n]|\\.)*)"|([a-zA-Z_:][a-zA-Z0-9_:.]*))\s*/y;
const operatorAt = /(=~|!~|!=|=)\s*/y;
// An unquoted value ends at white space or at one of Alertmanager's reserved characters.
const valueAt = /(?:"((?:[^"\\\n]|\\.)*)"|([^\s{}!=~,\\"'`]*))\s*/y;
const commaAt = /,\s*/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };
/** Takes out the backslashes; one before a character that needs none stays, as `\.` in a regex. */
const unquote = (text: string): string =>
  text.replace(/\\(.)/g, (whole, character: string) => escapes[character] ?? whole);

/** What every text begins with that the pattern matches: most are told apart without asking it. */
function prefixOf(pattern: string): string {
  const [plain = ''] = /^[\w :/@=,-]*/.exec(pattern) ?? [];
  if (pattern.includes('|')) return '';
  // What stands behind the last character may say that it need not be there.
  return plain.length === pattern.length ? plain : plain.slice(0, -1);
}

function compile(operator: Matcher['operator'], value: string): Matcher['holds'] | string {
  if (operator === '=') return (found) => found === value;
  if (operator === '!=') return (found) => found !== value;
  if (copiesIn(value) > copiesMax)
    return `what it repeats comes to more than ${copiesMax} characters: write * or + instead`;
  try {
    const pattern = RE2JS.compile(value, RE2JS.DOTALL);
    const prefix = prefixOf(value);
    const holds = (found: string): boolean => found.startsWith(prefix) && pattern.testExact(found);
    return operator === '=~' ? holds : (found) => !holds(found);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A place in a text: reads on from it with sticky patterns. */
function createReader(text: string) {
  let at = 0;
  return {
    isAtEnd: () => at >= text.length,
    /** Counted from 1, for complaints. */
    place: () => at + 1,
    take(pattern: RegExp): RegExpExecArray | null {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found !== null) at = pattern.lastIndex;
      return found;
    },
  };
}

/** One matcher, with the comma behind it; a text says what is wrong. */
function readMatcher(reader: ReturnType<typeof createReader>): Matcher | string {
  const name = reader.take(nameAt);
  if (name === null) return `a label name is expected at character ${reader.place()}`;
  const operator = reader.take(operatorAt)?.[1] as Matcher['operator'] | undefined;
  if (operator === undefined) return `=, !=, =~ or !~ is expected at character ${reader.place()}`;
  const found = reader.take(valueAt);
  const value = found?.[1] === undefined ? (found?.[2] ?? '') : unquote(found[1]);
  const holds = compile(operator, value);
  if (typeof holds === 'string') return holds;
  if (!reader.isAtEnd() && reader.take(commaAt) === null) {
    return `a comma or the end is expected at character ${reader.place()}`;
  }
  return { name: unquote(name[1] ?? name[2] ?? ''), operator, value, holds };
}

function parseOne(text: string): MatchersAnswer {
  const wrong = (why: string): MatchersAnswer => ({ type: 'wrong', why: `${text}: ${why}` });
  if (text.length > matcherTextLengthMax) {
    return { type: 'wrong', why: `a filter is longer than ${matcherTextLengthMax} characters` };
  }
  const trimmed = text.trim();
  const isBraced = trimmed.startsWith('{') && trimmed.endsWith('}') && trimmed.length > 1;
  const reader = createReader((isBraced ? trimmed.slice(1, -1) : trimmed).trim());
  const matchers: Matcher[] = [];
  while (!reader.isAtEnd()) {
    const matcher = readMatcher(reader);
    if (typeof matcher === 'string') return wrong(matcher);
    matchers.push(matcher);
    if (matchers.length > matchersMax) return wrong(`more than ${matchersMax} matchers`);
  }
  return matchers.length === 0 && !isBraced ? wrong('no matcher') : { type: 'ok', matchers };
}

/** Parses the texts of repeated `filter=` parameters; all matchers must hold. */
export function parseMatchers(texts: readonly string[]): MatchersAnswer {
  const matchers: Matcher[] = [];
  for (const text of texts) {
    const one = parseOne(text);
    if (one.type === 'wrong') return one;
    matchers.push(...one.matchers);
  }
  return { type: 'ok', matchers };
}

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:.]*$/;
const quote = (text: string): string =>
  `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

/** `unit="backup.service"`: parseMatchers reads it back as the same. */
export const renderMatcher = ({ name, operator, value }: MatcherText): string =>
  `${plainName.test(name) ? name : quote(name)}${operator}${quote(value)}`;

/** The sign of Alertmanager's two flags. */
export const operatorOf = (isEqual: boolean, isRegex: boolean): MatcherText['operator'] =>
  isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';

/** As Alertmanager's API shows a matcher. */
export const flagsOf = ({ name, operator, value }: MatcherText) => ({
  name,
  value,
  isRegex: operator.endsWith('~'),
  isEqual: operator.startsWith('='),
});

/** Stored matchers, ready to be asked. */
export const compileMatchers = (texts: readonly MatcherText[]): MatchersAnswer =>
  parseMatchers(texts.map(renderMatcher));

/** What matchers see of an alert: its labels, and the fields that Alertmanager has as labels. */
export function labelOf(alert: Alert, name: string): string {
  // What was pushed is known by the labels it came with: its `severity` may be `page`.
  const isOwn = alert.origin === 'pushed' && Object.hasOwn(alert.labels, name);
  if (isOwn) return alert.labels[name] ?? '';
  switch (name) {
    case 'alertname':
    case 'rule':
      return alert.rule;
    case 'severity':
    case 'source':
    case 'phase':
      return alert[name];
    case 'resourceKind':
      return alert.resource.kind;
    case 'resourceId':
      return alert.resource.id;
    default:
      return Object.hasOwn(alert.labels, name) ? (alert.labels[name] ?? '') : '';
  }
}

export const matchesAlert = (matchers: readonly Matcher[], alert: Alert): boolean =>
  matchers.every(({ name, holds }) => holds(labelOf(alert, name)));
