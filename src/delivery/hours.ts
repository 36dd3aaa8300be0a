/** Working hours: when a channel may be told of what can wait, in the local time of a zone. */
import type { Severity } from '../domain/alert.ts';
import { days, type EpochMs, minutes } from '../domain/time.ts';

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

export interface Hours {
  readonly days: ReadonlySet<Weekday>;
  /** Minutes of the day. Where `to` is not above `from`, it is one of the next day. */
  readonly from: number;
  readonly to: number;
  /** Name of the IANA database; undefined: that of the machine. */
  readonly zone: string | undefined;
  /** What waits outside of them; the rest passes at any time. */
  readonly waits: ReadonlySet<Severity>;
}

const minutesOfDay = 24 * 60;

const formats = new Map<string | undefined, Intl.DateTimeFormat>();
function formatOf(zone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, format);
  return format;
}

export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

interface Local {
  /** Index of `weekdays`. */
  readonly day: number;
  /** Of the day. */
  readonly minute: number;
}

function localOf(at: EpochMs, zone: string | undefined): Local {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const name = parts.get('weekday')?.toLowerCase() as Weekday;
  const day = weekdays.indexOf(name);
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

const has = (hours: Hours, day: number): boolean =>
  hours.days.has(weekdays[(day + weekdays.length) % weekdays.length] ?? 'sun');

function holds(hours: Hours, { day, minute }: Local): boolean {
  const { from, to } = hours;
  if (from < to) return has(hours, day) && minute >= from && minute < to;
  return (has(hours, day) && minute >= from) || (has(hours, day - 1) && minute < to);
}

export const isOpen = (hours: Hours, at: EpochMs): boolean => holds(hours, localOf(at, hours.zone));

/**
 * The instant at which they next open; now when they are open. Where a clock change lies between,
 * it is found by looking again at the instant that was reckoned without it.
 */
export function nextOpening(hours: Hours, now: EpochMs): EpochMs {
  if (isOpen(hours, now)) return now;
  const local = localOf(now, hours.zone);
  const startOfMinute = Math.floor(now / minutes(1)) * minutes(1);
  for (let later = 0; later <= weekdays.length; later++) {
    if (!has(hours, local.day + later)) continue;
    const wait = later * minutesOfDay + hours.from - local.minute;
    if (wait <= 0) continue;
    const reckoned = startOfMinute + minutes(wait);
    const off = localOf(reckoned, hours.zone).minute - hours.from;
    const nearest = off - Math.round(off / minutesOfDay) * minutesOfDay;
    const right = reckoned - minutes(nearest);
    return right > now ? right : reckoned;
  }
  // No day at all is refused by the settings.
  return now + days(1);
}
