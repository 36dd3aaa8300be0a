/** Makes messages: the worst first, no more than a person can read, and honest about the rest. */
import { type Alert, rankOf, type Severity } from '../../domain/alert.ts';
import type { AnnounceReason, Message, MessageItem, Note } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { ulidOf } from '../../domain/ulid.ts';
import type { Group } from './groups.ts';

/** Items of a message; the rest is counted. */
export const itemsMax = 100;
/** Titles of victims in an item; the rest is counted. */
const victimTitlesMax = 5;
/** Of a report; the rest is counted in the last line. */
const linesMax = 200;

export interface Item {
  readonly alert: Alert;
  readonly reason: AnnounceReason;
  /** Severity with which the channel took it last; null: it never did. */
  readonly before?: Severity | null;
}

export interface Envelope {
  readonly channel: string;
  readonly sequence: number;
  /** Counts every message that was ever made for the channel, folded ones too. */
  readonly made: number;
  readonly at: EpochMs;
  readonly host: string;
  readonly itemsMax?: number | undefined;
}

/** The worst first: what fires before what is over, then by severity, then the oldest. */
const byWeight = (a: Item, b: Item): number =>
  Number(a.alert.phase === 'resolved') - Number(b.alert.phase === 'resolved') ||
  rankOf(b.alert.severity) - rankOf(a.alert.severity) ||
  a.alert.startsAt - b.alert.startsAt ||
  (a.alert.id < b.alert.id ? -1 : 1);

function itemOf(
  { alert, reason, before }: Item,
  titleOf: (id: string) => string | undefined,
): MessageItem {
  const titles = alert.victims.slice(0, victimTitlesMax).flatMap((id) => titleOf(id) ?? []);
  const key = `${alert.id}/${alert.seq}`;
  const taken = before ? { before } : {};
  return { key, reason, alert, ...taken, victims: alert.victims.length, victimTitles: titles };
}

const emptyMessage = ({ channel, sequence, made, at, host }: Envelope) => ({
  key: ulidOf(at, [host, channel, String(sequence), String(made)]),
  channel,
  sequence,
  at,
  host,
  why: null,
  group: {},
  items: [],
  omitted: 0,
  title: '',
  lines: [],
  drill: false,
});

/** One group, or with `why` a digest of several. */
export function composeAlerts(
  envelope: Envelope,
  items: readonly Item[],
  about: { readonly group: Group } | { readonly why: string },
  titleOf: (id: string) => string | undefined,
): Message {
  const sorted = items.toSorted(byWeight);
  const isDigest = 'why' in about;
  const max = envelope.itemsMax ?? itemsMax;
  return {
    ...emptyMessage(envelope),
    type: isDigest ? 'digest' : 'alerts',
    why: isDigest ? about.why : null,
    group: isDigest ? {} : about.group.labels,
    groupKey: `${envelope.channel}:${isDigest ? 'digest' : about.group.key}`,
    items: sorted.slice(0, max).map((item) => itemOf(item, titleOf)),
    omitted: Math.max(0, sorted.length - max),
    drill: items.every(({ alert }) => alert.origin === 'drill'),
  };
}

export function composeNote(envelope: Envelope, { type, key, title, lines }: Note): Message {
  const more = lines.length - linesMax;
  const shown = more > 0 ? [...lines.slice(0, linesMax), `and ${more} more lines`] : lines;
  const groupKey = `${envelope.channel}:${type}/${key}`;
  return { ...emptyMessage(envelope), type, groupKey, title, lines: shown };
}

/** Stands outside the order of the others: its number is 0. */
export function composeTest(envelope: Omit<Envelope, 'sequence'>, by: string): Message {
  return {
    ...emptyMessage({ ...envelope, sequence: 0 }),
    type: 'test',
    groupKey: `${envelope.channel}:test`,
    title: `Test of the channel ${envelope.channel}`,
    lines: [`${by} asked for it on ${envelope.host}. Nothing is wrong.`],
  };
}
