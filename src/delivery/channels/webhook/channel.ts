/**
 * Posts each message to a URL in the shape of Alertmanager's webhooks. With a `secret` each request
 * is signed: X-Tocsin-Signature is `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of SECONDS, a
 * dot and the body. A receiver reckons it again, compares in constant time, and refuses what is
 * older than some minutes. X-Tocsin-Key tells what was sent twice.
 */
import { createHmac } from 'node:crypto';
import { required, type Setting, secret, type ValuesOf } from '../../../config/readers.ts';
import type { Outcome } from '../../../domain/message.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type ChannelPorts, defineChannel } from '../../channel.ts';
import { address, pageSetting, readMaybeSecret, readSecret } from '../../channel-settings.ts';
import { httpSettings, postMessage } from '../../http-channel.ts';
import { renderPayload } from './payload.ts';

type Headers = Readonly<Record<string, string>>;

const headersMax = 20;
/** A token of RFC 9110, 5.6.2. */
const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/i;
/** What the request itself is made of. */
const headersOfOurs =
  /^(host|connection|content-(length|type)|transfer-encoding|authorization|x-tocsin-.*)$/i;
const headerValue = /^[\t\x20-\x7e]{1,1000}$/;

const headers: Setting<Headers> = {
  default: {},
  help: 'More headers of each request. No secrets: a token belongs into `token`.',
  expects: 'header names with their values, such as { X-Team: storage }',
  spelled: '{}',
  read: (given) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
    const entries: readonly (readonly [string, unknown])[] = Object.entries(given);
    const fits = entries.every(
      ([name, value]) =>
        headerName.test(name) &&
        !headersOfOurs.test(name) &&
        typeof value === 'string' &&
        headerValue.test(value),
    );
    return fits && entries.length <= headersMax ? { value: given as Headers } : undefined;
  },
};

const settings = {
  url: required(address("Where messages are posted, in the shape of Alertmanager's webhooks.")),
  secret: secret(
    'Key of the signature in X-Tocsin-Signature: t=SECONDS,v1=HEX, where HEX is the HMAC-SHA256 of SECONDS, a dot and the body. None: not signed.',
  ),
  token: secret('Sent as Authorization: Bearer.'),
  headers,
  page: pageSetting,
  ...httpSettings,
};
type WebhookSettings = ValuesOf<typeof settings>;

export function sign(key: string, body: string, now: EpochMs): string {
  const at = Math.floor(now / 1000);
  return `t=${at},v1=${createHmac('sha256', key).update(`${at}.${body}`).digest('hex')}`;
}

function readHeaders(
  { secret: key, token, headers: more }: WebhookSettings,
  { secrets, clock }: ChannelPorts,
  body: string,
): { readonly headers: Headers } | { readonly missing: Outcome } {
  let all: Headers = more;
  if (key !== null) {
    const read = readSecret(secrets, key, 'secret');
    if ('missing' in read) return read;
    all = { ...all, 'x-tocsin-signature': sign(read.text, body, clock.now()) };
  }
  if (token !== null) {
    const read = readSecret(secrets, token, 'token');
    if ('missing' in read) return read;
    all = { ...all, authorization: `Bearer ${read.text}` };
  }
  return { headers: all };
}

export const webhookChannel = defineChannel({
  type: 'webhook',
  title: "a webhook in the shape of Alertmanager's",
  place: 'relay',
  settings,
  open: (_name, given: WebhookSettings, ports) => ({
    async send(message, signal) {
      const url = readMaybeSecret(ports.secrets, given.url, 'url');
      if ('missing' in url) return url.missing;
      const body = renderPayload(message, given.page);
      const read = readHeaders(given, ports, body);
      if ('missing' in read) return read.missing;
      return postMessage(ports, given, { url: url.text, message, body, signal, ...read });
    },
    close: async () => {},
  }),
});
