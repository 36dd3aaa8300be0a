/**
 * The bytes in what `sg_logs -HHH` prints. Bytes rather than words, because the words change from
 * one version of sg3_utils to the next, because it has none for page 2Eh of a changer, and because
 * its raw output would not survive being read as UTF-8.
 */

const bytesMax = 4096;
const head = /^Log page code/;
/** `10     c0 01 00 …` of -H: an offset, then a gap of five blanks. */
const offset = /^\s*[0-9a-f]{2,4}\s{4,}(?=[0-9a-f]{2}\b)/i;
const row = /^\s*([0-9a-f]{2}(?:\s+[0-9a-f]{2})*)\s*$/i;

/** All bytes in order; lines that are none (`Log page code=…`, inquiry) are passed over. */
export function parseHex(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split('\n')) {
    if (head.test(line)) continue;
    const [, digits] = row.exec(line.replace(offset, '')) ?? [];
    if (digits === undefined) continue;
    for (const pair of digits.split(/\s+/)) bytes.push(Number.parseInt(pair, 16));
    if (bytes.length >= bytesMax) break;
  }
  return Uint8Array.from(bytes.slice(0, bytesMax));
}
