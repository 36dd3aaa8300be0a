/** What all channels over HTTP have alike: their settings, and what an answer means. */
import { duration, type Section, type ValuesOf } from '../config/readers.ts';
import type { Message, Outcome } from '../domain/message.ts';
import { type EpochMs, hours, type Ms, seconds } from '../domain/time.ts';
import type { HttpOutcome } from '../platform/http.ts';
import { placeOf } from '../platform/place.ts';
import type { ChannelPorts } from './channel.ts';
import { caFileSetting, linkLocalSetting, openAddress } from './channel-settings.ts';
import { oneLine } from './render/clean.ts';

export const httpSettings = {
  timeout: duration(seconds(20), 'From connecting to the last byte of the answer.'),
  caFile: caFileSetting,
  proxy: openAddress(
    '',
    'Proxy to go through; the environment is not asked. None: straight.',
    'http://proxy:3128',
  ),
  linkLocal: linkLocalSetting,
} as const satisfies Section;
export type HttpSettings = ValuesOf<typeof httpSettings>;

/** Of what the other side said about a request that it would not take. */
const answerLengthMax = 200;
const retryAfterMax: Ms = hours(24);

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. */
export function retryAfterOf(value: string | undefined, now: EpochMs): Ms | undefined {
  if (value === undefined) return undefined;
  const delay = /^\d{1,9}$/.test(value) ? seconds(Number(value)) : Date.parse(value) - now;
  return Number.isFinite(delay) ? Math.min(retryAfterMax, Math.max(0, delay)) : undefined;
}

/** The door is closed to us, not to this message: the next one would fare no better. */
const closedDoors: Readonly<Record<number, string>> = {
  401: 'it does not know who we are: is the token right?',
  403: 'it does not let us in: is the token right?',
  404: 'there is nothing at that address',
  407: 'the proxy wants a login',
};
/** Not now: request timeout, too early, too many, away. */
const notNow: readonly number[] = [408, 425, 429, 503];

export function outcomeOf(answer: HttpOutcome, place: string, now: EpochMs): Outcome {
  if (answer.type !== 'answer') {
    return { type: 'retry', why: answer.why, maybe: !answer.sure };
  }
  const { status, text, headers } = answer;
  const said = oneLine(text, answerLengthMax);
  const why = `${place} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 200 && status < 300) return { type: 'delivered', detail: String(status) };
  if (notNow.includes(status)) {
    const after = retryAfterOf(headers['retry-after'], now);
    return { type: 'retry', why, maybe: false, ...(after === undefined ? {} : { after }) };
  }
  // What stands behind it may have taken the message before it fell.
  if (status >= 500) return { type: 'retry', why, maybe: true };
  if (status < 400) {
    const { location = '' } = headers;
    const to = URL.canParse(location) ? placeOf(location) : '';
    const hint = `redirects are not followed${to === '' ? '' : ` (to ${to})`}`;
    return { type: 'retry', why: `${place} answered ${status}: ${hint}`, maybe: false };
  }
  const closed = closedDoors[status];
  if (closed !== undefined) return { type: 'retry', why: `${why} (${closed})`, maybe: false };
  return { type: 'refused', why };
}

/** Posts a message as JSON and says what became of it. */
export async function postMessage(
  { http, clock }: Pick<ChannelPorts, 'http' | 'clock'>,
  settings: HttpSettings,
  post: {
    readonly url: string;
    readonly message: Message;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<Outcome> {
  const { url, body, message, headers, signal } = post;
  const answer = await http.post(url, {
    headers: {
      'content-type': 'application/json',
      'x-tocsin-key': message.key,
      'x-tocsin-sequence': String(message.sequence),
      ...headers,
    },
    body,
    signal,
    timeout: settings.timeout,
    caFile: settings.caFile === '' ? null : settings.caFile,
    proxy: settings.proxy === '' ? null : settings.proxy,
    linkLocal: settings.linkLocal,
  });
  return outcomeOf(answer, placeOf(url), clock.now());
}

/** The worst of several receivers that must all take it: what is tried again goes to all. */
export function combine(outcomes: readonly Outcome[]): Outcome {
  const retries = outcomes.filter((one) => one.type === 'retry');
  const afters = retries.flatMap(({ after }) => (after === undefined ? [] : [after]));
  if (retries.length > 0) {
    return {
      type: 'retry',
      why: retries.map(({ why }) => why).join('; '),
      maybe: outcomes.some(
        (one) => one.type === 'delivered' || (one.type === 'retry' && one.maybe),
      ),
      ...(afters.length > 0 ? { after: Math.max(...afters) } : {}),
    };
  }
  const refused = outcomes.filter((one) => one.type === 'refused');
  if (refused.length > 0) return { type: 'refused', why: refused.map(({ why }) => why).join('; ') };
  const details = outcomes.map((one) => (one.type === 'delivered' ? one.detail : ''));
  return { type: 'delivered', detail: details.join(', ') };
}
