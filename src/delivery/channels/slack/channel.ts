/** An incoming webhook of Slack, or of what is compatible with it: Mattermost, Rocket.Chat. */
import { required, type ValuesOf } from '../../../config/readers.ts';
import { defineChannel } from '../../channel.ts';
import { address, pageSetting, readMaybeSecret } from '../../channel-settings.ts';
import { httpSettings, postMessage } from '../../http-channel.ts';
import { renderSlack } from './render.ts';

const settings = {
  url: required(address('Address of the incoming webhook; whoever knows it can write there.')),
  page: pageSetting,
  ...httpSettings,
};
type SlackSettings = ValuesOf<typeof settings>;

export const slackChannel = defineChannel({
  type: 'slack',
  title: 'Slack, Mattermost or Rocket.Chat',
  place: 'relay',
  settings,
  open: (_name, given: SlackSettings, ports) => ({
    async send(message, signal) {
      const url = readMaybeSecret(ports.secrets, given.url, 'url');
      if ('missing' in url) return url.missing;
      const body = renderSlack(message, given.page);
      return postMessage(ports, given, { url: url.text, message, body, signal });
    },
    close: async () => {},
  }),
});
