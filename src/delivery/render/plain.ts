/** A message as plain text: all of it for a mail, the shortest that helps for a push. */
import type { Message } from '../../domain/message.ts';
import { cutBytes, oneLine } from './clean.ts';
import { describe, type ItemText } from './item.ts';
import { countsOf, hostOf, summarize } from './summary.ts';

/** Room for the names of facts. */
const nameWidth = 13;
const lineLengthMax = 500;
const linesMax = 500;
/** Of a whole text; what comes after is counted. */
const textLengthMax = 200_000;

/** Lines of a message that is not about alerts; and those that introduce a digest. */
export function introductionOf(message: Message): readonly string[] {
  const lines = message.lines.slice(0, linesMax).map((line) => oneLine(line, lineLengthMax));
  const digest =
    message.type === 'digest'
      ? [
          `This is a digest of ${summarize(message).total} alerts (${countsOf(message)}), ` +
            `sent as one message because ${oneLine(message.why ?? 'there were many', lineLengthMax)}.`,
        ]
      : [];
  const drill = message.drill
    ? ['This is a drill: it was set off on purpose, and nothing is broken.']
    : [];
  return [...drill, ...digest, ...lines];
}

/** Where the items are that the message has no room for. */
export const omittedText = ({ omitted }: Message): string =>
  `${omitted} more ${omitted === 1 ? 'alert is' : 'alerts are'} not shown here: tocsin alert list`;

function renderItem({ badge, title, news, lines, facts, evidence }: ItemText): string {
  const width = (name: string): string => `  ${name.padEnd(nameWidth)}`;
  return [
    `${badge}  ${title}`,
    ...news.map((sentence) => `  ${sentence}`),
    ...(lines.length > 0 ? ['', ...lines.map((line) => `  ${line}`.trimEnd())] : []),
    '',
    ...facts.map(({ name, text }) => `${width(name)}${text}`),
    ...evidence.flatMap((one) => [
      '',
      `  ${one.title}:`,
      ...one.lines.map((line) => `    ${line}`),
    ]),
  ].join('\n');
}

/** `tocsin on box · channel oncall · message 17 (01K…)`: what a receiver needs to ask back. */
export const footerOf = (message: Message): string =>
  `tocsin on ${hostOf(message)}, channel ${oneLine(message.channel, 64)}, ` +
  `message ${message.sequence} (${oneLine(message.key, 64)})`;

export function renderPlain(message: Message): string {
  const parts: string[] = [];
  let length = 0;
  let left = message.omitted;
  for (const item of message.items) {
    const text = renderItem(describe(item, message));
    if (length + text.length > textLengthMax) left += 1;
    else parts.push(text);
    length += text.length;
  }
  const rest = left > 0 ? [omittedText({ ...message, omitted: left })] : [];
  const introduction = introductionOf(message);
  const sections = [
    ...(introduction.length > 0 ? [introduction.join('\n')] : []),
    ...parts,
    ...rest,
    `-- \n${footerOf(message)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const shortItemsMax = 10;

/**
 * What a push shows: the first alert in full words, the others by their titles, in so many bytes
 * of UTF-8. The commands to acknowledge are in it while there is room.
 */
export function renderShort(message: Message, bytesMax: number): string {
  const [first, ...others] = message.items.map((item) => describe(item, message));
  const introduction = introductionOf(message);
  if (first === undefined) return cutBytes(introduction.join('\n'), bytesMax);
  const isSingle = message.type !== 'digest';
  const shown = isSingle
    ? others.slice(0, shortItemsMax)
    : [first, ...others].slice(0, shortItemsMax);
  const rest = others.length + (isSingle ? 0 : 1) - shown.length + message.omitted;
  const facts = first.facts.filter(({ name }) => name !== 'Labels' && name !== 'Rule');
  const lines = [
    ...introduction,
    ...(isSingle
      ? [...first.news, ...first.lines, ...facts.map(({ name, text }) => `${name}: ${text}`)]
      : []),
    ...(isSingle && shown.length > 0 ? ['', 'Also:'] : []),
    ...shown.map(({ badge, title }) => `${badge} ${title}`),
    ...(rest > 0 ? [omittedText({ ...message, omitted: rest })] : []),
    ...(rest === 0 && !isSingle ? ['All of them: tocsin alert list'] : []),
  ];
  return cutBytes(lines.join('\n'), bytesMax);
}
