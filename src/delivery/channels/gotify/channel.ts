/** Push messages over a Gotify server: https://gotify.net/docs/pushmsg */
import { required, secret, type ValuesOf } from '../../../config/readers.ts';
import type { Message } from '../../../domain/message.ts';
import { defineChannel } from '../../channel.ts';
import { openAddress, pageSetting, readSecret } from '../../channel-settings.ts';
import { httpSettings, postMessage } from '../../http-channel.ts';
import { messageLink } from '../../render/links.ts';
import { renderShort } from '../../render/plain.ts';
import { headline, summarize } from '../../render/summary.ts';

/** Phones show no more of it, and keep all of it. */
const messageBytesMax = 8000;

/** Android: from 4 on it makes a sound, from 8 on it stays on the screen. */
const priorities = { info: 2, warning: 5, critical: 8 } as const;
const priorityOfEnd = 4;

const settings = {
  server: required(openAddress('', 'Address of the server.', 'https://gotify.example.net')),
  token: required(secret('Token of the application (not of a client).')),
  page: pageSetting,
  ...httpSettings,
};
type GotifySettings = ValuesOf<typeof settings>;

export function renderGotify(message: Message, page: string): string {
  const { state, severity } = summarize(message);
  const url = messageLink(page, message);
  return JSON.stringify({
    title: headline(message),
    message: renderShort(message, messageBytesMax),
    priority: state === 'firing' ? priorities[severity] : priorityOfEnd,
    extras: {
      'client::display': { contentType: 'text/plain' },
      ...(url === '' ? {} : { 'client::notification': { click: { url } } }),
    },
  });
}

export const gotifyChannel = defineChannel({
  type: 'gotify',
  title: 'push messages over Gotify',
  place: 'relay',
  settings,
  open: (_name, given: GotifySettings, ports) => ({
    async send(message, signal) {
      if (given.token === null) {
        return { type: 'retry', why: 'token: none is set', maybe: false };
      }
      const token = readSecret(ports.secrets, given.token, 'token');
      if ('missing' in token) return token.missing;
      return postMessage(ports, given, {
        url: `${given.server.replace(/\/+$/, '')}/message`,
        message,
        body: renderGotify(message, given.page),
        headers: { 'x-gotify-key': token.text },
        signal,
      });
    },
    close: async () => {},
  }),
});
