/**
 * The door to the journal, for writing: one entry of named fields as a datagram to journald
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL). Where there is no journald, its message goes to
 * standard error.
 */
import { constants } from 'node:os';
import { type Native, native } from './native.ts';

/** Names are of A-Z, 0-9 and _, and do not begin with _: those are journald's own. */
export type JournalFields = Readonly<Record<string, string | number>>;

export type JournalOutcome =
  | { readonly type: 'written' }
  /** There is no journald: the message is on standard error. */
  | { readonly type: 'printed'; readonly why: string }
  /** journald is there and does not take it now. */
  | { readonly type: 'failed'; readonly why: string };

export interface JournalWriter {
  write(fields: JournalFields): JournalOutcome;
}

/** TOCSIN_JOURNAL_SOCKET: another one, for a journal that is not this machine's. */
const journaldSocket = process.env.TOCSIN_JOURNAL_SOCKET || '/run/systemd/journal/socket';
/** A datagram must fit into the send buffer (net.core.wmem_default: 208 KiB). */
const entryBytesMax = 128 * 1024;
const valueCharsMax = 16 * 1024;
const fieldName = /^[A-Z][A-Z0-9_]{0,63}$/;

const absent = [constants.errno.ENOENT, constants.errno.ECONNREFUSED, constants.errno.EACCES];

function encodeField(name: string, value: string | number): Buffer {
  const text = Buffer.from(String(value).slice(0, valueCharsMax).toWellFormed());
  if (!text.includes(10)) return Buffer.concat([Buffer.from(`${name}=`), text, Buffer.from('\n')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, text, Buffer.from('\n')]);
}

/** In the order given, as far as there is room; what is not a field's name is left out. */
export function encodeEntry(fields: JournalFields): Buffer {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(fields)) {
    const part = fieldName.test(name) ? encodeField(name, value) : Buffer.alloc(0);
    if (bytes + part.length > entryBytesMax) break;
    bytes += part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function print(fields: JournalFields, why: string): JournalOutcome {
  const line = String(fields.MESSAGE ?? '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  process.stderr.write(`${line}\n`);
  return { type: 'printed', why };
}

/** Writes one entry; MESSAGE should come first and PRIORITY (0 to 7) be among the fields. */
export function writeJournal(
  fields: JournalFields,
  path = journaldSocket,
  by: Partial<Pick<Native, 'sendDatagram'>> | null = native ?? null,
): JournalOutcome {
  if (by?.sendDatagram === undefined) return print(fields, 'the native addon is not built');
  const errno = by.sendDatagram(path, encodeEntry(fields));
  if (errno === 0) return { type: 'written' };
  if (absent.includes(errno)) return print(fields, `${path} does not answer`);
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0];
  return { type: 'failed', why: `${path}: ${name ?? errno}` };
}

export const systemJournalWriter: JournalWriter = { write: (fields) => writeJournal(fields) };
