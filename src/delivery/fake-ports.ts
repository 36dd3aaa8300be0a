/** For tests: ports of a channel, of which each one that is used must be given. */
import type { ChannelPorts } from './channel.ts';

const absent = (name: string) => (): never => {
  throw new Error(`this channel was not meant to use ${name}`);
};

export const fakePorts = (given: Partial<ChannelPorts>): ChannelPorts => ({
  clock: {
    now: absent('clock'),
    monotonic: absent('clock'),
    after: absent('clock'),
    soon: absent('clock'),
    sleep: absent('clock'),
  },
  command: { run: absent('command'), follow: absent('command') },
  http: { post: absent('http'), get: absent('http') },
  journal: { write: absent('journal') },
  mail: { send: absent('mail') },
  secrets: { read: absent('secrets') },
  ...given,
});
