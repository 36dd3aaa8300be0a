/** All collectors, one line each; and from them all kinds and settings. */
import type { Section } from '../config/readers.ts';
import type { Kind } from '../domain/kind.ts';
import type { Collector } from './collector.ts';
import { component } from './self/kinds.ts';
import { systemd } from './systemd/collector.ts';

export const collectors: readonly Collector[] = [systemd];

export const kinds: readonly Kind[] = [component, ...collectors.flatMap((one) => one.kinds)];

/** What may be set about each collector, by its name. */
export const sections: Section = Object.fromEntries(
  collectors
    .filter(({ settings }) => Object.keys(settings).length > 0)
    .map(({ name, settings }) => [name, settings]),
);
