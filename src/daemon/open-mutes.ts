/** Opens the mute desk with what was stored, and the weekly reminder beside it. */
import type { Settings } from '../config/settings.ts';
import type { Note } from '../domain/message.ts';
import type { Calendar } from '../platform/calendar.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Remembered } from '../store/store.ts';
import type { CommitQueue } from './commit-queue.ts';
import { MuteDesk } from './mute-desk.ts';
import { MuteReminders } from './mute-reminders.ts';
import type { Pipeline } from './pipeline.ts';
import type { Publication } from './publication.ts';

/** Name of the cursor that holds the week of the last reminder. */
const cursor = 'mutes/reminder';

export interface MuteParts {
  readonly pipeline: Pipeline;
  readonly queue: CommitQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly publication: Publication;
  readonly calendar: Calendar;
  readonly settings: () => Settings['mutes'];
  readonly tell: (note: Note) => Promise<void>;
}

export function openMutes(parts: MuteParts, remembered: Remembered): MuteDesk {
  const { clock, pipeline, publication, settings, tell } = parts;
  const reminders = new MuteReminders(
    {
      now: () => clock.now(),
      active: () => publication.active(),
      after: () => settings().remindAfter,
      tell,
      save: (week) => pipeline.saveCursor(cursor, week),
    },
    remembered.cursors[cursor],
  );
  const desk = {
    ...parts,
    feed: publication,
    longest: () => settings().longest,
    onLook: (silences: Parameters<MuteReminders['look']>[0]) => reminders.look(silences),
  };
  return new MuteDesk(desk, remembered.mutes);
}
