/** All types of channels, one line each; and from them what can be set. */
import type { Channel } from './channel.ts';

export const channelTypes: readonly Channel[] = [];
