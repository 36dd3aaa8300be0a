/**
 * The door to the journal, through journalctl(1): records by message id, and the lines of one
 * run. The file format is journald's own affair, and when it is read in a child process a
 * damaged file cannot harm us.
 */
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Command, FollowedCommand } from './command.ts';
import {
  believedMatches,
  isBelieved,
  type JournalRecord,
  managerMatches,
  parseRecord,
} from './journal-record.ts';

export type { JournalRecord } from './journal-record.ts';

export type JournalAnswer =
  | {
      readonly type: 'records';
      readonly records: readonly JournalRecord[];
      /** Lines of journalctl that were no record. */
      readonly skipped?: number;
    }
  /** journald cannot be read: not installed, no permission, gone. */
  | { readonly type: 'unreadable'; readonly why: string };

export interface JournalFollower {
  readonly records: AsyncIterable<JournalRecord>;
  /** Why following ended. */
  readonly ended: Promise<string>;
  stop(): void;
}

export interface Journal {
  /**
   * Records with one of the message ids after the cursor (or since the instant, or from the end
   * when both are undefined), oldest first, of this and earlier boots, at most `limit`.
   */
  read(query: {
    readonly messageIds: readonly string[];
    readonly afterCursor?: string;
    readonly since?: EpochMs;
    readonly limit: number;
  }): Promise<JournalAnswer>;
  /** Follows new records with one of the message ids from the cursor on (or from now). */
  follow(query: {
    readonly messageIds: readonly string[];
    readonly afterCursor?: string;
  }): JournalFollower;
  /** The last `limit` messages that one run of a unit wrote, oldest first. */
  lastLines(query: {
    readonly unit: string;
    readonly invocationId: string | null;
    readonly limit: number;
  }): Promise<JournalAnswer>;
}

/** Of one answer, whatever the caller asks for: about 100 MB of text. */
const recordsMax = 50_000;
const readTimeoutDefault: Ms = seconds(30);

// journalctl says these and still ends with 0. Without the group systemd-journal it shows only
// our own records, which would look like a quiet system. Source: src/shared/journal-util.c.
const blind = /No journal files were|insufficient permissions|not seeing messages from other users/;
const cursorRefused = /cursor/i;

const argvStart = ['journalctl', '--output=json', '--no-pager'] as const;

type Argv = readonly [string, ...string[]];

/** Lines that journalctl writes beside the records: `-- No entries --`. */
const isRemark = (line: string): boolean => line.startsWith('-- ') || line === '';

const firstLine = (text: string): string => text.trim().split('\n')[0]?.trim() ?? '';

type End = Awaited<FollowedCommand['ended']>;

/** Why journalctl's answer is no answer, or undefined. */
function whyUnreadable(end: End): string | undefined {
  const hint = end.stderr.split('\n').find((line) => blind.test(line));
  if (hint !== undefined) return hint.trim();
  if (end.exitStatus === 0) return undefined;
  return firstLine(end.stderr) || `journalctl ended with status ${end.exitStatus ?? 'unknown'}`;
}

interface Taken {
  readonly records: JournalRecord[];
  skipped: number;
}

/** Takes lines until `limit` records are there. */
async function takeRecords(
  followed: FollowedCommand,
  limit: number,
  wanted: (record: JournalRecord) => boolean,
): Promise<Taken> {
  const taken: Taken = { records: [], skipped: 0 };
  for await (const line of followed.lines) {
    const record = parseRecord(line);
    if (record === undefined) taken.skipped += isRemark(line) ? 0 : 1;
    else if (wanted(record)) taken.records.push(record);
    if (taken.records.length >= limit) break;
  }
  return taken;
}

async function readRecords(
  command: Command,
  argv: Argv,
  query: { limit: number; timeout: Ms; wanted: (record: JournalRecord) => boolean },
): Promise<JournalAnswer> {
  const limit = Math.min(query.limit, recordsMax);
  const followed = command.follow(argv);
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    followed.stop();
  }, query.timeout);
  try {
    const { records, skipped } = await takeRecords(followed, limit, query.wanted);
    // Enough: how journalctl ends when nobody reads on says nothing.
    if (records.length >= limit) {
      followed.stop();
      return { type: 'records', records, skipped };
    }
    const why = whyUnreadable(await followed.ended);
    if (late) return { type: 'unreadable', why: `journalctl took over ${query.timeout} ms` };
    return why === undefined ? { type: 'records', records, skipped } : { type: 'unreadable', why };
  } finally {
    clearTimeout(deadline);
  }
}

