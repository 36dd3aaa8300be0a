/** The parser's and checker's complaints in our words: numbers and words, not doubles. */
import type { TypeError as CelTypeError, ParseError } from '@marcbachmann/cel-js';

export const typeNames = { flag: 'true or false', word: 'a word' } as const;

const names: Readonly<Record<string, string>> = {
  bool: 'a flag',
  string: 'a word',
  double: 'a number',
  int: 'a number',
  'google.protobuf.Timestamp': 'an instant',
  'google.protobuf.Duration': 'a duration',
};

export const explainType = (type: string | undefined): string =>
  names[type ?? ''] ?? (type?.startsWith('list') === true ? 'a list' : (type ?? 'something else'));

function hintFor(left: string, right: string): string {
  const types = [left, right].map((type) => names[type]);
  if (types.includes('a duration') && (types.includes('a number') || types.includes('a word')))
    return ': write duration("5m")';
  if (types.includes('an instant') && types.includes('a duration'))
    return ': age(instant) gives a duration';
  if (types.includes('an instant') && types.includes('a number')) return ': ask age(instant)';
  if (types.includes('a flag') && types.includes('a word')) return ': a flag is true or false';
  if (types.includes('a number') && types.includes('a word'))
    return ': numbers stand without quotes, words with them';
  return '';
}

/** Message and offset. */
export function explainTypeError(error: CelTypeError): [string, number] {
  const offset = error.range?.start ?? 0;
  const operator = /^no such overload: (\S+(?:<.*>)?) (\S+) (\S+(?:<.*>)?)$/.exec(error.summary);
  if (operator) {
    const [, left = '', op = '', right = ''] = operator;
    const inList = /^list<(.*)>$/.exec(right)?.[1] ?? right;
    const what = /^([<>=!]=?|==|in)$/.test(op) ? 'be compared with' : 'be used with';
    const hint = hintFor(left, inList);
    return [`${explainType(left)} cannot ${what} ${explainType(inList)} by ${op}${hint}`, offset];
  }
  let message = error.summary;
  for (const [type, name] of Object.entries(names))
    message = message.replaceAll(new RegExp(`\\b${type}\\b`, 'g'), name);
  return [message.replace(/^found no matching overload for/, 'wrong arguments:'), offset];
}

/** Message and offset. */
export function explainParseError(error: ParseError): [string, number] {
  const offset = error.range?.start ?? 0;
  const { node, summary } = error;
  if (summary.startsWith('Unexpected character: =') && node?.input?.[offset] === '=')
    return ['a single "=": comparisons are written ==', offset];
  return [summary.replace('EOF', 'the end').replace('Unexpected', 'unexpected'), offset];
}
