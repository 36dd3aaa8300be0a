/** Records of a house for tests: recordings of lines that a test gives. */
import type { MachineFacts } from '../platform/machine-facts.ts';
import type { KeptRow } from '../recording/kept/around.ts';
import type {
  BacktestAsk,
  BacktestDesk,
  BacktestVerdict,
  RecordingDesk,
  Records,
} from './house-records.ts';

export class FakeRecords implements Records {
  /** What a reader gets, piece by piece. */
  pieces: readonly string[] = [];
  /** What the next backtest answers, and what was asked. */
  verdict: BacktestVerdict = { type: 'failed', why: 'no answer was given' };
  readonly asked: BacktestAsk[] = [];
  settingsAnswer: Readonly<Record<string, unknown>> = {};
  rows: readonly KeptRow[] = [];
  /** An earlier recording that can still be read. */
  earlier: string | undefined;
  #by: string | undefined;

  #isKnown(id: string): boolean {
    const isCurrent = this.#by !== undefined && id === '01K0000000000000000000RECO';
    return isCurrent || id === this.earlier;
  }

  async keptAround(): Promise<readonly KeptRow[]> {
    return this.rows;
  }

  settings(): Readonly<Record<string, unknown>> {
    return this.settingsAnswer;
  }

  machine(): MachineFacts {
    return { node: '26', kernel: '6', architecture: 'x64', processors: 2, memoryBytes: 1 };
  }

  readonly backtests: BacktestDesk = {
    run: async (ask) => {
      this.asked.push(ask);
      return this.verdict;
    },
    running: () => undefined,
  };

  readonly recordings: RecordingDesk = {
    start: (_, by) => {
      if (this.#by !== undefined) return `${this.#by} is recording`;
      this.#by = by;
      return { id: '01K0000000000000000000RECO', by, since: 0 };
    },
    read: async (id, number) => {
      if (!this.#isKnown(id)) return undefined;
      const text = this.pieces[number] ?? '';
      return { text, next: number + 1, ended: number + 1 >= this.pieces.length };
    },
    stop: (id) => {
      const isKnown = this.#isKnown(id);
      this.#by = undefined;
      return isKnown;
    },
  };
}
