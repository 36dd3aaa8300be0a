/** Instants and durations as people write and read them. */
import {
  days,
  type EpochMs,
  hours,
  type Ms,
  minutes,
  parseDuration,
  seconds,
} from '../../domain/time.ts';
import { Stop } from '../exit.ts';

/** One number and one unit, as long as that says enough: 45s, 12m, 30h, 9d. */
export function renderAge(span: Ms): string {
  const past = Math.max(0, span);
  if (past < minutes(2)) return `${Math.floor(past / seconds(1))}s`;
  if (past < hours(2)) return `${Math.floor(past / minutes(1))}m`;
  if (past < days(2)) return `${Math.floor(past / hours(1))}h`;
  return `${Math.floor(past / days(1))}d`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-11-22 07:14:00 +0100`, or `2026-11-22 06:14:00Z`. */
export function renderMoment(at: EpochMs, isUtc: boolean): string {
  const moment = new Date(at);
  if (isUtc) return `${moment.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  // Minutes that local time is behind UTC: negative in the east.
  const behind = moment.getTimezoneOffset();
  const offset = `${behind > 0 ? '-' : '+'}${two(Math.floor(Math.abs(behind) / 60))}${two(Math.abs(behind) % 60)}`;
  return `${new Date(at - minutes(behind)).toISOString().slice(0, 19).replace('T', ' ')} ${offset}`;
}

const zoned = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const local = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;

function readLocal(text: string): EpochMs | undefined {
  const match = local.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const moment = new Date(year, month - 1, day, hour, minute, second);
  // 31 February would become March.
  return moment.getMonth() === month - 1 && moment.getDate() === day ? moment.getTime() : undefined;
}

function readNamed(text: string, now: EpochMs): EpochMs | undefined {
  if (text === 'now') return now;
  if (text !== 'today' && text !== 'yesterday') return undefined;
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  if (text === 'yesterday') day.setDate(day.getDate() - 1);
  return day.getTime();
}

/** As journalctl takes it: `1h`, `1h ago`, `today`, `2026-11-22 07:00` (local time), RFC 3339. */
export function readWhen(option: string, text: string, now: EpochMs): EpochMs {
  const span = parseDuration(text.replace(/ ago$/, '').replaceAll(' ', ''));
  if (span !== undefined) return now - span;
  const at = zoned.test(text) ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
  const found = Number.isFinite(at) ? at : (readLocal(text) ?? readNamed(text, now));
  if (found !== undefined) return found;
  const forms = '1h30m, "2d ago", today, yesterday, "2026-11-22 07:00" or RFC 3339';
  throw new Stop('usage', `--${option} ${JSON.stringify(text)}: must be a time such as ${forms}`);
}
