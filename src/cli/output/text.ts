/**
 * Text from the daemon on a terminal. A unit's description, a journal line or an alert that some
 * program raised may hold anything: nothing of it may reach the terminal as a command.
 */

/**
 * Control characters (C0, DEL, C1: U+009B begins a command like ESC [), unpaired surrogates, line
 * separators, the marks that turn the direction of writing (CVE-2021-42574), and those without
 * width, by which two names look alike; joiners stay, whole scripts are written with them.
 */
const hostile = /[\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;
/** The same without what JSON.stringify has escaped already. */
const hostileInJson = /[\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One line: breaks and tabs become a space, all that is hostile a visible escape. */
export const plainLine = (text: string): string =>
  text.replace(/[\r\n\t]+/g, ' ').replace(hostile, visible);

/** Several lines: breaks stay, a tab becomes spaces, a carriage return before a break goes. */
export const plainLines = (text: string): readonly string[] =>
  text
    .replace(/\r\n/g, '\n')
    .replaceAll('\t', '    ')
    .split('\n')
    .map((line) => line.replace(hostile, visible));

/** JSON that is the same value and harmless on a terminal. */
export const plainJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(
    hostileInJson,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Code points that fill two cells: East Asian Width W and F (UAX #11), and emoji. */
const wideRanges: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
/** Marks that stand on the character before them, and characters without width. */
const mark = /\p{Mn}|\p{Me}|[\u200B-\u200C]|\u200D/u;

function cellsOf(character: string): number {
  if (mark.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Cells of a terminal that the text fills. */
export function widthOf(text: string): number {
  // Nearly all texts are plain ASCII.
  if (/^[ -~]*$/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** The text in at most so many cells, with … where it was cut. */
export function cut(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = '';
  let left = Math.max(0, cells - 1);
  for (const character of text) {
    left -= cellsOf(character);
    if (left < 0) break;
    kept += character;
  }
  return cells > 0 ? `${kept}…` : '';
}

/** Breaks a line at spaces so that each part fits; a longer word stays whole. */
export function wrap(line: string, cells: number): readonly string[] {
  if (widthOf(line) <= cells) return [line];
  const parts: string[] = [];
  let part = '';
  for (const word of line.split(' ')) {
    const longer = part === '' ? word : `${part} ${word}`;
    if (part !== '' && widthOf(longer) > cells) {
      parts.push(part);
      part = word;
    } else part = longer;
  }
  return [...parts, part];
}
