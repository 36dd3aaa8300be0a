/**
 * The journal as the second source: read from where tocsin stopped, then followed. A signal is
 * nearly always first; what only the journal saw is told a moment later.
 */
import type { Event } from '../../domain/reading.ts';
import { type EpochMs, type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Journal, JournalRecord } from '../../platform/journal.ts';
import type { Watcher } from '../collector.ts';
import { applyLate, type LateMode, messageIds, messages, readLate } from './late.ts';
import type { State } from './state.ts';

const eye = 'journal';
const cursorName = 'journal';
/** Records read at once; more follow until all are read. */
const pageMax = 5000;
/** A signal that tells of the same failure comes well within this. */
const grace = seconds(2);
/** The cursor is stored at most this often: reading a few records twice does no harm. */
const saveEvery = seconds(5);
const retryFirst: Ms = seconds(1);
const retryMax = seconds(60);
/** A million records; what is beyond was so long ago that the state now must do. */
const pagesMax = 200;

export interface JournalParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly state: State;
  readonly watcher: Watcher;
  readonly bootId: string;
  /** Resolves when the units are known, or cannot be: the journal is compared with them. */
  readonly ready: Promise<void>;
  readonly publish: () => void;
}

/** Live, only what is told by nobody else is of interest, and little of it comes. */
const followed: readonly string[] = messageIds.filter((id) => id !== messages.restartScheduled);

export async function watchJournal(parts: JournalParts): Promise<void> {
  const { clock, watcher } = parts;
  const { signal } = watcher;
  const cursor = createCursor(parts);
  let first = true;
  for (let pause = retryFirst; !signal.aborted; pause = Math.min(pause * 2, retryMax)) {
    const began = clock.monotonic();
    const why = (await catchUp(parts, cursor, first)) ?? (await follow(parts, cursor));
    if (signal.aborted) break;
    first = false;
    watcher.blindPart(eye, why);
    if (clock.monotonic() - began > retryMax) pause = retryFirst;
    await clock.sleep(pause, signal);
  }
  cursor.save();
}

interface Cursor {
  /** The record is dealt with. */
  passed(record: JournalRecord): void;
  save(): void;
  position(): string | undefined;
}

function createCursor({ clock, watcher }: JournalParts): Cursor {
  let position = watcher.cursor(cursorName);
  let saved = position;
  let planned = false;
  const save = (): void => {
    planned = false;
    if (position !== undefined && position !== saved) watcher.saveCursor(cursorName, position);
    saved = position;
  };
  return {
    save,
    position: () => position,
    passed: (record) => {
      position = record.cursor;
      if (!planned) clock.after(saveEvery, save);
      planned = true;
    },
  };
}

/** Reads what was written since tocsin stopped. Undefined when it could, else the reason. */
async function catchUp(
  parts: JournalParts,
  cursor: Cursor,
  first: boolean,
): Promise<string | undefined> {
  const { journal, clock, watcher, state, bootId } = parts;
  const since: EpochMs = watcher.lastSeenAt ?? clock.now();
  const records: JournalRecord[] = [];
  for (let page = 0; page < pagesMax && !watcher.signal.aborted; page++) {
    const after = records.at(-1)?.cursor ?? cursor.position();
    const from = after === undefined ? { since } : { afterCursor: after };
    const answer = await journal.read({ messageIds, limit: pageMax, ...from });
    if (answer.type === 'unreadable') return answer.why;
    records.push(...answer.records);
    if (answer.records.length < pageMax) break;
  }
  await parts.ready;
  const mode = {
    catchingUp: first,
    bootId,
    wasTold: (event: Event) => first && watcher.wasStored(event),
  };
  for (const late of readLate(records)) {
    applyLate(state, late, mode);
    parts.publish();
  }
  const last = records.at(-1);
  if (last !== undefined) cursor.passed(last);
  watcher.blindPart(eye, null);
  return undefined;
}

/** Follows until it ends; resolves with the reason. */
async function follow(parts: JournalParts, cursor: Cursor): Promise<string> {
  const { journal, clock, state, watcher, bootId, publish } = parts;
  const position = cursor.position();
  const follower = journal.follow({
    messageIds: followed,
    ...(position !== undefined && { afterCursor: position }),
  });
  const stop = (): void => follower.stop();
  watcher.signal.addEventListener('abort', stop, { once: true });
  const mode: LateMode = { catchingUp: false, wasTold: () => false, bootId };
  let ended: JournalRecord | undefined;
  for await (const record of follower.records) {
    if (record.fields.MESSAGE_ID === messages.processEnded) {
      ended = record;
      continue;
    }
    const told = ended?.fields.UNIT === record.fields.UNIT && ended ? [ended, record] : [record];
    const lates = readLate(told);
    clock.after(grace, () => {
      if (watcher.signal.aborted) return;
      for (const late of lates) applyLate(state, late, mode);
      publish();
      cursor.passed(record);
    });
  }
  watcher.signal.removeEventListener('abort', stop);
  return follower.ended;
}
