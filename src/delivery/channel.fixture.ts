/** Opens channels for tests: real HTTP and mail, secrets from a table, a time that stands still. */
import { FakeClock } from '../../test/support/fake-clock.ts';
import { defaultsOf, type Section, type ValuesOf } from '../config/readers.ts';
import type { Message, Outcome } from '../domain/message.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { systemHttp } from '../platform/http.ts';
import { systemMail } from '../platform/mail.ts';
import type { Secrets } from '../platform/secrets.ts';
import type { Channel } from './channel.ts';
import { fakePorts } from './fake-ports.ts';

const secrets = (known: Readonly<Record<string, string>>): Secrets => ({
  read: (source) => {
    const name = 'file' in source ? source.file : source.credential;
    const text = known[name];
    return text === undefined
      ? { type: 'missing', why: `${name} cannot be read (ENOENT)` }
      : { type: 'secret', text };
  },
});

/** A sender with these settings over the defaults, and these secrets by credential or file. */
export function sendOver<S extends Section>(
  channel: Channel<S>,
  settings: Partial<ValuesOf<S>>,
  known: Readonly<Record<string, string>> = {},
): (message: Message, signal?: AbortSignal) => Promise<Outcome> {
  const ports = fakePorts({
    clock: new FakeClock(fakeStart + 120_000),
    http: systemHttp,
    mail: systemMail,
    secrets: secrets(known),
  });
  const sender = channel.open('oncall', { ...defaultsOf(channel.settings), ...settings }, ports);
  return (message, signal = new AbortController().signal) => sender.send(message, signal);
}
