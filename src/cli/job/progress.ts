/** What a line of output says of how far the work is. */

export interface Progress {
  /** From 0 to 1; undefined where no line has said. */
  readonly progress?: number;
  /** The last line. */
  readonly message?: string;
}

const messageCharsMax = 500;
/** `42%`, `42.5 %`; not the end of a longer number. */
const percentPattern = /(?<![\d.,])(\d{1,3}(?:[.,]\d+)?) ?%/g;

export function readProgress(line: string): Progress {
  const message = line
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, messageCharsMax);
  const last = [...line.matchAll(percentPattern)].at(-1)?.[1];
  const percent = last === undefined ? NaN : Number(last.replace(',', '.'));
  return {
    ...(message !== '' && { message }),
    ...(percent <= 100 && { progress: percent / 100 }),
  };
}
