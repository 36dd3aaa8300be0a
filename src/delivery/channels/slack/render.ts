/**
 * A message as Slack's incoming webhooks take it, and Mattermost's and Rocket.Chat's as well: with
 * attachments, because blocks are Slack's alone. Nothing that came from a machine is ever markup.
 */
import type { Message } from '../../../domain/message.ts';
import { cut } from '../../render/clean.ts';
import { describe, type ItemText } from '../../render/item.ts';
import { alertLink, messageLink } from '../../render/links.ts';
import { footerOf, introductionOf, omittedText } from '../../render/plain.ts';
import { headline, summarize } from '../../render/summary.ts';

/** Slack shows at most 20 attachments well and takes 100; the others are listed by their titles. */
const attachmentsMax = 10;
const listedMax = 50;
const textLengthMax = 3000;

/** Of the bar beside an attachment. */
const colours = { info: '#2f6fad', warning: '#d98e04', critical: '#c0262d' } as const;
const colourOfEnd = '#2e8540';

/**
 * Slack's three escapes (https://docs.slack.dev/messaging/formatting-message-text#escaping) make
 * `<!channel>` and links harmless. Mattermost and Rocket.Chat read Markdown and `@all` in any text:
 * a space that is not seen takes their meaning away.
 */
export const escapeSlack = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/@(?=[\p{L}\d_])/gu, '@\u200b')
    .replaceAll('](', ']\u200b(')
    .replaceAll(/([*_~`|])/g, '\u200b$1');

function renderItem(text: ItemText, item: Message['items'][number], page: string) {
  const { alert } = item;
  const facts = text.facts.map(({ name, text: said, isCommand }) => {
    // Not between back ticks what could hold one: ids of ours cannot.
    const shown = isCommand ? `\`${said.replaceAll(/[^\w .-]/g, '')}\`` : escapeSlack(said);
    return `${name}: ${shown}`;
  });
  const lines = [...text.news, ...text.lines].map(escapeSlack);
  const link = alertLink(page, alert.id);
  const title = `${text.badge} ${text.title}`;
  return {
    color: text.badge === 'RESOLVED' ? colourOfEnd : colours[alert.severity],
    fallback: escapeSlack(title),
    title: escapeSlack(title),
    ...(link === '' ? {} : { title_link: link }),
    text: cut([...lines, ...facts].join('\n'), textLengthMax),
    mrkdwn_in: ['text'],
  };
}

export function renderSlack(message: Message, page: string): string {
  const texts = message.items.map((item) => ({ item, text: describe(item, message) }));
  const listed = texts.slice(attachmentsMax, attachmentsMax + listedMax);
  const rest = texts.length - attachmentsMax - listed.length;
  const omitted = message.omitted + Math.max(0, rest);
  const { state, severity } = summarize(message);
  const link = messageLink(page, message);
  const introduction = introductionOf(message).map(escapeSlack).join('\n');
  const last = [
    ...listed.map(({ text }) => escapeSlack(`${text.badge} ${text.title}`)),
    ...(omitted > 0 ? [omittedText({ ...message, omitted })] : []),
  ];
  const plain = (text: string) => ({ fallback: cut(text, 200), text, mrkdwn_in: [] });
  const colour = state === 'firing' ? colours[severity] : colourOfEnd;
  return JSON.stringify({
    text: `${escapeSlack(headline(message))}${link === '' ? '' : `\n${link}`}`,
    attachments: [
      ...(introduction === '' ? [] : [plain(cut(introduction, textLengthMax))]),
      ...texts.slice(0, attachmentsMax).map(({ item, text }) => renderItem(text, item, page)),
      ...(last.length === 0 ? [] : [{ color: colour, ...plain(last.join('\n')) }]),
      { fallback: '', footer: escapeSlack(footerOf(message)), text: '' },
    ],
  });
}
