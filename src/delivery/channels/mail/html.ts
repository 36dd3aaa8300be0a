/**
 * A message as HTML for mail readers: inline styles, no pictures, nothing that is fetched, every
 * text escaped. It says the same as the plain text.
 */
import type { Message } from '../../../domain/message.ts';
import { describe, type ItemText } from '../../render/item.ts';
import { alertLink, messageLink } from '../../render/links.ts';
import { footerOf, introductionOf, omittedText } from '../../render/plain.ts';
import { badgeOf, headline, summarize } from '../../render/summary.ts';

/** Of a whole page; readers such as Gmail cut at 102 kB, so the rest stays in the plain text. */
const htmlLengthMax = 90_000;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? '');

const colours: Readonly<Record<string, string>> = {
  CRITICAL: '#c0262d',
  WARNING: '#a86500',
  INFO: '#2f6fad',
  RESOLVED: '#2e7d3c',
};
const otherColour = '#555555';
const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif';
const code = 'font-family:ui-monospace,Consolas,Menlo,monospace;font-size:13px';

const badge = (word: string): string =>
  `<span style="background:${colours[word] ?? otherColour};color:#ffffff;padding:2px 8px;` +
  `border-radius:3px;font-size:12px;font-weight:bold">${escapeHtml(word)}</span>`;

const paragraphs = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<p style="margin:8px 0">${lines.map(escapeHtml).join('<br>\n')}</p>\n`;

const link = (url: string, text: string): string =>
  `<a href="${escapeHtml(url)}" style="color:#2f6fad">${text}</a>`;

function renderItem(text: ItemText, url: string): string {
  const rows = text.facts.map(({ name, text: said, isCommand }) => {
    const shown = isCommand ? `<code style="${code}">${escapeHtml(said)}</code>` : escapeHtml(said);
    return (
      '<tr><td style="padding:2px 14px 2px 0;color:#666666;vertical-align:top;white-space:nowrap">' +
      `${escapeHtml(name)}</td><td style="padding:2px 0;vertical-align:top">${shown}</td></tr>`
    );
  });
  const evidence = text.evidence.map(
    ({ title, lines }) =>
      `<p style="margin:10px 0 2px;color:#666666">${escapeHtml(title)}</p>\n` +
      `<pre style="${code};background:#f4f4f4;padding:8px;margin:0;white-space:pre-wrap">` +
      `${lines.map(escapeHtml).join('\n')}</pre>\n`,
  );
  const title = escapeHtml(text.title);
  return (
    '<div style="border-top:1px solid #dddddd;padding:14px 0">\n' +
    `<p style="margin:0 0 6px;font-size:16px">${badge(text.badge)} <b>` +
    `${url === '' ? title : link(url, title)}</b></p>\n` +
    `${paragraphs(text.news)}${paragraphs(text.lines)}` +
    `<table style="border-collapse:collapse;font-size:14px">\n${rows.join('\n')}\n</table>\n` +
    `${evidence.join('')}</div>\n`
  );
}

/** Items until the page is full. */
function renderItems(message: Message, page: string) {
  let html = '';
  let omitted = message.omitted;
  for (const item of message.items) {
    const part = renderItem(describe(item, message), alertLink(page, item.alert.id));
    if (html.length + part.length > htmlLengthMax) omitted += 1;
    else html += part;
  }
  return { html, omitted };
}

export function renderHtml(message: Message, page: string): string {
  const { html, omitted } = renderItems(message, page);
  const url = messageLink(page, message);
  const { state } = summarize(message);
  const isPlainNote = state === 'none';
  const title = escapeHtml(headline(message));
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>\n` +
    `<body style="margin:0;padding:16px;${font};font-size:14px;color:#222222;background:#ffffff">\n` +
    `<div style="max-width:760px">\n` +
    (isPlainNote ? `<p>${badge(badgeOf(message))} <b>${title}</b></p>\n` : '') +
    paragraphs(introductionOf(message)) +
    html +
    (omitted > 0 ? paragraphs([omittedText({ ...message, omitted })]) : '') +
    '<p style="border-top:1px solid #dddddd;padding-top:8px;color:#777777;font-size:12px">' +
    `${escapeHtml(footerOf(message))}${url === '' ? '' : ` &middot; ${link(url, 'open tocsin')}`}` +
    '</p>\n</div>\n</body></html>\n'
  );
}
