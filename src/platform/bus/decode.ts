/**
 * D-Bus bytes to values. Everything is checked against the end of the message: whoever may
 * talk to us on the bus can send what he likes, and the bus itself does not check that a file
 * descriptor (`h`) came along.
 */
import type { BusValue } from './message.ts';
import {
  arrayBytesMax,
  bigEndianMark,
  callBytesMax,
  fieldCode,
  fixedHeaderBytes,
  littleEndianMark,
  messageBytesMax,
  messageType,
  type WireMessage,
} from './message.ts';
import type { WireType } from './signature.ts';
import { alignmentOf, type BasicCode, basicCodes, Malformed, parseSignature } from './signature.ts';

// The specification's limit of containers in containers, variants included.
const depthMax = 64;

/** A place in one message. Offsets count from `start`, where the message's alignment begins. */
interface Cursor {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly littleEndian: boolean;
  at: number;
  depth: number;
}

/** Moves to a multiple of `size`, then over `length` bytes; returns where those begin. */
function take(cursor: Cursor, size: number, length: number): number {
  const from = cursor.start + Math.ceil((cursor.at - cursor.start) / size) * size;
  const after = from + length;
  if (after > cursor.end) throw new Malformed('a value ends behind its message');
  cursor.at = after;
  return from;
}

const readU32 = (cursor: Cursor): number =>
  cursor.view.getUint32(take(cursor, 4, 4), cursor.littleEndian);

function readText(cursor: Cursor, length: number): string {
  // The text, and the zero byte that is not counted.
  const from = take(cursor, 1, length + 1);
  return cursor.bytes.toString('utf8', from, from + length);
}

function readBasic(cursor: Cursor, code: BasicCode): string | number | bigint | boolean {
  const { view, littleEndian } = cursor;
  switch (code) {
    case 's':
    case 'o':
      return readText(cursor, readU32(cursor));
    case 'g':
      return readText(cursor, view.getUint8(take(cursor, 1, 1)));
    case 'u':
    case 'h':
      return readU32(cursor);
    case 't':
      return view.getBigUint64(take(cursor, 8, 8), littleEndian);
    case 'x':
      return view.getBigInt64(take(cursor, 8, 8), littleEndian);
    case 'b':
      return readU32(cursor) !== 0;
    case 'i':
      return view.getInt32(take(cursor, 4, 4), littleEndian);
    case 'y':
      return view.getUint8(take(cursor, 1, 1));
    case 'q':
      return view.getUint16(take(cursor, 2, 2), littleEndian);
    case 'n':
      return view.getInt16(take(cursor, 2, 2), littleEndian);
    default:
      // d
      return view.getFloat64(take(cursor, 8, 8), littleEndian);
  }
}

/** Types of one letter by its byte: most variants, for which no text need be made. */
const lettersByByte = new Map<number, readonly WireType[]>(
  Array.from(basicCodes, (letter) => [letter.charCodeAt(0), parseSignature(letter)]),
);

function readSignature(cursor: Cursor): readonly WireType[] {
  const length = cursor.view.getUint8(take(cursor, 1, 1));
  const letter = length === 1 ? lettersByByte.get(cursor.bytes[cursor.at] ?? 0) : undefined;
  if (letter === undefined) return parseSignature(readText(cursor, length));
  take(cursor, 1, 2);
  return letter;
}

function readVariant(cursor: Cursor): BusValue {
  const types = readSignature(cursor);
  const type = types[0];
  if (type === undefined || types.length !== 1) throw new Malformed('a variant holds one value');
  return readValue(cursor, type);
}

/** Where the elements of an array end; the cursor is then at the first. */
function readArrayEnd(cursor: Cursor, elementAlignment: number): number {
  const length = readU32(cursor);
  if (length > arrayBytesMax) throw new Malformed('an array is too long');
  const end = take(cursor, elementAlignment, 0) + length;
  if (end > cursor.end) throw new Malformed('an array ends behind its message');
  return end;
}

function readArray(cursor: Cursor, element: WireType): readonly BusValue[] {
  const end = readArrayEnd(cursor, alignmentOf(element));
  if (element.code === 'y') {
    const from = take(cursor, 1, end - cursor.at);
    return Array.from(cursor.bytes.subarray(from, end));
  }
  const values: BusValue[] = [];
  while (cursor.at < end) values.push(readValue(cursor, element));
  return values;
}

