/** What charts are made from: the history of numbers. Nothing else waits for it. */
import { join } from 'node:path';
import type { Options } from '../config/options.ts';
import type { Settings } from '../config/settings.ts';
import type { Kind } from '../domain/kind.ts';
import { seconds } from '../domain/time.ts';
import { createHistory } from '../history/client.ts';
import type { History, HistoryLimits } from '../history/history.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { within } from '../platform/within.ts';
import type { HealthBoard } from './health.ts';
import { Recorder } from './recorder.ts';

/** A disk that hangs keeps nobody from ending. */
const closeWithin = seconds(1);

interface ChartParts {
  readonly options: Pick<Options, 'stateDir'>;
  readonly kinds: readonly Kind[];
  readonly inventory: Inventory;
  readonly health: HealthBoard;
  readonly ports: { readonly clock: Clock };
  readonly log: Log;
}

export interface Charts {
  readonly history: History;
  start(): void;
  stop(): Promise<void>;
}

const limitsOf = ({ size, ...rest }: Settings['history']): HistoryLimits => ({
  ...rest,
  bytes: size,
});

export function openCharts(parts: ChartParts, settings: () => Settings['history']): Charts {
  const { health, log, options, ports } = parts;
  const { clock } = ports;
  const history = createHistory(join(options.stateDir, 'history.db'), {
    limits: () => limitsOf(settings()),
    now: () => clock.now(),
    onState(state) {
      if (state.reason === null) log.info('history: numbers are recorded');
      else log.warning(`history: ${state.reason}`);
      health.set('history', 'history', state);
    },
  });
  const recorder = new Recorder({ ...parts, history, clock });
  return {
    history,
    start: () => recorder.start(),
    async stop() {
      recorder.stop();
      await within(clock, closeWithin, history.close(), undefined);
    },
  };
}
