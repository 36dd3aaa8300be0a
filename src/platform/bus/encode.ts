/** Values to D-Bus bytes, little-endian. Throws Malformed where a value does not fit its type. */
import type { BusVariant } from './message.ts';
import { arrayBytesMax, fieldCode, littleEndianMark, messageBytesMax } from './message.ts';
import type { WireType } from './signature.ts';
import { alignmentOf, type BasicCode, Malformed, parseSignature } from './signature.ts';

type TextCode = 's' | 'o' | 'g' | 'h';

/** Bytes being written; grows. */
interface Sheet {
  bytes: Buffer;
  at: number;
}

/** Makes room for `length` bytes at a multiple of `size`; returns where they go. */
function make(sheet: Sheet, size: number, length: number): number {
  const from = Math.ceil(sheet.at / size) * size;
  const after = from + length;
  if (after > messageBytesMax) throw new Malformed('a message is too long');
  if (after > sheet.bytes.length) {
    const larger = Buffer.alloc(Math.max(after, sheet.bytes.length * 2));
    sheet.bytes.copy(larger, 0, 0, sheet.at);
    sheet.bytes = larger;
  }
  sheet.at = after;
  return from;
}

// `make` may change `sheet.bytes`: it comes first, always.
function putU8(sheet: Sheet, alignment: number, value: number): void {
  const at = make(sheet, alignment, 1);
  sheet.bytes[at] = value;
}

function putU32(sheet: Sheet, value: number): void {
  const at = make(sheet, 4, 4);
  sheet.bytes.writeUInt32LE(value, at);
}

const refusal = (value: unknown, type: string): Malformed =>
  new Malformed(`a ${typeof value} is not of type ${type}, or out of its range`);

function putText(sheet: Sheet, value: unknown, counted: 'long' | 'short'): void {
  if (typeof value !== 'string') throw refusal(value, 's');
  if (value.includes('\0')) throw new Malformed('a text holds a zero byte');
  if (!value.isWellFormed()) throw new Malformed('a text is not Unicode');
  const length = Buffer.byteLength(value);
  if (counted === 'long') putU32(sheet, length);
  else {
    if (length > 255) throw new Malformed('a signature is too long');
    putU8(sheet, 1, length);
  }
  const from = make(sheet, 1, length + 1);
  sheet.bytes.write(value, from);
  sheet.bytes[from + length] = 0;
}

const lowest: Readonly<Record<string, number>> = { y: 0, n: -32_768, q: 0, i: -(2 ** 31), u: 0 };
const highest: Readonly<Record<string, number>> = {
  y: 255,
  n: 32_767,
  q: 65_535,
  i: 2 ** 31 - 1,
  u: 2 ** 32 - 1,
};

function wholeNumber(value: unknown, code: string): number {
  const low = lowest[code] ?? 0;
  const high = highest[code] ?? 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) {
    return value;
  }
  throw refusal(value, code);
}

function floatNumber(value: unknown): number {
  if (typeof value !== 'number') throw refusal(value, 'd');
  return value;
}

function flag(value: unknown): 0 | 1 {
  if (typeof value !== 'boolean') throw refusal(value, 'b');
  return value ? 1 : 0;
}

function longNumber(value: unknown, code: 'x' | 't'): bigint {
  const long = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  const fits =
    typeof long === 'bigint' &&
    (code === 'x' ? BigInt.asIntN(64, long) : BigInt.asUintN(64, long)) === long;
  if (!fits) throw refusal(value, code);
  return long;
}

function putNumber(sheet: Sheet, code: Exclude<BasicCode, TextCode>, value: unknown): void {
  const size = alignmentOf({ code });
  const at = make(sheet, size, size);
  const { bytes } = sheet;
  if (code === 'x') bytes.writeBigInt64LE(longNumber(value, code), at);
  else if (code === 't') bytes.writeBigUInt64LE(longNumber(value, code), at);
  else if (code === 'd') bytes.writeDoubleLE(floatNumber(value), at);
  else if (code === 'b') bytes.writeUInt32LE(flag(value), at);
  else if (code === 'n' || code === 'i') bytes.writeIntLE(wholeNumber(value, code), at, size);
  else bytes.writeUIntLE(wholeNumber(value, code), at, size);
}