/** Without prototype: a sender may name a key `__proto__`. */
function readDictionary(cursor: Cursor, key: BasicCode, value: WireType): BusValue {
  const end = readArrayEnd(cursor, 8);
  const entries: Record<string, BusValue> = Object.create(null);
  while (cursor.at < end) {
    take(cursor, 8, 0);
    const name = readBasic(cursor, key);
    entries[String(name)] = readValue(cursor, value);
  }
  return entries;
}

function readValue(cursor: Cursor, type: WireType): BusValue {
  if (cursor.depth >= depthMax) throw new Malformed('values are nested too deep');
  cursor.depth++;
  const value = readPart(cursor, type);
  cursor.depth--;
  return value;
}

function readPart(cursor: Cursor, type: WireType): BusValue {
  switch (type.code) {
    case 'variant':
      return readVariant(cursor);
    case 'array':
      return readArray(cursor, type.element);
    case 'dictionary':
      return readDictionary(cursor, type.key, type.value);
    case 'struct':
      take(cursor, 8, 0);
      return type.members.map((member) => readValue(cursor, member));
    default:
      return readBasic(cursor, type.code);
  }
}

export interface Frame {
  readonly type: number;
  /** Of the whole message. */
  readonly length: number;
  /** Of its header alone, with the padding before the body. */
  readonly headerLength: number;
}

/**
 * Length and type of the message that begins at `from`, of which the fixed header is there.
 * Throws Malformed when these bytes begin no message: then nothing after them can be read.
 */
export function readFrame(bytes: Buffer, from: number): Frame {
  const mark = bytes[from];
  if (mark !== littleEndianMark && mark !== bigEndianMark) throw new Malformed('no byte order');
  const little = mark === littleEndianMark;
  const body = little ? bytes.readUInt32LE(from + 4) : bytes.readUInt32BE(from + 4);
  const fields = little ? bytes.readUInt32LE(from + 12) : bytes.readUInt32BE(from + 12);
  const headerLength = fixedHeaderBytes + Math.ceil(fields / 8) * 8;
  const length = headerLength + body;
  if (length > messageBytesMax) throw new Malformed(`a message of ${length} bytes is too long`);
  return { type: bytes[from + 1] ?? 0, length, headerLength };
}

/** The header's fields by code, strings and numbers only. */
function readFields(cursor: Cursor): ReadonlyMap<number, BusValue> {
  const fields = new Map<number, BusValue>();
  const end = readArrayEnd(cursor, 8);
  while (cursor.at < end) {
    const code = cursor.view.getUint8(take(cursor, 8, 1));
    fields.set(code, readVariant(cursor));
  }
  take(cursor, 8, 0);
  return fields;
}

/**
 * A message whose header can be read: we know whom it answers, though its body may be broken, or
 * of a call too long to be looked at.
 */
export type Decoded =
  | { readonly type: 'message'; readonly message: WireMessage }
  | { readonly type: 'oversized'; readonly message: WireMessage }
  | { readonly type: 'malformed'; readonly message: WireMessage; readonly why: string };

/** Decodes the message at `from`. Throws Malformed when its header cannot be read. */
export function decodeMessage(bytes: Buffer, from: number, length: number): Decoded {
  const cursor: Cursor = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    start: from,
    end: from + length,
    littleEndian: bytes[from] === littleEndianMark,
    at: from + 12,
    depth: 0,
  };
  const fields = readFields(cursor);
  const text = (code: number): string => {
    const value = fields.get(code);
    return typeof value === 'string' ? value : '';
  };
  const replySerial = fields.get(fieldCode.replySerial);
  const header = {
    type: bytes[from + 1] ?? 0,
    flags: bytes[from + 2] ?? 0,
    serial: cursor.view.getUint32(from + 8, cursor.littleEndian),
    path: text(fieldCode.path),
    interface: text(fieldCode.interface),
    member: text(fieldCode.member),
    errorName: text(fieldCode.errorName),
    replySerial: typeof replySerial === 'number' ? replySerial : 0,
    destination: text(fieldCode.destination),
    sender: text(fieldCode.sender),
    signature: text(fieldCode.signature),
  };
  if (header.type === messageType.call && length > callBytesMax) {
    return { type: 'oversized', message: { ...header, body: [] } };
  }
  try {
    const types = parseSignature(header.signature);
    const body = types.map((type) => readValue(cursor, type));
    return { type: 'message', message: { ...header, body } };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { type: 'malformed', message: { ...header, body: [] }, why: error.message };
  }
}
