/** What may be set about tasks: what is expected to happen. */
import { listOf } from '../../config/readers.ts';
import { type Ms, parseDuration } from '../../domain/time.ts';

/** Something that should have happened by certain moments. */
export interface Expected {
  /** The job, or the unit without ".service". */
  readonly job: string;
  /** systemd.time(7): `Mon..Fri 06:00`. */
  readonly calendar: string;
  /** How old it may be at that moment; null: since the moment before. */
  readonly within: Ms | null;
  readonly result: 'success' | 'run';
}

const known = ['job', 'unit', 'calendar', 'within', 'result'];

const isText = (value: unknown): value is string =>
  typeof value === 'string' && /^[^\p{Cc}]{1,500}$/u.test(value);

export function readExpected(value: unknown): Expected | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  if (Object.keys(given).some((name) => !known.includes(name))) return undefined;
  const { job, unit, calendar, within, result = 'success' } = given;
  const name = job ?? unit;
  if (!isText(name) || !isText(calendar) || (job !== undefined && unit !== undefined))
    return undefined;
  if (result !== 'success' && result !== 'run') return undefined;
  const span = typeof within === 'string' ? parseDuration(within) : undefined;
  if (within !== undefined && (span === undefined || span <= 0)) return undefined;
  return {
    job: unit === undefined ? name : name.replace(/\.service$/, ''),
    calendar,
    within: span ?? null,
    result,
  };
}

export const taskSettings = {
  expect: listOf(
    'What should have happened by a moment of a calendar (systemd.time(7)), else it is missed: ' +
      'a job that reports or a unit, how old its success may be then (within; else since the ' +
      'moment before), and whether it must have ended well (result: success, or run).',
    'a list such as [{ job: nightly, calendar: "Mon..Fri 06:00", within: 12h }, ' +
      '{ unit: backup.service, calendar: "06:00", result: success }], no job twice by one calendar',
    readExpected,
    ({ job, calendar }) => `${job}@${calendar}`,
  ),
};
