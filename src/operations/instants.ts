/** Instants in requests: RFC 3339, or a duration counted from now. */
import { days, type EpochMs, parseDuration } from '../domain/time.ts';
import { refuseField } from './refusals.ts';

const pattern =
  /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** A second that is inserted at the end of a day in UTC: RFC 3339, 5.7. */
const leapSecond = /:60(?:\.\d+)?(?=[Zz+-])/;

/**
 * Undefined when the text is no RFC 3339 instant with an offset, or names no day. A leap second is
 * the first instant of the next day: our clock has none.
 */
export function parseInstant(text: string): EpochMs | undefined {
  if (!pattern.test(text)) return undefined;
  const isLeap = leapSecond.test(text);
  const shown = isLeap ? text.replace(leapSecond, ':59') : text;
  const at = Date.parse(shown.replace(' ', 'T').toUpperCase()) + (isLeap ? 1000 : 0);
  if (isLeap && at % days(1) !== 0) return undefined;
  return Number.isFinite(at) ? at : undefined;
}

/** Whether the text means another instant at another time. */
export const isRelative = (text: string | undefined): boolean =>
  text !== undefined && parseInstant(text) === undefined;

const isNeither = 'must be RFC 3339 such as 2026-11-22T06:14:00Z, or a duration such as 1h30m';

/** The instant; a duration means that long from now. Refuses what is neither, or over already. */
export function readFuture(field: string, text: string, now: EpochMs): EpochMs {
  const span = parseDuration(text);
  const at = parseInstant(text) ?? (span === undefined ? undefined : now + span);
  if (at === undefined) throw refuseField(field, `${isNeither}; ${JSON.stringify(text)} is not`);
  if (at <= now)
    throw refuseField(field, `must lie in the future; ${JSON.stringify(text)} does not`);
  return at;
}

/** The instant; a duration means that long ago. Refuses what is neither. */
export function readPast(field: string, text: string, now: EpochMs): EpochMs {
  const at = parseInstant(text);
  const span = parseDuration(text);
  if (at !== undefined) return at;
  if (span !== undefined) return now - span;
  throw refuseField(field, `${isNeither}; ${JSON.stringify(text)} is not`);
}
