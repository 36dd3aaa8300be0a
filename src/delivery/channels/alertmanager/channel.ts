/**
 * Pushes alerts into one or several Alertmanagers, as Prometheus does (POST /api/v2/alerts).
 *
 * Prometheus pushes again each minute, because Alertmanager takes what it has not heard of for its
 * resolve_timeout (5 minutes) as over. We say instead how long an alert holds: `endsAt` is `hold`
 * after the message, far beyond the channel's repeatInterval, and the end is told when it comes.
 * Nothing must be remembered here, and a relay that is down for an hour ends no alert.
 */
import { duration, required, secret, type ValuesOf, word } from '../../../config/readers.ts';
import type { Message, MessageItem, Outcome } from '../../../domain/message.ts';
import { days, type EpochMs, type Ms, rfc3339 } from '../../../domain/time.ts';
import { type ChannelPorts, defineChannel } from '../../channel.ts';
import { isHttpUrl, pageSetting, readSecret, someTexts } from '../../channel-settings.ts';
import { combine, httpSettings, postMessage } from '../../http-channel.ts';
import { labelsOf, shapesOf, type Texts } from '../../render/alertmanager.ts';
import { alertLink } from '../../render/links.ts';

const urlsMax = 8;
/** An alert that is only counted would never be known there; 1,000 are about a megabyte. */
const itemsMax = 1000;

const settings = {
  urls: required(
    someTexts(
      'Addresses of the Alertmanagers of one cluster, without /api/v2/alerts; all must take each message.',
      { max: urlsMax, expects: 'URLs such as http://alertmanager:9093', fits: isHttpUrl },
    ),
  ),
  hold: duration(
    days(7),
    'How long an alert fires there when no more is heard from here: each repetition extends it, so it must be longer than repeatInterval, and than anybody leaves an alert acknowledged.',
  ),
  user: word('', 'Name to log in with (HTTP basic authentication), with `password`.'),
  password: secret('Password of `user`; without a user, a token sent as Authorization: Bearer.'),
  page: pageSetting,
  ...httpSettings,
};
type AlertmanagerSettings = ValuesOf<typeof settings>;

interface PushedAlert {
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/**
 * The same alert under the severity that it was told with before, as over. A severity is a label,
 * and labels are all that Alertmanager knows an alert by: what has become critical would stay
 * there as a warning too.
 */
function formerSelf({ alert, before }: MessageItem, message: Message): readonly PushedAlert[] {
  if (before === undefined || before === alert.severity || alert.origin === 'pushed') return [];
  const at: EpochMs = Math.max(alert.startsAt, Math.min(message.at, alert.updatedAt));
  return [
    {
      labels: labelsOf(alert, message, before),
      annotations: {},
      startsAt: rfc3339(alert.startsAt),
      endsAt: rfc3339(at),
    },
  ];
}

/** The same bytes each time the message is sent. */
export function renderPush(message: Message, hold: Ms, page: string): string {
  const alerts: readonly PushedAlert[] = shapesOf(message).map((shape) => {
    const link = shape.id === '' ? page : alertLink(page, shape.id);
    return {
      labels: shape.labels,
      annotations: shape.annotations,
      startsAt: rfc3339(shape.startsAt),
      endsAt: rfc3339(shape.endsAt ?? message.at + hold),
      ...(link === '' ? {} : { generatorURL: link }),
    };
  });
  return JSON.stringify([...message.items.flatMap((item) => formerSelf(item, message)), ...alerts]);
}

function readLogin(
  { user, password }: AlertmanagerSettings,
  { secrets }: ChannelPorts,
): { readonly headers: Texts } | { readonly missing: Outcome } {
  if (password === null) return { headers: {} };
  const read = readSecret(secrets, password, 'password');
  if ('missing' in read) return read;
  const basic = Buffer.from(`${user}:${read.text}`).toString('base64');
  return { headers: { authorization: user === '' ? `Bearer ${read.text}` : `Basic ${basic}` } };
}

export const alertmanagerChannel = defineChannel({
  type: 'alertmanager',
  title: 'Alertmanager',
  place: 'relay',
  settings,
  itemsMax,
  open: (_name, given: AlertmanagerSettings, ports) => ({
    async send(message, signal) {
      const login = readLogin(given, ports);
      if ('missing' in login) return login.missing;
      const body = renderPush(message, given.hold, given.page);
      const posts = given.urls.map((base) => {
        const url = `${base.replace(/\/+$/, '')}/api/v2/alerts`;
        return postMessage(ports, given, { url, message, body, signal, ...login });
      });
      return combine(await Promise.all(posts));
    },
    close: async () => {},
  }),
});
