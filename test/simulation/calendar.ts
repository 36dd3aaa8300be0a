/** Systemd's calendar for the simulation: `HH:MM` of each day in the zone of the channels. */
import { days, type EpochMs, hours, minutes } from '../../src/domain/time.ts';
import type { Calendar } from '../../src/platform/calendar.ts';
import { zone } from './channels.ts';

const format = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** The moment of the local day that `noon` lies in; where the clocks skip it, the next one. */
function momentOf(time: string, day: EpochMs): EpochMs | undefined {
  for (let at = day; at < day + hours(25); at += minutes(30))
    if (format.format(at) === time) return at;
  return undefined;
}

function momentsAfter(time: string, base: EpochMs, count: number): readonly EpochMs[] {
  const found: EpochMs[] = [];
  const whole = Math.floor(base / minutes(30)) * minutes(30);
  for (let from = whole; found.length < count; ) {
    const at = momentOf(time, from);
    if (at !== undefined && at > base) found.push(at);
    from = at === undefined ? from + days(1) : at + minutes(90);
  }
  return found;
}

/** It does not answer while `isAway`. */
export class SimulatedCalendar implements Calendar {
  isAway = false;

  async momentsAfter(calendar: string, base: EpochMs, { count }: { readonly count: number }) {
    if (this.isAway) return { type: 'unknown', why: 'systemd-analyze does not answer' } as const;
    return { type: 'moments', moments: momentsAfter(calendar, base, Math.min(count, 3)) } as const;
  }

  async placeOf() {
    return { type: 'unknown', why: 'nobody asks here' } as const;
  }
}
