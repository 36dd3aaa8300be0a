/** A message as a letter: who, subject, headers, both texts. */
import { createHash } from 'node:crypto';
import type { Message } from '../../../domain/message.ts';
import type { Letter } from '../../../platform/mail.ts';
import { renderPlain } from '../../render/plain.ts';
import { headline, summarize } from '../../render/summary.ts';
import { renderHtml } from './html.ts';

/** The right side of a Message-ID, and the name of EHLO: what is left of a host name. */
export function domainOf(host: string): string {
  const clean = host
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$|\.(?=\.)/g, '')
    .slice(0, 100);
  return clean === '' ? 'tocsin.invalid' : clean;
}

const idOf = (left: string, host: string): string =>
  `<${left.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 100)}@${domainOf(host)}>`;

/**
 * The letter that all of one group answer to. It was never sent: readers hang their threads on
 * the reference alone (RFC 5322, 3.6.4), so nothing must be remembered of letters sent before.
 */
function threadOf({ groupKey, host }: Message): string {
  const hash = createHash('sha256').update(groupKey).digest('hex').slice(0, 32);
  return idOf(`group.${hash}`, host);
}

/** X-Priority is not standard, but Outlook and Thunderbird show it. */
const priorities = { info: '5 (Lowest)', warning: '3 (Normal)', critical: '1 (Highest)' } as const;

export function renderLetter(
  message: Message,
  { from, to, page }: Pick<Letter, 'from' | 'to'> & { readonly page: string },
): Letter {
  const { state, severity } = summarize(message);
  return {
    from,
    to,
    subject: headline(message),
    at: message.at,
    messageId: idOf(message.key, message.host),
    references: message.type === 'alerts' ? [threadOf(message)] : [],
    headers: {
      // RFC 3834: nobody's holiday answer comes back.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'X-Tocsin-Key': message.key,
      'X-Tocsin-Sequence': String(message.sequence),
      ...(state === 'firing' ? { 'X-Priority': priorities[severity] } : {}),
    },
    text: renderPlain(message),
    html: renderHtml(message, page),
  };
}
