/**
 * One alert in words: what is wrong, why, who is hurt, what to do first, since when, where, and
 * how to say that one takes care of it. Plain text, HTML and Slack lay the same words out.
 */
import { type Alert, type ResolvedBy, rankOf } from '../../domain/alert.ts';
import type { AnnounceReason, Message, MessageItem } from '../../domain/message.ts';
import { type EpochMs, type Ms, renderDuration } from '../../domain/time.ts';
import { manyLines, oneLine } from './clean.ts';
import { hostOf, isFiring } from './summary.ts';

export interface Fact {
  readonly name: string;
  readonly text: string;
  /** A command to be typed: shown so that it can be copied. */
  readonly isCommand?: true;
}

export interface ItemText {
  /** `CRITICAL`, `RESOLVED`. */
  readonly badge: string;
  readonly title: string;
  /** What is new about it, a sentence each. */
  readonly news: readonly string[];
  /** The alert's own message. */
  readonly lines: readonly string[];
  readonly facts: readonly Fact[];
  readonly evidence: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

const titleLengthMax = 300;
const messageLengthMax = 4000;
const adviceLengthMax = 2000;
const nameLengthMax = 200;
const labelsMax = 20;
const evidenceLinesMax = 30;
const evidenceLineLengthMax = 300;

/** `2026-11-22 06:14:00 UTC`. */
export const instantText = (at: EpochMs): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const wholeSeconds = (duration: Ms): string =>
  renderDuration(Math.max(0, Math.floor(duration / 1000) * 1000));

function severityNews({ alert, before }: MessageItem): string {
  if (before === undefined || before === alert.severity) return `It is ${alert.severity} now.`;
  const hasRisen = rankOf(alert.severity) > rankOf(before);
  return `It has ${hasRisen ? 'risen' : 'fallen'} from ${before} to ${alert.severity}.`;
}

function newsOf(item: MessageItem): readonly string[] {
  const { alert, reason } = item;
  const sentences: Readonly<Record<AnnounceReason, string>> = {
    raised: '',
    severity: severityNews(item),
    resolved: '',
    brief: 'It fired and ended before anybody was told.',
    repeat: 'It still fires, and nobody has acknowledged it.',
    unmuted: 'What muted it has ended, and it still fires.',
    escalated: 'Nobody has acknowledged it.',
  };
  return [
    sentences[reason],
    alert.foundLate ? 'It began while tocsin was not watching.' : '',
    alert.stale && alert.phase !== 'resolved'
      ? 'Its source cannot be read at present: this is how it was last seen.'
      : '',
  ].filter((sentence) => sentence !== '');
}

function endOf(by: ResolvedBy | null): string {
  const words: Readonly<Record<string, string>> = {
    recovered: 'it recovered',
    gone: 'what it was about is gone',
    absent: 'there is no such thing here any more',
    'rule-removed': 'its rule was removed',
    expired: 'its time was over',
  };
  if (by === null) return 'it is over';
  const known = Object.hasOwn(words, by) ? words[by] : undefined;
  return known ?? `resolved by ${oneLine(by.replace(/^operator:/, ''), nameLengthMax)}`;
}

function hurtOf({ victims, victimTitles }: MessageItem): string {
  const names = victimTitles.map((title) => oneLine(title, nameLengthMax));
  const rest = victims - names.length;
  const more = rest > 0 ? `${names.length > 0 ? ', and ' : ''}${rest} more` : '';
  const what = victims === 1 ? '1 more alert' : `${victims} more alerts`;
  return `${what} because of it: ${names.join(', ')}${more}`;
}

function blameOf({ cause, alternatives }: Alert): string {
  const ids = alternatives.slice(0, 3).map((id) => oneLine(id, 64));
  const others = ids.length > 0 ? `, or ${ids.join(', ')}` : '';
  return `because of alert ${oneLine(cause ?? '', 64)}${others}`;
}

const labelsOf = ({ labels }: Alert): string =>
  Object.entries(labels)
    .slice(0, labelsMax)
    .map(([name, value]) => `${oneLine(name, 64)}=${oneLine(value, 100)}`)
    .join(' ');

function factsOf(item: MessageItem, message: Message): readonly Fact[] {
  const { alert } = item;
  const id = oneLine(alert.id, 64);
  const firing = isFiring(item);
  const { kind } = alert.resource;
  const name = oneLine(alert.resource.id, nameLengthMax);
  const host = hostOf(message);
  const end = alert.resolvedAt ?? message.at;
  const lasted = wholeSeconds(end - alert.startsAt);
  const facts: readonly (Fact | undefined)[] = [
    alert.cause === null ? undefined : { name: 'Why', text: blameOf(alert) },
    item.victims === 0 ? undefined : { name: 'Hurt', text: hurtOf(item) },
    !firing || alert.advice === ''
      ? undefined
      : { name: 'Do first', text: oneLine(alert.advice, adviceLengthMax) },
    { name: 'Since', text: `${instantText(alert.startsAt)}${firing ? `, for ${lasted}` : ''}` },
    firing
      ? undefined
      : {
          name: 'Ended',
          text: `${instantText(end)}, after ${lasted}: ${endOf(alert.resolvedBy)}`,
        },
    {
      name: 'Where',
      text: kind === 'system.host' ? host : `${oneLine(kind, 64)} ${name} on ${host}`,
    },
    labelsOf(alert) === '' ? undefined : { name: 'Labels', text: labelsOf(alert) },
    alert.comment === null || alert.comment === ''
      ? undefined
      : { name: 'Comment', text: oneLine(alert.comment, adviceLengthMax) },
    { name: 'Rule', text: oneLine(alert.rule, nameLengthMax) },
    firing ? { name: 'I see to it', text: `tocsin alert ack ${id}`, isCommand: true } : undefined,
    { name: 'More', text: `tocsin alert explain ${id}`, isCommand: true },
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** What a message says of one alert. */
export function describe(item: MessageItem, message: Message): ItemText {
  const { alert } = item;
  return {
    badge: isFiring(item) ? alert.severity.toUpperCase() : 'RESOLVED',
    title: oneLine(alert.title, titleLengthMax),
    news: newsOf(item),
    lines: manyLines(alert.message, messageLengthMax),
    facts: factsOf(item, message),
    evidence: isFiring(item)
      ? alert.evidence.map(({ title, lines }) => ({
          title: oneLine(title, nameLengthMax),
          lines: lines
            .slice(0, evidenceLinesMax)
            .map((line) => oneLine(line, evidenceLineLengthMax)),
        }))
      : [],
  };
}
