/** All collectors, one line each. */
import type { Collector, Ports } from './collector.ts';
import { systemd } from './systemd/collector.ts';

export const collectors: readonly Collector<keyof Ports>[] = [systemd];
