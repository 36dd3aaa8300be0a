/**
 * Push messages over ntfy (https://ntfy.sh or a server of one's own), published as JSON, because
 * there no title can become a header: https://docs.ntfy.sh/publish/#publish-as-json
 */
import { required, secret, type ValuesOf } from '../../../config/readers.ts';
import type { Message } from '../../../domain/message.ts';
import { defineChannel } from '../../channel.ts';
import {
  openAddress,
  pageSetting,
  readMaybeSecret,
  readSecret,
  secretWord,
} from '../../channel-settings.ts';
import { httpSettings, postMessage } from '../../http-channel.ts';
import { cutBytes } from '../../render/clean.ts';
import { messageLink } from '../../render/links.ts';
import { renderShort } from '../../render/plain.ts';
import { headline, summarize } from '../../render/summary.ts';

/** A longer one becomes an attachment (message-size-limit, 4096 by default). */
const messageBytesMax = 4000;
/** Longer ones are refused by some servers. */
const titleBytesMax = 250;

/** 1 to 5; 5 breaks through "do not disturb". */
const priorities = { info: 2, warning: 4, critical: 5 } as const;
/** Short codes of emoji, in front of the title: https://docs.ntfy.sh/emojis/ */
const tags = {
  info: 'information_source',
  warning: 'warning',
  critical: 'rotating_light',
} as const;

const settings = {
  server: openAddress('https://ntfy.sh', 'Address of the server.', 'https://ntfy.example.net'),
  topic: required(
    secretWord('Topic. On a public server whoever knows it reads along, so it is a secret there.'),
  ),
  token: secret('Access token (tk_…).'),
  page: pageSetting,
  ...httpSettings,
};
type NtfySettings = ValuesOf<typeof settings>;

export function renderNtfy(message: Message, topic: string, page: string): string {
  const { state, severity } = summarize(message);
  const click = messageLink(page, message);
  return JSON.stringify({
    topic,
    title: cutBytes(headline(message), titleBytesMax),
    message: renderShort(message, messageBytesMax),
    priority: state === 'firing' ? priorities[severity] : 3,
    tags: state === 'over' ? ['white_check_mark'] : [tags[severity]],
    ...(click === '' ? {} : { click }),
  });
}

export const ntfyChannel = defineChannel({
  type: 'ntfy',
  title: 'push messages over ntfy',
  place: 'relay',
  settings,
  open: (_name, given: NtfySettings, ports) => ({
    async send(message, signal) {
      const topic = readMaybeSecret(ports.secrets, given.topic, 'topic');
      if ('missing' in topic) return topic.missing;
      const token = given.token && readSecret(ports.secrets, given.token, 'token');
      if (token !== null && 'missing' in token) return token.missing;
      const body = renderNtfy(message, topic.text, given.page);
      const headers = token === null ? {} : { authorization: `Bearer ${token.text}` };
      return postMessage(ports, given, { url: given.server, message, body, headers, signal });
    },
    close: async () => {},
  }),
});