const objectPath = /^(?:\/|(?:\/[A-Za-z0-9_]+)+)$/;

function putBasic(sheet: Sheet, code: BasicCode, value: unknown): void {
  if (code === 'h') throw new Malformed('file descriptors are not sent');
  // The bus ends the connection of who sends a path that is none.
  if (code === 'o' && !objectPath.test(typeof value === 'string' ? value : ''))
    throw new Malformed('not an object path');
  if (code === 's' || code === 'o') putText(sheet, value, 'long');
  else if (code === 'g') putText(sheet, value, 'short');
  else putNumber(sheet, code, value);
}

function putElements(sheet: Sheet, alignment: number, put: () => void): void {
  const lengthAt = make(sheet, 4, 4);
  const from = make(sheet, alignment, 0);
  put();
  const length = sheet.at - from;
  if (length > arrayBytesMax) throw new Malformed('an array is too long');
  sheet.bytes.writeUInt32LE(length, lengthAt);
}

const isVariant = (value: unknown): value is BusVariant =>
  typeof value === 'object' && value !== null && 'signature' in value && 'value' in value;

function putVariant(sheet: Sheet, value: unknown): void {
  if (!isVariant(value)) throw new Malformed('a variant is written { signature, value }');
  const types = parseSignature(value.signature);
  const type = types[0];
  if (type === undefined || types.length !== 1) throw new Malformed('a variant holds one value');
  putText(sheet, value.signature, 'short');
  putValue(sheet, type, value.value);
}

function putDictionary(sheet: Sheet, key: BasicCode, type: WireType, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new Malformed('not a dictionary');
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  putElements(sheet, 8, () => {
    for (const [name, part] of entries) {
      make(sheet, 8, 0);
      putBasic(sheet, key, name);
      putValue(sheet, type, part);
    }
  });
}

function putArray(sheet: Sheet, element: WireType, values: readonly unknown[]): void {
  putElements(sheet, alignmentOf(element), () => {
    for (const value of values) putValue(sheet, element, value);
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed('not a list');
  return value;
}

function putValue(sheet: Sheet, type: WireType, value: unknown): void {
  if (type.code === 'variant') putVariant(sheet, value);
  else if (type.code === 'array') putArray(sheet, type.element, listOf(value));
  else if (type.code === 'dictionary') putDictionary(sheet, type.key, type.value, value);
  else if (type.code === 'struct') {
    make(sheet, 8, 0);
    putList(sheet, type.members, listOf(value));
  } else putBasic(sheet, type.code, value);
}

function putList(sheet: Sheet, types: readonly WireType[], values: readonly unknown[]): void {
  if (types.length !== values.length) {
    throw new Malformed(`${types.length} values belong here, not ${values.length}`);
  }
  types.forEach((type, i) => {
    putValue(sheet, type, values[i]);
  });
}

/** What is to be sent; fields that are left out are not in the header. */
export interface Draft {
  readonly type: number;
  readonly flags?: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

const fields = [
  ['path', 'o'],
  ['interface', 's'],
  ['member', 's'],
  ['errorName', 's'],
  ['replySerial', 'u'],
  ['destination', 's'],
  ['signature', 'g'],
] as const;

export function encodeMessage(draft: Draft): Buffer {
  const sheet: Sheet = { bytes: Buffer.alloc(256), at: 0 };
  const fixed = make(sheet, 8, 12);
  sheet.bytes.set([littleEndianMark, draft.type, draft.flags ?? 0, 1], fixed);
  sheet.bytes.writeUInt32LE(draft.serial, fixed + 8);
  putElements(sheet, 8, () => {
    for (const [field, signature] of fields) {
      const value = draft[field];
      if (value === undefined || value === '') continue;
      putU8(sheet, 8, fieldCode[field]);
      putVariant(sheet, { signature, value });
    }
  });
  const bodyFrom = make(sheet, 8, 0);
  putList(sheet, parseSignature(draft.signature ?? ''), draft.body ?? []);
  sheet.bytes.writeUInt32LE(sheet.at - bodyFrom, 4);
  return sheet.bytes.subarray(0, sheet.at);
}
