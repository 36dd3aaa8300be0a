/** The doors to the world that the relay opens for its channels. */
import type { ChannelPorts } from '../delivery/channel.ts';
import { systemClock } from '../platform/clock.ts';
import { systemCommand } from '../platform/command.ts';
import { type Http, systemHttp } from '../platform/http.ts';
import { systemJournalWriter } from '../platform/journal-write.ts';
import { type Mail, systemMail } from '../platform/mail.ts';
import { systemSecrets } from '../platform/secrets.ts';

export const systemPorts = (
  environment: Readonly<Record<string, string | undefined>>,
): ChannelPorts & { readonly http: Http; readonly mail: Mail } => ({
  clock: systemClock,
  command: systemCommand,
  http: systemHttp,
  journal: systemJournalWriter,
  mail: systemMail,
  secrets: systemSecrets(environment),
});
