/**
 * The weekly reminder: acknowledgements and silences that have grown old are told once a week,
 * with who set them, so that none stays because everybody has forgotten it.
 */
import type { Alert } from '../domain/alert.ts';
import type { Note } from '../domain/message.ts';
import type { Silence } from '../domain/mute.ts';
import { plural } from '../domain/plural.ts';
import { days, type EpochMs, hours, type Ms, renderDuration, rfc3339 } from '../domain/time.ts';
import { silenceStateOf } from '../operations/silence-plan.ts';
import { renderMatcher } from '../rules/matchers.ts';

/** Weeks change on Monday at this time of the day: nobody reads a reminder of midnight. */
const morning = hours(8);
/** Lines of one reminder. */
const linesMax = 100;

/** ISO 8601 week of the local day, `2026-W47`; a week begins on Monday morning. */
export function weekOf(at: EpochMs): string {
  const local = new Date(at - morning);
  const day = Date.UTC(local.getFullYear(), local.getMonth(), local.getDate());
  // A week belongs to the year that its Thursday is in.
  const thursday = day + days(3 - ((local.getDay() + 6) % 7));
  const year = new Date(thursday).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / days(7)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

interface Old {
  readonly since: EpochMs;
  readonly text: string;
}

const said = (comment: string | null): string => (comment === null ? '' : `: ${comment}`);

function oldSilences(silences: readonly Silence[], now: EpochMs, after: Ms): readonly Old[] {
  return silences
    .filter((one) => silenceStateOf(one, now) === 'active' && one.startsAt <= now - after)
    .map(({ startsAt, endsAt, matchers, comment, createdBy, id }) => ({
      since: startsAt,
      text: `${createdBy}: silence ${id} of ${matchers.map(renderMatcher).join(',')} until ${rfc3339(endsAt)}${said(comment)}`,
    }));
}

function oldAcknowledgements(active: readonly Alert[], now: EpochMs, after: Ms): readonly Old[] {
  return active.flatMap((alert) => {
    const { acknowledged, acknowledgedAt, acknowledgedBy, title, id, comment } = alert;
    if (!acknowledged || acknowledgedAt === null || acknowledgedAt > now - after) return [];
    const who = acknowledgedBy ?? 'nobody known';
    return [{ since: acknowledgedAt, text: `${who}: alert ${id}, ${title}${said(comment)}` }];
  });
}

/** Undefined where nothing is that old. */
export function reminderOf(
  silences: readonly Silence[],
  active: readonly Alert[],
  { now, after }: { readonly now: EpochMs; readonly after: Ms },
): Note | undefined {
  const silenced = oldSilences(silences, now, after);
  const acknowledged = oldAcknowledgements(active, now, after);
  const all = [...silenced, ...acknowledged].toSorted((a, b) => a.since - b.since);
  if (all.length === 0) return undefined;
  const counts = [
    ...(silenced.length > 0 ? [plural(silenced.length, 'silence')] : []),
    ...(acknowledged.length > 0 ? [plural(acknowledged.length, 'acknowledgement')] : []),
  ];
  const lines = all.map(({ since, text }) => `${Math.floor((now - since) / days(1))}d, ${text}`);
  const left = lines.length - linesMax;
  return {
    type: 'reminder',
    key: `reminder ${weekOf(now)}`,
    title: `Older than ${renderDuration(after)}: ${counts.join(' and ')}`,
    lines: [...lines.slice(0, linesMax), ...(left > 0 ? [`and ${left} more`] : [])],
  };
}

export interface ReminderParts {
  readonly now: () => EpochMs;
  readonly active: () => readonly Alert[];
  readonly after: () => Ms;
  /** Resolves when it cannot get lost. */
  readonly tell: (note: Note) => Promise<void>;
  readonly save: (week: string) => void;
}

export class MuteReminders {
  readonly #parts: ReminderParts;
  #week: string | undefined;

  /** `week`: the one in which was reminded last. */
  constructor(parts: ReminderParts, week: string | undefined) {
    this.#parts = parts;
    this.#week = week;
  }

  /**
   * A clock that is set back over a Monday morning makes no second reminder; one that had been
   * more than a week ahead does not keep reminders back until then.
   */
  #hasTurned(week: string): boolean {
    const told = this.#week;
    return told === undefined || week > told || told > weekOf(this.#parts.now() + days(7));
  }

  look(silences: readonly Silence[]): void {
    const { now, active, after, tell, save } = this.#parts;
    const week = weekOf(now());
    if (!this.#hasTurned(week)) return;
    const note = reminderOf(silences, active(), { now: now(), after: after() });
    if (note === undefined) return;
    this.#week = week;
    tell(note).then(
      () => save(week),
      // Told at the next look.
      () => {
        this.#week = undefined;
      },
    );
  }
}
