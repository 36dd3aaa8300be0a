/** What delivery adds to the settings: the channels by name, and what concerns all of them. */
import type { Family, Section } from '../config/readers.ts';
import { channelTypes } from './registry.ts';
import { channelSettings, deliverySettings } from './settings.ts';

const channels: Family = {
  help: 'Where tocsin tells of alerts: channels by name, each of one type.',
  common: channelSettings,
  types: Object.fromEntries(channelTypes.map(({ type, settings }) => [type, settings])),
};

export const deliverySections = {
  channels,
  delivery: deliverySettings,
} as const satisfies Section;
