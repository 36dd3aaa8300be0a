/** Reads what Alertmanager's clients send: flags, matchers and instants of the query and body. */
import type { MatcherText } from '../../domain/mute.ts';
import type { EpochMs } from '../../domain/time.ts';
import { parseInstant } from '../../operations/instants.ts';
import {
  compileMatchers,
  type Matcher,
  type MatchersAnswer,
  parseMatchers,
} from '../../rules/matchers.ts';
import type { Texts } from '../query.ts';
import type { Labels } from './labels.ts';

/** A value, or the sentence that says why there is none. */
export type Read<T> =
  | { readonly type: 'ok'; readonly value: T }
  | { readonly type: 'wrong'; readonly why: string };

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What go-openapi takes for true (swag.ConvertBool); everything else is false, and no error. */
const truths = ['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'];

/** Flags leave out: one that is not given is true. */
export function readFlag(query: Texts, name: string): boolean {
  const text = query[name]?.at(-1) ?? '';
  return text === '' || truths.includes(text.toLowerCase());
}

/** amtool 0.25 sends what was typed: without quotes, the value is all that follows the sign. */
const bareMatcher = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*([^"\s].*)$/s;

function parseFilter(text: string): MatchersAnswer {
  const answer = parseMatchers([text]);
  const [, name, operator, value] =
    (answer.type === 'wrong' && bareMatcher.exec(text.trim())) || [];
  if (name === undefined || operator === undefined || value === undefined) return answer;
  return compileMatchers([{ name, operator: operator as MatcherText['operator'], value }]);
}

/** Repeated `filter=` or the like, with and without quotes. */
export function readFilter(query: Texts, name = 'filter'): Read<readonly Matcher[]> {
  const matchers: Matcher[] = [];
  for (const text of query[name] ?? []) {
    const answer = parseFilter(text);
    if (answer.type === 'wrong') {
      return { type: 'wrong', why: `bad matcher format: ${answer.why}` };
    }
    matchers.push(...answer.matchers);
  }
  return { type: 'ok', value: matchers };
}

/** Which names of receivers are meant: a regular expression for the whole name. */
export function readReceiver(query: Texts): Read<(name: string) => boolean> {
  const value = query.receiver?.at(-1) ?? '';
  if (value === '') return { type: 'ok', value: () => true };
  const answer = compileMatchers([{ name: 'receiver', operator: '=~', value }]);
  const [matcher] = answer.type === 'ok' ? answer.matchers : [];
  return matcher === undefined
    ? { type: 'wrong', why: `failed to parse receiver param: ${value} is no regular expression` }
    : { type: 'ok', value: matcher.holds };
}

/** A label that is not there is like an empty one. */
export const holdAll = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every(({ name, holds }) =>
    holds(Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''),
  );

/** Go's zero time, which amtool sends for what was not given. */
const zeroTime = Date.parse('0001-01-01T00:00:00Z');

/** Undefined where nothing was given. */
export function readInstant(name: string, value: unknown): Read<EpochMs | undefined> {
  if (value === undefined || value === null || value === '')
    return { type: 'ok', value: undefined };
  const at = typeof value === 'string' ? parseInstant(value) : undefined;
  if (at === undefined) {
    const shown = JSON.stringify(value).slice(0, 60);
    return {
      type: 'wrong',
      why: `${name}: ${shown} is no RFC 3339 time such as 2026-11-22T06:14:00Z`,
    };
  }
  return { type: 'ok', value: at <= zeroTime ? undefined : at };
}
