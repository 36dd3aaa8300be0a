/** E-mail over a mail server (SMTP), encrypted unless the site says that it need not be. */
import {
  count,
  duration,
  oneOf,
  required,
  secret,
  type ValuesOf,
  word,
} from '../../../config/readers.ts';
import type { Message, Outcome } from '../../../domain/message.ts';
import { seconds } from '../../../domain/time.ts';
import type { MailOutcome, MailServer, RefusedRecipient } from '../../../platform/mail.ts';
import { type ChannelPorts, defineChannel } from '../../channel.ts';
import {
  caFileSetting,
  linkLocalSetting,
  pageSetting,
  readSecret,
  someTexts,
} from '../../channel-settings.ts';
import { domainOf, renderLetter } from './letter.ts';

const recipientsMax = 50;
/** `oncall@example.net` or `On call <oncall@example.net>`. */
const mailbox =
  /^(?:[^\p{Cc}<>@,;:"\\]{1,100}<[^\s\p{Cc}<>@,;:"\\]{1,64}@[a-z0-9.[\]:-]{1,253}>|[^\s\p{Cc}<>@,;:"\\]{1,64}@[a-z0-9.[\]:-]{1,253})$/iu;
const mailboxExpects = 'an address such as oncall@example.net or On call <oncall@example.net>';

const settings = {
  host: required(
    word('', 'Mail server: a name or an address.', {
      pattern: /^[a-z0-9.:_-]{1,253}$/i,
      expects: 'a host name or an address',
    }),
  ),
  port: count(587, 'Port: 587 is usual with starttls, 465 with tls, 25 with none.', 1, 65_535),
  security: oneOf(
    ['starttls', 'tls', 'none'],
    'starttls',
    'starttls: encryption is demanded, and nothing is sent without; tls: from the first byte; none: everything can be read on its way, and no password is sent.',
  ),
  user: word('', 'Name to log in with; none: no login.'),
  password: secret('Password of `user`.'),
  from: required(word('', 'Sender.', { pattern: mailbox, expects: mailboxExpects })),
  to: required(
    someTexts('Recipients.', {
      max: recipientsMax,
      expects: 'addresses such as oncall@example.net',
      fits: (text) => mailbox.test(text),
    }),
  ),
  timeout: duration(seconds(30), 'For each wait: the connection, the greeting, each answer.'),
  caFile: caFileSetting,
  linkLocal: linkLocalSetting,
  page: pageSetting,
};
type MailSettings = ValuesOf<typeof settings>;

const renderRefused = (refused: readonly RefusedRecipient[]): string =>
  refused.map(({ recipient, answer }) => `${recipient}: ${answer}`).join('; ');

/** 5yz that say something about us, or about the moment, and nothing about the letter. */
const notTheLetter: readonly number[] = [503, 530, 534, 535, 538];

export function mailOutcome(answer: MailOutcome, place: string): Outcome {
  if (answer.type === 'lost') return { type: 'retry', why: answer.why, maybe: answer.maybe };
  if (answer.type === 'taken') {
    const { refused } = answer;
    const but = refused.length > 0 ? `; not taken for ${renderRefused(refused)}` : '';
    return { type: 'delivered', detail: `${answer.answer}${but}` };
  }
  const { code, step } = answer;
  const why = `${place} answered${step === 'login' ? ' to the login' : ''}: ${answer.why}`;
  const isAboutUs = step !== 'letter' || notTheLetter.includes(code);
  return code < 500 || isAboutUs ? { type: 'retry', why, maybe: false } : { type: 'refused', why };
}

function readServer(
  given: MailSettings,
  { secrets }: ChannelPorts,
  message: Message,
): MailServer | { readonly missing: Outcome } {
  const { host, port, security, timeout, linkLocal, user } = given;
  const fixed = { host, port, security, timeout, linkLocal, name: domainOf(message.host) };
  const caFile = given.caFile === '' ? null : given.caFile;
  if (user === '') return { ...fixed, caFile, login: null };
  const retry = (why: string) => ({ missing: { type: 'retry', why, maybe: false } }) as const;
  if (security === 'none') return retry('a password is not sent without encryption: set security');
  if (given.password === null) return retry('password: none is set');
  const read = readSecret(secrets, given.password, 'password');
  return 'missing' in read ? read : { ...fixed, caFile, login: { user, password: read.text } };
}

export const mailChannel = defineChannel({
  type: 'mail',
  title: 'e-mail',
  place: 'relay',
  settings,
  open: (_name, given: MailSettings, ports) => ({
    async send(message, signal) {
      const server = readServer(given, ports, message);
      if ('missing' in server) return server.missing;
      const letter = renderLetter(message, given);
      const answer = await ports.mail.send(server, letter, signal);
      return mailOutcome(answer, `${given.host}:${given.port}`);
    },
    close: async () => {},
  }),
});
