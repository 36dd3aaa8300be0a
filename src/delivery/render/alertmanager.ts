/**
 * Alerts in Alertmanager's shape: known by their labels alone, with the texts as annotations. The
 * labels are those that tocsin's own door under /am shows, and `host`, because many boxes tell
 * one receiver.
 */
import type { Alert, Severity } from '../../domain/alert.ts';
import { drillMark, type Message, type MessageItem, withoutMark } from '../../domain/message.ts';
import { type EpochMs, minutes, rfc3339 } from '../../domain/time.ts';
import { manyLines, oneLine } from './clean.ts';
import { hostOf, titleOf } from './summary.ts';

export type Texts = Readonly<Record<string, string>>;

export interface AlertShape {
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly startsAt: EpochMs;
  /** Null: it fires, and nobody knows when it will end. */
  readonly endsAt: EpochMs | null;
  /** Id of the alert of ours; '' of what is none. */
  readonly id: string;
}

const labelLengthMax = 1000;
/** So that a hundred alerts stay below 1 MB, which is all that nginx lets through by default. */
const textLengthMax = 2000;
/** A report, a reminder or a test is no alert: as one it is over by itself after this time. */
const noteLasts = minutes(5);

const withoutEmpty = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));

/** Names as every Alertmanager takes them (before 0.27: letters, digits, _); values of one line. */
const cleanLabels = (labels: Texts): Texts =>
  withoutEmpty(
    Object.fromEntries(
      Object.entries(labels).map(([name, value]) => [
        name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_'),
        oneLine(value, labelLengthMax),
      ]),
    ),
  );

export function labelsOf(alert: Alert, message: Message, severity: Severity): Texts {
  const host = { host: hostOf(message) };
  const drill = message.drill ? { drill: 'true' } : {};
  // What was pushed in keeps the labels it came with.
  if (alert.origin === 'pushed') return cleanLabels({ ...host, ...alert.labels, ...drill });
  return cleanLabels({
    ...host,
    ...alert.labels,
    alertname: alert.rule,
    severity,
    source: alert.source,
    resourceKind: alert.resource.kind,
    resourceId: alert.resource.id,
    ...drill,
  });
}

function annotationsOf({ alert, victims, victimTitles }: MessageItem, message: Message): Texts {
  const drill = message.drill ? drillMark : '';
  return withoutEmpty({
    summary: `${drill}${oneLine(withoutMark(alert.title), textLengthMax)}`,
    description: manyLines(alert.message, textLengthMax).join('\n'),
    advice: oneLine(alert.advice, textLengthMax),
    cause: alert.cause ?? '',
    victims: victims === 0 ? '' : String(victims),
    victimTitles: oneLine(victimTitles.join(', '), textLengthMax),
    alertId: alert.id,
  });
}

export function shapeOf(item: MessageItem, message: Message): AlertShape {
  const { alert } = item;
  return {
    labels: labelsOf(alert, message, alert.severity),
    annotations: annotationsOf(item, message),
    startsAt: alert.startsAt,
    endsAt: alert.phase === 'resolved' ? (alert.resolvedAt ?? message.at) : null,
    id: alert.id,
  };
}

/** A report, a reminder or a test as an alert of severity `info` that soon ends by itself. */
function shapeOfNote(message: Message): AlertShape {
  const lines = message.lines.map((line) => oneLine(line, labelLengthMax)).join('\n');
  return {
    labels: {
      alertname: `tocsin-${message.type}`,
      severity: 'info',
      host: hostOf(message),
      ...(message.drill ? { drill: 'true' } : {}),
    },
    annotations: withoutEmpty({ summary: titleOf(message), description: lines }),
    startsAt: message.at,
    endsAt: message.at + noteLasts,
    id: '',
  };
}

export const shapesOf = (message: Message): readonly AlertShape[] =>
  message.items.length === 0
    ? [shapeOfNote(message)]
    : message.items.map((item) => shapeOf(item, message));

/** Go's zero time, which Alertmanager's payloads hold where there is no time. */
export const instantOrZero = (at: EpochMs | null): string =>
  at === null ? '0001-01-01T00:00:00Z' : rfc3339(at);
