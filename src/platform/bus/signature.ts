/**
 * D-Bus signatures as trees. Source: D-Bus specification 0.43, "Type System" and
 * "Marshaling (Wire Format)"; the limits are that document's.
 */

/** A type that has no parts: one letter on the wire. */
export type BasicCode = 'y' | 'b' | 'n' | 'q' | 'i' | 'u' | 'x' | 't' | 'd' | 's' | 'o' | 'g' | 'h';

export type WireType =
  | { readonly code: BasicCode }
  | { readonly code: 'variant' }
  | { readonly code: 'array'; readonly element: WireType }
  | { readonly code: 'struct'; readonly members: readonly WireType[] }
  | { readonly code: 'dictionary'; readonly key: BasicCode; readonly value: WireType };

/** Bytes or values that break the format. Thrown inside the codec, caught at its edge. */
export class Malformed extends Error {}

const signatureLengthMax = 255;
// The specification allows 32 arrays and 32 structs around each other.
const nestingMax = 64;
/** Parsed signatures kept; past it the table starts anew, so a sender cannot make it grow. */
const signaturesKeptMax = 512;

const alignments: Readonly<Record<WireType['code'], 1 | 2 | 4 | 8>> = {
  y: 1,
  g: 1,
  variant: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  s: 4,
  o: 4,
  h: 4,
  array: 4,
  dictionary: 4,
  x: 8,
  t: 8,
  d: 8,
  struct: 8,
};

export const alignmentOf = (type: WireType): number => alignments[type.code];

export const basicCodes = 'ybnqiuxtdsogh';

const isBasic = (letter: string | undefined): letter is BasicCode =>
  letter !== undefined && letter !== '' && basicCodes.includes(letter);

interface Place {
  readonly text: string;
  at: number;
}

function parseDictionary(place: Place, depth: number): WireType {
  const key = place.text[place.at++];
  if (!isBasic(key)) throw new Malformed(`the key of a dictionary is not basic: ${place.text}`);
  const value = parseType(place, depth + 1);
  if (place.text[place.at++] !== '}') throw new Malformed(`"}" is missing: ${place.text}`);
  return { code: 'dictionary', key, value };
}

function parseStruct(place: Place, depth: number): WireType {
  const members: WireType[] = [];
  while (place.text[place.at] !== ')') members.push(parseType(place, depth + 1));
  place.at++;
  if (members.length === 0) throw new Malformed(`a struct is empty: ${place.text}`);
  return { code: 'struct', members };
}

function parseType(place: Place, depth: number): WireType {
  if (depth > nestingMax) throw new Malformed('a signature is nested too deep');
  const letter = place.text[place.at++];
  if (isBasic(letter)) return { code: letter };
  if (letter === 'v') return { code: 'variant' };
  if (letter === '(') return parseStruct(place, depth);
  if (letter !== 'a') throw new Malformed(`not a signature: ${JSON.stringify(place.text)}`);
  if (place.text[place.at] !== '{') return { code: 'array', element: parseType(place, depth + 1) };
  place.at++;
  return parseDictionary(place, depth);
}

const parsed = new Map<string, readonly WireType[]>();

/** The complete types of a signature, in order. Throws Malformed. */
export function parseSignature(text: string): readonly WireType[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (text.length > signatureLengthMax) throw new Malformed('a signature is too long');
  const place: Place = { text, at: 0 };
  const types: WireType[] = [];
  while (place.at < text.length) types.push(parseType(place, 0));
  if (parsed.size >= signaturesKeptMax) parsed.clear();
  parsed.set(text, types);
  return types;
}
