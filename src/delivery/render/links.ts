/** Links into tocsin's web page, where the site says how its readers reach it. */
import type { Message } from '../../domain/message.ts';

/** `https://box/` and an alert: `https://box/#/alerts/01K…`; '' without a page. */
export function alertLink(page: string, id: string): string {
  return page === '' ? '' : `${page.replace(/[#/]+$/, '')}/#/alerts/${encodeURIComponent(id)}`;
}

/** Where a click on the whole message leads: to its alert, or to the list of many. */
export function messageLink(page: string, message: Message): string {
  const [only, ...others] = message.items;
  return only !== undefined && others.length === 0 && message.omitted === 0
    ? alertLink(page, only.alert.id)
    : page;
}
