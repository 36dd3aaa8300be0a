/**
 * tocsin's own parts as resources: what is blind, what is full, what was refused. The daemon
 * itself gives the readings (daemon/health.ts); the rules beside this file judge them.
 */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

export const componentRoles = [
  'collector',
  'eye',
  'database',
  'configuration',
  'engine',
  'history',
  'readings',
  'probes',
  'delivery',
  'relay',
  'door',
] as const;
export type ComponentRole = (typeof componentRoles)[number];

export const component = defineKind('tocsin.component', {
  title: 'Part of tocsin',
  identity: 'NAME',
  attributes: {
    role: word({
      help: 'What it does: a collector, one of its eyes, the database, the configuration, the engine.',
      source: 'tocsind',
      values: componentRoles,
    }),
    health: word({
      help: 'Whether it does its work.',
      source: 'tocsind',
      values: ['healthy', 'degraded', 'unhealthy', 'unknown'],
    }),
    reason: word({ help: 'Why it is not healthy.', source: 'tocsind' }),
    blindSince: instant({ help: 'Since when it cannot see.', source: 'tocsind' }),
    recovered: counter({
      unit: 'transitions',
      help: 'Transitions found by looking that no signal had announced.',
      source: 'tocsind',
    }),
  },
});

export const channel = defineKind('tocsin.channel', {
  title: 'Channel over which alerts are told',
  identity: 'NAME in the settings',
  attributes: {
    type: word({ help: 'mail, webhook, …', source: 'tocsin.yaml' }),
    place: word({
      help: 'The process that sends: tocsind (core) or tocsin-relay (relay).',
      source: 'tocsind',
      values: ['core', 'relay'],
    }),
    enabled: flag({ help: 'Whether it takes messages.', source: 'tocsin.yaml' }),
    health: word({
      help: 'Whether messages arrive; unknown until the first attempt.',
      source: 'tocsind',
      values: ['healthy', 'failing', 'unknown'],
    }),
    reason: word({ help: 'What the last attempt said.', source: 'tocsind' }),
    failingSince: instant({ help: 'Since when no message arrives.', source: 'tocsind' }),
    deliveredAt: instant({ help: 'When the last message arrived.', source: 'tocsind' }),
    waiting: gauge({
      unit: 'alerts',
      help: 'Alerts with news for it that has not arrived.',
      source: 'tocsind',
    }),
    waitingSince: instant({ help: 'Since when the oldest of them waits.', source: 'tocsind' }),
  },
});

export const delivery = defineKind('tocsin.delivery', {
  title: 'Telling people',
  identity: '`system`',
  attributes: {
    channels: gauge({
      unit: 'channels',
      help: 'Channels that reach somebody: enabled, and neither journal nor wall.',
      source: 'tocsin.yaml',
    }),
    untold: gauge({
      unit: 'alerts',
      help: 'Critical alerts that should have been told and that no such channel has taken in time.',
      source: 'tocsind',
    }),
    untoldSince: instant({ help: 'Since when the oldest of them fires.', source: 'tocsind' }),
  },
});

/** tocsin itself, as kinds. */
export const selfKinds = [component, channel, delivery] as const;
