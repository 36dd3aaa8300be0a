/** The doors to the world that channels of the core may use: none of them leads to a network. */
import type { ChannelPorts } from '../delivery/channel.ts';
import type { Clock } from '../platform/clock.ts';
import type { Command } from '../platform/command.ts';
import { systemJournalWriter } from '../platform/journal-write.ts';
import { systemSecrets } from '../platform/secrets.ts';

const why = 'tocsind has no network; channels that need one run in tocsin-relay';
const unreachable = { type: 'unreachable', why, sure: true } as const;
const lost = { type: 'lost', why, maybe: false } as const;

export const corePorts = (given: {
  readonly clock: Clock;
  readonly command: Command;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): ChannelPorts => ({
  clock: given.clock,
  command: given.command,
  http: { post: async () => unreachable, get: async () => unreachable },
  journal: systemJournalWriter,
  mail: { send: async () => lost },
  secrets: systemSecrets(given.environment),
});
