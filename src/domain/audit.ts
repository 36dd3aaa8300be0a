/**
 * The audit: who did what through which door, and the chain of hashes that shows whether somebody
 * has changed it since. Row n+1 holds SHA-256 over the hash of row n and its own fields.
 */
import { hash } from 'node:crypto';
import type { EpochMs } from './time.ts';

/** One deed, before it has its number and its hash. */
export interface Deed {
  readonly at: EpochMs;
  /** `uid:0`, `token:grafana` */
  readonly by: string;
  /** `local`, `api`, `listen`, `dbus`; `none` where it came through no door. */
  readonly door: string;
  /** More of the caller where the door knows it: a bus name such as `:1.42`, a session. */
  readonly client: string | null;
  /** Name of the operation: `alert.acknowledge`. */
  readonly operation: string;
  /** What it was done to: the id in the path, or of what was made. */
  readonly subject: string | null;
  /** What was asked for as JSON, without secrets, cut to a bounded length. */
  readonly input: string;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
}

/** SHA-256 in hex, over the row before and all of this one. */
export interface AuditRow extends Deed {
  readonly number: number;
  readonly hash: string;
}

export interface AuditQuery {
  readonly by?: string;
  readonly operation?: string;
  /** Bounds of `at`, both included. */
  readonly since?: EpochMs;
  readonly until?: EpochMs;
  /** Newest first, below this number. */
  readonly before?: number;
  readonly limit: number;
}

/** What a look at the whole chain found. */
export type AuditVerdict =
  | { readonly type: 'sound'; readonly rows: number; readonly head: string }
  | {
      readonly type: 'broken';
      /** The first row that is not as it was written, or the number that is missing. */
      readonly number: number;
      readonly why: string;
    };

/** A place in the chain. */
export interface Link {
  readonly number: number;
  readonly hash: string;
}

/** What stands before row 1. */
export const chainStart: Link = { number: 0, hash: '0'.repeat(64) };

/**
 * The operation of the row that retention leaves in the chain for what it has deleted: the rows
 * that follow vouch for it, so that nobody can cut the head and call it retention.
 */
export const pruneOperation = 'audit.prune';

/** A text as it is stored: a file that was tampered with may hold bytes that are no text. */
export type Stored = string | Uint8Array;

/** A row as it lies in a file; null where there is no text. */
export interface StoredRow {
  readonly number: number;
  readonly at: number;
  readonly by: Stored | null;
  readonly door: Stored | null;
  readonly client: Stored | null;
  readonly operation: Stored | null;
  readonly subject: Stored | null;
  readonly input: Stored | null;
  readonly outcome: Stored | null;
  readonly hash: Stored | null;
}

/** Names the encoding: another one begins with other words. */
const encoding = Buffer.from('tocsin audit 1\n');
const hashBytes = 32;
const numberBytes = 8;
const lengthBytes = 4;
/** The length that no text has stands for null. */
const nullLength = 0xff_ff_ff_ff;

const bytesOf = (text: Stored | null): Uint8Array | null =>
  typeof text === 'string' ? Buffer.from(text) : text;

/** In hex. Each text is preceded by its length, so that no two rows have the same bytes. */
export function hashOf(before: string, row: Omit<StoredRow, 'hash'>): string {
  const { by, door, client, operation, subject, input, outcome } = row;
  const texts = [by, door, client, operation, subject, input, outcome].map(bytesOf);
  const length = texts.reduce((sum, text) => sum + lengthBytes + (text?.length ?? 0), 0);
  const bytes = Buffer.alloc(encoding.length + hashBytes + 2 * numberBytes + length);
  let at = encoding.copy(bytes);
  bytes.write(before, at, 'hex');
  at = bytes.writeDoubleBE(row.number, at + hashBytes);
  at = bytes.writeDoubleBE(row.at, at);
  for (const text of texts) {
    at = bytes.writeUInt32BE(text?.length ?? nullLength, at);
    if (text !== null) bytes.set(text, at);
    at += text?.length ?? 0;
  }
  return hash('sha256', bytes, 'hex');
}

/** What the file says of the chain beside its rows; undefined where that cannot be read. */
export interface ChainEnds {
  /** The last row that retention has deleted. */
  readonly anchor: Link | undefined;
  /** The newest row. */
  readonly head: Link | undefined;
}

/** A link as JSON, or undefined. */
export function readLink(text: string): Link | undefined {
  try {
    const { number, hash } = JSON.parse(text) as Partial<Link>;
    const isLink = Number.isSafeInteger(number) && /^[0-9a-f]{64}$/.test(hash ?? '');
    return isLink ? { number: Number(number), hash: String(hash) } : undefined;
  } catch {
    return undefined;
  }
}

const isText = (stored: Stored | null, text: string): boolean =>
  stored !== null && Buffer.from(text).equals(bytesOf(stored) ?? Buffer.alloc(0));

const broken = (number: number, why: string): AuditVerdict => ({ type: 'broken', number, why });

const named = (from: number, to: number): string =>
  from === to ? `row ${from} is` : `rows ${from} to ${to} are`;

/** What is wrong with a row that should follow `last`; undefined when it does. */
function faultOf(row: StoredRow, last: Link): AuditVerdict | undefined {
  const expected = last.number + 1;
  if (row.number < expected) return broken(row.number, `row ${row.number} stands there twice`);
  if (row.number > expected) return broken(expected, `${named(expected, row.number - 1)} missing`);
  if (isText(row.hash, hashOf(last.hash, row))) return undefined;
  return broken(row.number, `row ${row.number} is not what was written: its hash does not fit`);
}

/** What is wrong with the ends of rows that are sound in themselves. */
function faultOfEnds(last: Link, pruned: Link, anchor: Link, head: Link): AuditVerdict | undefined {
  if (last.number < head.number)
    return broken(last.number + 1, `${named(last.number + 1, head.number)} missing at the end`);
  if (last.number > head.number)
    return broken(head.number + 1, `${named(head.number + 1, last.number)} added at the end`);
  if (last.hash !== head.hash)
    return broken(last.number, `row ${last.number} is not the one that was written last`);
  if (anchor.number === pruned.number && anchor.hash === pruned.hash) return undefined;
  const said = `retention has deleted up to row ${pruned.number}, and nobody wrote down more`;
  return broken(pruned.number + 1, `the head was cut off before row ${anchor.number + 1}: ${said}`);
}

/** Looks at all rows, which come in the order of their numbers. */
export function checkChain(rows: Iterable<StoredRow>, { anchor, head }: ChainEnds): AuditVerdict {
  if (anchor === undefined) return broken(0, 'where the chain begins cannot be read');
  if (head === undefined) return broken(0, 'where the chain ends cannot be read');
  let last = anchor;
  let pruned: Link | undefined = chainStart;
  for (const row of rows) {
    const fault = faultOf(row, last);
    if (fault !== undefined) return fault;
    last = { number: row.number, hash: String(bytesOf(row.hash)) };
    if (isText(row.operation, pruneOperation)) pruned = readLink(String(bytesOf(row.input)));
  }
  const fault = faultOfEnds(last, pruned ?? chainStart, anchor, head);
  return fault ?? { type: 'sound', rows: last.number - anchor.number, head: last.hash };
}