/** journalctl reads `@SECONDS.MICROSECONDS`; systemd.time(7). */
const since = (at: number): string => {
  const microseconds = Math.max(0, Math.floor(at * 1000));
  const fraction = String(microseconds % 1_000_000).padStart(6, '0');
  return `--since=@${Math.floor(microseconds / 1_000_000)}.${fraction}`;
};

type ReadQuery = Parameters<Journal['read']>[0];

/** Where to begin. Never `--lines` with a cursor: versions differ in the end it counts from. */
function beginning(query: ReadQuery): string {
  if (query.afterCursor !== undefined) return `--after-cursor=${query.afterCursor}`;
  return query.since === undefined ? `--lines=${query.limit}` : since(query.since);
}

/** Nothing is asked for: without a match journalctl would show everything. */
const nothing: JournalAnswer = { type: 'records', records: [], skipped: 0 };

async function read(command: Command, query: ReadQuery, timeout: Ms): Promise<JournalAnswer> {
  if (query.messageIds.length === 0 || query.limit < 1) return nothing;
  const { limit } = query;
  const argv: Argv = [...argvStart, beginning(query), ...believedMatches(query.messageIds)];
  const answer = await readRecords(command, argv, { limit, timeout, wanted: isBelieved });
  if (answer.type === 'records' || !cursorRefused.test(answer.why)) return answer;
  const { afterCursor, ...rest } = query;
  // A cursor that journald does not take must not blind us for ever.
  return afterCursor === undefined || rest.since === undefined
    ? answer
    : read(command, rest, timeout);
}

async function* believedRecords(followed: FollowedCommand): AsyncGenerator<JournalRecord> {
  for await (const line of followed.lines) {
    const record = parseRecord(line);
    if (record !== undefined && isBelieved(record)) yield record;
  }
}

function follow(command: Command, query: Parameters<Journal['follow']>[0]): JournalFollower {
  const from =
    query.afterCursor === undefined
      ? ['--lines=0']
      : ['--lines=all', `--after-cursor=${query.afterCursor}`];
  const argv: Argv = [...argvStart, '--follow', ...from, ...believedMatches(query.messageIds)];
  const followed = command.follow(argv);
  let stopped = false;
  return {
    records: believedRecords(followed),
    ended: followed.ended.then((end) =>
      stopped ? 'stopped' : (whyUnreadable(end) ?? 'journalctl ended'),
    ),
    stop() {
      stopped = true;
      followed.stop();
    },
  };
}

/** What the run wrote itself, or the service manager about it; without an id, about the unit. */
function runMatches(unit: string, invocationId: string | null): readonly string[] {
  return invocationId === null
    ? [`_SYSTEMD_UNIT=${unit}`, '+', ...managerMatches, `UNIT=${unit}`]
    : [
        `_SYSTEMD_INVOCATION_ID=${invocationId}`,
        '+',
        ...managerMatches,
        `INVOCATION_ID=${invocationId}`,
        '+',
        `_SYSTEMD_UNIT=${unit}`,
      ];
}

/**
 * Lines of other runs are left out. A process that ends at once is gone before journald can look
 * whose it was: its lines name the unit alone, and belong to the run when they come in its time.
 */
function ofRun(records: readonly JournalRecord[], id: string | null): readonly JournalRecord[] {
  const runOf = ({ fields }: JournalRecord): string | undefined => {
    const { _PID: pid, INVOCATION_ID: named, _SYSTEMD_INVOCATION_ID: own } = fields;
    return pid === '1' ? named : own;
  };
  const begins = records.find((record) => runOf(record) === id)?.at ?? 0;
  return id === null
    ? records
    : records.filter((record) => {
        const run = runOf(record);
        return run === undefined ? record.at >= begins : run === id;
      });
}

const withMessage = (record: JournalRecord): JournalRecord =>
  'MESSAGE' in record.fields
    ? record
    : { ...record, fields: { ...record.fields, MESSAGE: '(binary, or longer than 4096 bytes)' } };

export function systemJournal(command: Command, readTimeout = readTimeoutDefault): Journal {
  return {
    read: (query) => read(command, query, readTimeout),
    follow: (query) => follow(command, query),
    async lastLines({ unit, invocationId, limit }) {
      if (limit < 1) return nothing;
      const matches = runMatches(unit, invocationId);
      const argv: Argv = [...argvStart, `--lines=${limit}`, ...matches];
      // Any line of the run is wanted: the matches say of whom it is.
      const wanted = (): boolean => true;
      // One more than there can be, so that it is always read to its end.
      const query = { limit: limit + 1, timeout: readTimeout, wanted };
      const answer = await readRecords(command, argv, query);
      return answer.type === 'records'
        ? { ...answer, records: ofRun(answer.records, invocationId).map(withMessage) }
        : answer;
    },
  };
}
