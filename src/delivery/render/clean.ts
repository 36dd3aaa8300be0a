/**
 * Makes texts that came from anywhere (unit names, labels, journals) harmless and short. Whoever
 * tells them on adds only what his own format needs (HTML, Slack).
 */

/**
 * Control characters, and those that only steer how text is shown: direction marks can make
 * `gpj.exe` of `exe.jpg`. The two joiners stay: scripts and emoji need them. Unicode 16, 23.2.
 */
const steering = /(?![\u200c\u200d])\p{Cf}|\p{Co}|\p{Cn}/gu;
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/** At most `max` UTF-16 units, never half a character; `…` says that more was there. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 2)) ? max - 2 : max - 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** One line without anything that is not seen. Looks at no more of a huge text than it keeps. */
export const oneLine = (text: string, max: number): string =>
  cut(
    text
      .slice(0, max * 4)
      .toWellFormed()
      .replaceAll(controls, ' ')
      .replaceAll(steering, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
    max,
  );

/** The lines of a text, each made harmless; at most two empty ones in a row become one. */
export function manyLines(text: string, max: number): readonly string[] {
  const lines = cut(text.slice(0, max * 4).toWellFormed(), max)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replaceAll(controls, ' ').replaceAll(steering, '').trimEnd());
  const kept = lines.filter((line, i) => line !== '' || (lines[i - 1] ?? '') !== '');
  return kept.at(-1) === '' ? kept.slice(0, -1) : kept;
}

/** A text of at most so many UTF-8 bytes. */
export function cutBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  // `…` is three bytes; a character that was cut in two is dropped by `stream`.
  const decoder = new TextDecoder('utf-8');
  return `${decoder.decode(bytes.subarray(0, bytesMax - 3), { stream: true })}…`;
}
