/** For tests: text as roff wants it, for the parts of the man pages that are made. */

/** Text in roff: a backslash begins a request, a dot or a quote at the start of a line too. */
export const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/, '\\&$1');

export const bold = (text: string): string => `.B ${roff(text).replaceAll('"', '\\(dq')}`;
export const item = (head: string, ...text: readonly string[]): readonly string[] => [
  '.TP',
  bold(head),
  ...text.map(roff),
];

/** A heading below the section. */
export const heading = (text: string): string => `.SS "${roff(text).replaceAll('"', '\\(dq')}"`;
