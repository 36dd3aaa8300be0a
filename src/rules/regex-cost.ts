/**
 * What a regular expression would cost. RE2 matches in linear time, but it compiles a repetition by
 * writing down what is repeated so often: `\pL{0,1000}` some eighty times is five seconds and
 * 300 MB (measured), from one line that anybody who may read can send.
 */

/** Copies of one character or class that repetitions with numbers may make, all together. */
export const copiesMax = 256;
/** A class of Unicode is hundreds of ranges. */
const unicodeClassSize = 20;

const tokenAt = new RegExp(
  [
    /\\[pP](?:\{[^}]*\}|.)|\\./, // an escape
    /\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/, // a class
    /\{(\d+)(?:(,)(\d*))?\}/, // a repetition
    /\((?:\?(?:P?<\w+>|[\w-]*:?))?/, // the begin of a group
    /./,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gsu',
);

const sizeOf = (token: string): number =>
  1 + (token.match(/\\[pP]/g)?.length ?? 0) * unicodeClassSize;

/** How many copies the repetitions in it come to; nested ones multiply. */
export function copiesIn(pattern: string): number {
  /** Sizes of the groups that are open, the outermost first. */
  const open = [0];
  let last = 0;
  let copies = 0;
  for (const [token, least, comma, most] of pattern.matchAll(tokenAt)) {
    if (token.startsWith('(')) {
      open.push(0);
      last = 0;
    } else if (token === ')' && open.length > 1) {
      last = open.pop() ?? 0;
      open.push((open.pop() ?? 0) + last);
    } else if (least !== undefined) {
      const times = Math.max(Number(least), Number(comma === undefined ? 0 : most || 0), 1);
      if (times > 1) copies += last * times;
      open.push((open.pop() ?? 0) + last * (times - 1));
      last *= times;
    } else if (!/^[*+?|^$]$/.test(token)) {
      last = sizeOf(token);
      open.push((open.pop() ?? 0) + last);
    }
  }
  return copies;
}
