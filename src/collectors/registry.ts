/** All collectors, one line each; and from them all kinds and settings. */
import type { Section } from '../config/readers.ts';
import type { Kind } from '../domain/kind.ts';
import type { Collector } from './collector.ts';
import { fc } from './fc/collector.ts';
import { host } from './host/collector.ts';
import { scst } from './scst/collector.ts';
import { selfKinds } from './self/kinds.ts';
import { storage } from './storage/collector.ts';
import { systemd } from './systemd/collector.ts';
import { tape } from './tape/collector.ts';
import { tasks } from './tasks/collector.ts';
import { vtl } from './vtl/collector.ts';

export const collectors: readonly Collector[] = [
  systemd,
  scst,
  storage,
  tasks,
  vtl,
  host,
  tape,
  fc,
];

/** Runs of tasks come from two collectors, and are one kind. */
export const kinds: readonly Kind[] = [
  ...new Set<Kind>([...selfKinds, ...collectors.flatMap((one) => one.kinds)]),
];

/** What may be set about each collector, by its name. */
export const sections: Section = Object.fromEntries(
  collectors
    .filter(({ settings }) => Object.keys(settings).length > 0)
    .map(({ name, settings }) => [name, settings]),
);
