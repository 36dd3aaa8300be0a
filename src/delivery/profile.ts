/** One channel as the dispatcher knows it: what was set for it, ready to be asked. */
import type { Member, ValuesOf } from '../config/readers.ts';
import type { Alert, Severity } from '../domain/alert.ts';
import type { Ms } from '../domain/time.ts';
import { type Matcher, matchesAlert, parseMatchers } from '../rules/matchers.ts';
import type { Channel } from './channel.ts';
import { type Hours, weekdays } from './hours.ts';
import type { channelSettings } from './settings.ts';

export interface Profile {
  readonly name: string;
  readonly type: string;
  readonly place: Channel['place'];
  readonly enabled: boolean;
  readonly severities: ReadonlySet<Severity>;
  readonly matchers: readonly Matcher[];
  /** Null: somebody is always at work. */
  readonly hours: Hours | null;
  readonly groupBy: readonly string[];
  readonly groupWait: Ms;
  readonly groupInterval: Ms;
  /** 0: never. */
  readonly repeatInterval: Ms;
  /** Messages in an hour; null: without limit. */
  readonly budget: number | null;
  readonly resolved: boolean;
  readonly after: Ms;
  /** Alerts in one message, where the type of the channel says so. */
  readonly itemsMax?: number | undefined;
}

type Values = ValuesOf<typeof channelSettings>;

function minuteOf(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

function hoursOf({ days, from, to, zone, waits }: Values['hours']): Hours | null {
  const isAlways =
    from === '00:00' && to === '24:00' && weekdays.every((day) => days.includes(day));
  if (isAlways) return null;
  return {
    days: new Set(days),
    from: minuteOf(from),
    to: minuteOf(to),
    zone: zone === '' ? undefined : zone,
    waits: new Set(waits),
  };
}

/** `place` is that of the type. The settings were checked when they were read. */
export function profileOf(name: string, member: Member, place: Channel['place']): Profile {
  const values = member as object as Values;
  const parsed = parseMatchers(values.matchers);
  return {
    ...values,
    name,
    type: member.type,
    place,
    severities: new Set(values.severities),
    matchers: parsed.type === 'ok' ? parsed.matchers : [],
    hours: hoursOf(values.hours),
    budget: values.budget === 0 ? null : values.budget,
  };
}

/** What is written there is read by whoever happens to look: it does not count as telling. */
const reachesNobody = ['journal', 'wall'];
export const reachesSomebody = ({ type }: Pick<Profile, 'type'>): boolean =>
  !reachesNobody.includes(type);

/** Whether the channel has to do with such alerts at all. */
export const routes = (profile: Profile, alert: Alert): boolean =>
  profile.severities.has(alert.severity) && matchesAlert(profile.matchers, alert);
