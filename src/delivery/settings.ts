/** What can be set for every channel, whatever its type, and for delivery as a whole. */
import { duration, type Section, type Setting, someOf, toggle, word } from '../config/readers.ts';
import { severities } from '../domain/alert.ts';
import { hours, type Ms, minutes, parseDuration, renderDuration, seconds } from '../domain/time.ts';
import { parseMatchers } from '../rules/matchers.ts';
import { isZone, weekdays } from './hours.ts';

/** A length of time, or `0s` for none. */
const span = (value: Ms, help: string): Setting<Ms> => ({
  default: value,
  help,
  expects: 'a duration such as 5s, 5m or 4h, or 0s',
  spelled: renderDuration(value),
  read: (given) => {
    const parsed = typeof given === 'string' ? parseDuration(given) : undefined;
    return parsed === undefined ? undefined : { value: parsed };
  },
});

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Texts of matchers: compiled where they are used, because settings are plain values. */
const matchers = (help: string): Setting<readonly string[]> => ({
  default: [],
  help,
  expects: `a list of matchers such as ['source=storage', 'unit=~"backup.*"']`,
  spelled: '[]',
  read: (given) =>
    Array.isArray(given) && given.every(isText) && parseMatchers(given).type === 'ok'
      ? { value: given }
      : undefined,
});

const groupNamesMax = 10;
const groupNames = (help: string): Setting<readonly string[]> => ({
  default: ['rule'],
  help,
  expects: `a list of at most ${groupNamesMax} names such as [rule, resourceId]`,
  spelled: '["rule"]',
  read: (given) =>
    Array.isArray(given) && given.length <= groupNamesMax && given.every(isText)
      ? { value: given }
      : undefined,
});

const budgetMax = 10_000;
/** Whole; 0 for none. */
const budget = (value: number, help: string): Setting<number> => ({
  default: value,
  help,
  expects: `a whole number from 0 (no limit) to ${budgetMax}`,
  spelled: String(value),
  read: (given) =>
    typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= budgetMax
      ? { value: given }
      : undefined,
});

const timeOfDay = (value: string, help: string): Setting<string> =>
  word(value, help, {
    pattern: /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    expects: 'a time of the day such as "07:30", in quotes',
  });

const zone = (help: string): Setting<string> => ({
  default: '',
  help,
  expects: 'the name of a time zone such as Europe/Vienna',
  spelled: '""',
  read: (given) =>
    given === '' || (isText(given) && isZone(given)) ? { value: given } : undefined,
});

export const channelSettings = {
  enabled: toggle(true, 'Whether it is told anything.'),
  // All of them: nobody should miss what they did not choose to miss, and few rules are of info.
  severities: someOf(
    severities,
    severities,
    'What it is told of. Reports and reminders go to those that take info.',
  ),
  matchers: matchers('Only alerts for which all of these hold, in the notation of Alertmanager.'),
  after: span(
    0,
    'Only what nobody has acknowledged for so long: channels with rising values are steps of an escalation.',
  ),
  hours: {
    days: someOf(weekdays, weekdays, 'Days on which somebody is at work.'),
    from: timeOfDay('00:00', 'When their work begins.'),
    to: timeOfDay('24:00', 'When it ends; before `from`: on the next day.'),
    zone: zone('Time zone of these; that of the machine where nothing is written.'),
    waits: someOf(
      severities,
      ['info', 'warning'],
      'What is not told outside of these hours, but at their next beginning, together.',
    ),
  },
  groupBy: groupNames(
    'What alerts have in common that are told in one message: labels, or rule, severity, source, resourceKind, resourceId.',
  ),
  groupWait: span(seconds(5), 'How long the first news of a group waits for more of it.'),
  groupInterval: span(minutes(5), 'The least time between two messages of one group.'),
  repeatInterval: span(
    hours(4),
    'What fires on and is not acknowledged is told again after this time; 0s: never.',
  ),
  budget: budget(
    60,
    'Messages in an hour; 0 for no limit. From half of it on they are spread, and what waits is told in one digest.',
  ),
  resolved: toggle(true, 'Whether it is told that an alert has ended.'),
} as const satisfies Section;

export const deliverySettings = {
  nobodyToldAfter: duration(
    minutes(5),
    'A critical alert that no channel has taken for so long is cried out on the machine itself.',
  ),
} as const satisfies Section;
