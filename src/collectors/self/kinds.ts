/**
 * tocsin's own parts as resources: what is blind, what is full, what was refused. The daemon
 * itself gives the readings (daemon/health.ts); the rules beside this file judge them.
 */
import { counter, defineKind, instant, word } from '../../domain/kind.ts';

export const componentRoles = [
  'collector',
  'eye',
  'database',
  'configuration',
  'engine',
  'history',
  'probes',
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
