/** The explanation of an alert in plain words, for people who read it at night. */
import { type EpochMs, renderDuration } from '../domain/time.ts';
import type { Explanation } from './explain-schema.ts';

/** Things of a list that are named; the others are counted. */
const namedMax = 10;
const tasksNamedMax = 5;

type Brief = Explanation['victims'][number];
type Change = Explanation['changed']['items'][number];

/** `2026-11-22 06:14:00Z`: short, and the same on every machine. */
const moment = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')}Z`;
const parse = (instant: string): EpochMs => Date.parse(instant);

const span = (from: string, to: string): string =>
  renderDuration(Math.max(0, Math.round((parse(to) - parse(from)) / 1000) * 1000));

const named = ({ title, phase, startsAt }: Brief): string =>
  `  ${title} (${phase}, since ${moment(startsAt)})`;

function listed<T>(items: readonly T[], total: number, say: (item: T) => string): string[] {
  const shown = items.slice(0, namedMax).map(say);
  const left = total - shown.length;
  return left > 0 ? [...shown, `  and ${left} more`] : shown;
}

function beginning({ alert, firstSign }: Explanation): string[] {
  const late = alert.foundLate ? ' tocsin was down or blind then and found it later.' : '';
  const began = `It began at ${moment(alert.startsAt)} and was seen at ${moment(alert.detectedAt)}.`;
  const sign =
    firstSign.time < alert.startsAt
      ? [`The first sign was at ${moment(firstSign.time)}: ${firstSign.what}.`]
      : [];
  const { resolvedAt, resolvedBy } = alert;
  const end =
    resolvedAt === null
      ? []
      : [
          `It ended at ${moment(resolvedAt)} after ${span(alert.startsAt, resolvedAt)}: ${resolvedBy}.`,
        ];
  const still = alert.stillTrue ? ['It was resolved by hand; what it says is still true.'] : [];
  return [`${began}${late}`, ...sign, ...end, ...still];
}

function blame({ cause, alternatives }: Explanation): string[] {
  const others =
    alternatives.length === 0
      ? []
      : ['Perhaps to blame as well, the likelier first:', ...alternatives.map(named)];
  if (cause === null) {
    const alone =
      others.length === 0 ? 'Nothing that it needs failed before it' : 'No cause is sure';
    return [`${alone}: it counts as a cause of its own.`, ...others];
  }
  const sure = cause.certainty === 'certain' ? 'This is certain' : 'This is likely, not certain';
  return [`It is a victim. To blame is:`, named(cause.alert), `${sure}: ${cause.why}.`, ...others];
}

function victims({ victims: known, victimCount }: Explanation): string[] {
  if (victimCount === 0) return [];
  const count = victimCount === 1 ? '1 alert' : `${victimCount} alerts`;
  return [`Because of it there ${victimCount === 1 ? 'is' : 'are'} ${count} more:`].concat(
    listed(known, victimCount, named),
  );
}

const sayChange = ({ time, what }: Change): string => `  ${moment(time)}  ${what}`;

/** Tasks end all the time: they must not push out what people and programs changed. */
function changed({ changed: { items, omitted, unreadable } }: Explanation): string[] {
  const [tasks, edits] = [true, false].map((isTask) =>
    items.toReversed().filter(({ type }) => (type === 'task') === isTask),
  ) as [Change[], Change[]];
  const total = edits.length + omitted;
  const lines =
    total === 0
      ? ['Nothing that tocsin can see was changed in the 24 hours before.']
      : ['Changed in the 24 hours before, the latest first:', ...listed(edits, total, sayChange)];
  const last = tasks.slice(0, tasksNamedMax).map(sayChange);
  const ended = last.length === 0 ? [] : ['Tasks that ended last before it:', ...last];
  const refused = unreadable.map(({ what, why }) => `  Could not look at ${what}: ${why}.`);
  return [...lines, ...refused, ...ended];
}

function mutes({ mutedBy, alert }: Explanation): string[] {
  const acknowledged =
    alert.acknowledged && alert.acknowledgedAt !== null
      ? [
          `${alert.acknowledgedBy ?? 'Somebody'} acknowledged it at ${moment(alert.acknowledgedAt)}.`,
        ]
      : [];
  const muted = mutedBy.map(({ type, id, name, by, until }) => {
    const who = by === null ? '' : `, set by ${by}`;
    const end = until === null ? '' : `, until ${moment(until)}`;
    return `  ${type} ${name === '' ? id : `"${name}"`}${who}${end}`;
  });
  const heading = 'It is not announced by itself, because of:';
  return [...acknowledged, ...(muted.length === 0 ? [] : [heading, ...muted])];
}

function told({ told: messages, toldMore, routes }: Explanation): string[] {
  if (messages.length === 0) {
    const silent = routes
      .filter(({ tells }) => !tells)
      .map(({ channel, why }) => `  ${channel} does not tell of it: ${why}`);
    return ['Nobody was told of it so far.', ...silent];
  }
  const lines = messages
    .slice(0, namedMax)
    .map(
      ({ time, channel, reason, state }) => `  ${moment(time)}  ${channel}: ${reason}, ${state}`,
    );
  const isMore = toldMore || messages.length > namedMax;
  return ['Told, the latest first:', ...lines, ...(isMore ? ['  and earlier ones'] : [])];
}

const evidence = ({ alert }: Explanation): string[] =>
  alert.evidence.flatMap(({ title, lines }) => [
    `${title}:`,
    ...lines.slice(-namedMax).map((line) => `  ${line}`),
  ]);

/** Paragraphs with an empty line between; those with nothing to say are left out. */
export function sayExplanation(explanation: Explanation): string {
  const { alert } = explanation;
  const head = [alert.title, ...(alert.message === '' ? [] : [alert.message])];
  const parts = [
    head,
    beginning(explanation),
    blame(explanation),
    victims(explanation),
    changed(explanation),
    evidence(explanation),
    mutes(explanation),
    told(explanation),
    alert.advice === '' ? [] : [`What to do: ${alert.advice}`],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
