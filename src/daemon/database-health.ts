/** One state from two words: how the last commit went, and what the store says of its disk. */
import type { Log } from '../platform/log.ts';
import type { StoreState } from './commit-queue.ts';
import type { ComponentState } from './health.ts';

export class DatabaseHealth {
  readonly #tell: (state: ComponentState) => void;
  readonly #log: Log;
  #commits: StoreState = { type: 'ok' };
  #condition: string | null = null;

  constructor(tell: (state: ComponentState) => void, log: Log) {
    this.#tell = tell;
    this.#log = log;
  }

  commits(state: StoreState): void {
    if (state.type !== 'ok') this.#log.error(`database: ${state.why}`);
    else this.#log.notice('database: writing works again');
    this.#commits = state;
    this.tell();
  }

  /** The reserve is spent, there is little room; null when that is over. */
  condition(text: string | null): void {
    if (text !== null) this.#log.warning(`database: ${text}`);
    this.#condition = text;
    this.tell();
  }

  tell(): void {
    this.#tell(this.#state());
  }

  #state(): ComponentState {
    const state = this.#commits;
    if (state.type === 'broken') return { status: 'unhealthy', reason: state.why };
    if (state.type === 'ok') {
      const status = this.#condition === null ? 'healthy' : 'degraded';
      return { status, reason: this.#condition };
    }
    const dropped = state.eventsDropped > 0 ? `; ${state.eventsDropped} events dropped` : '';
    return { status: 'degraded', reason: `cannot write: ${state.why}${dropped}` };
  }
}
