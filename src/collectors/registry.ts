/** All collectors, one line each; and from them all kinds. */
import type { Kind } from '../domain/kind.ts';
import type { Collector } from './collector.ts';
import { component } from './self/kinds.ts';
import { systemd } from './systemd/collector.ts';

export const collectors: readonly Collector[] = [systemd];

export const kinds: readonly Kind[] = [component, ...collectors.flatMap((one) => one.kinds)];
