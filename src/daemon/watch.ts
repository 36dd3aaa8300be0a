/** The runners of all collectors: started together, started anew when the settings change. */
import type { Collector, RunningCollector } from '../collectors/collector.ts';
import type { Settings } from '../config/settings.ts';
import type { SourceFigures } from '../operations/figures.ts';
import { Runner, type RunnerParts } from './runner.ts';
import { Settling } from './settling.ts';

export class Watch {
  readonly #collectors: readonly Collector[];
  readonly #parts: Omit<RunnerParts, 'settling'>;
  #runners: readonly Runner[] = [];
  #settings: Settings | undefined;

  constructor(collectors: readonly Collector[], parts: Omit<RunnerParts, 'settling'>) {
    this.#collectors = collectors;
    this.#parts = parts;
  }

  /** Resolves when every collector has looked for the first time, well or not. */
  async start(settings: Settings): Promise<void> {
    this.#settings = settings;
    const settling = new Settling(this.#collectors);
    const parts = { ...this.#parts, settling };
    this.#runners = this.#collectors.map((one) => new Runner(one, settings, parts));
    await Promise.all(this.#runners.map(({ firstLook }) => firstLook));
  }

  /** Only when the settings differ: a reload of unchanged ones makes nobody blind. */
  async restart(settings: Settings): Promise<void> {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    await this.stop();
    await this.start(settings);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()));
  }

  figures(): readonly SourceFigures[] {
    return this.#runners.map((runner) => runner.figures());
  }

  find(name: string): RunningCollector | undefined {
    return this.#runners.find((runner) => runner.name === name)?.running;
  }
}
