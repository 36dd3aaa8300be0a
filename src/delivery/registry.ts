/** All types of channels, one line each; and from them what can be set. */
import type { Channel } from './channel.ts';
import { alertmanagerChannel } from './channels/alertmanager/channel.ts';
import { execChannel } from './channels/exec/channel.ts';
import { gotifyChannel } from './channels/gotify/channel.ts';
import { journalChannel } from './channels/journal/channel.ts';
import { mailChannel } from './channels/mail/channel.ts';
import { ntfyChannel } from './channels/ntfy/channel.ts';
import { slackChannel } from './channels/slack/channel.ts';
import { wallChannel } from './channels/wall/channel.ts';
import { webhookChannel } from './channels/webhook/channel.ts';

export const channelTypes: readonly Channel[] = [
  alertmanagerChannel,
  gotifyChannel,
  mailChannel,
  ntfyChannel,
  slackChannel,
  webhookChannel,
  journalChannel,
  wallChannel,
  execChannel,
];
