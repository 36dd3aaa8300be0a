/** The way to tocsind, as the client has it, with every failure as a way to end. */
import { createTransport as openWay, type Target, type Transport } from '../../client/transport.ts';
import type { Ms } from '../domain/time.ts';
import type { Io } from './io.ts';
import { stopping } from './stop-of.ts';

export type { Target, Transport };

export function createTransport(target: Target, timeout: Ms, clock: Io['clock']): Transport {
  const way = openWay(target, { timeout, timing: clock });
  return {
    ask: (question) => stopping(() => way.ask(question)),
    open: (question) => stopping(() => way.open(question)),
  };
}
