/** Instants and durations: the words, their constructors and their spellings. */

/** An instant: milliseconds since 1970-01-01T00:00:00Z, UTC, whole or with a fraction. */
export type EpochMs = number;
/** A duration in milliseconds. */
export type Ms = number;

export const seconds = (n: number): Ms => n * 1000;
export const minutes = (n: number): Ms => n * 60_000;
export const hours = (n: number): Ms => n * 3_600_000;
export const days = (n: number): Ms => n * 86_400_000;

/** RFC 3339 in UTC with milliseconds, as every interface of tocsin shows an instant. */
export const rfc3339 = (at: EpochMs): string => new Date(Math.floor(at)).toISOString();

const unitsMs = [
  ['d', days(1)],
  ['h', hours(1)],
  ['m', minutes(1)],
  ['s', seconds(1)],
  ['ms', 1],
] as const;
const pattern = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Parses `90s`, `5m`, `1h30m`, `2d`, `100ms`, `0s`, units in falling order; else undefined. */
export function parseDuration(text: string): Ms | undefined {
  const match = pattern.exec(text);
  if (text === '' || match === null) return undefined;
  const total = unitsMs.reduce((sum, [, size], i) => sum + Number(match[i + 1] ?? 0) * size, 0);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The spelling that parseDuration reads back: `1h30m`; `0s` for nothing. */
export function renderDuration(duration: Ms): string {
  let rest = Math.max(0, Math.round(duration));
  let text = '';
  for (const [name, size] of unitsMs) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${name}`;
  }
  return text || '0s';
}
