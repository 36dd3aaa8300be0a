/**
 * Reports one run to tocsind. Every report is the whole run, under a key of its own, so that it may
 * come twice or late. The end is kept in a file until tocsind has taken it: whoever is away
 * meanwhile, it is delivered afterwards, once.
 */
import { type EpochMs, minutes, rfc3339, seconds } from '../../domain/time.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import {
  keepInSpool,
  listSpool,
  readFromSpool,
  removeFromSpool,
  setAsideInSpool,
} from '../../platform/spool.ts';
import { type Answer, isDelivered } from './answer.ts';
import { readProgress } from './progress.ts';

/** tocsind takes the run for lost after three of these. */
const heartbeat = minutes(1);
/** Lines come fast; what is shown of them need not. */
const progressEvery = seconds(2);

export interface ReporterParts {
  readonly job: string;
  /** Names the run among those of the job. */
  readonly key: string;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Never throws. */
  readonly send: (body: unknown) => Promise<Answer>;
  /** Where the report is kept, and where others may wait; the first is ours. */
  readonly spools: readonly string[];
  /** For people. */
  readonly note: (text: string) => Promise<void>;
}

interface Run {
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs;
  readonly progress?: number;
  readonly message?: string;
  readonly exitStatus?: number;
}

export class Reporter {
  readonly #parts: ReporterParts;
  #run: Run;
  #next: Timer | undefined;
  #progress: Timer | undefined;
  #progressAt = 0;
  #sending = false;
  /** There is news since the report that is on its way. */
  #hasNews = false;

  /** The run begins now, and is reported from here on. */
  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#run = { state: 'running', startedAt: parts.clock.now() };
    this.#beat();
  }

  /** A line of its output. */
  line(line: string): void {
    this.#run = { ...this.#run, ...readProgress(line) };
    const { clock } = this.#parts;
    const delay = Math.max(0, this.#progressAt + progressEvery - clock.now());
    this.#progress ??= clock.after(delay, () => {
      this.#progress = undefined;
      this.#progressAt = clock.now();
      void this.#tell();
    });
  }

  /** The last report. Resolves when it is delivered or kept, or when its loss was told. */
  async end(exitStatus: number, why: string | null): Promise<void> {
    const { clock } = this.#parts;
    this.#next?.cancel();
    this.#progress?.cancel();
    const state = exitStatus === 0 ? 'completed' : 'failed';
    const message = why ?? this.#run.message;
    this.#run = { ...this.#run, state, endedAt: clock.now(), exitStatus };
    if (message !== undefined) this.#run = { ...this.#run, message };
    await this.#deliver();
  }

  #body() {
    const { job, key } = this.#parts;
    const { startedAt, endedAt, ...rest } = this.#run;
    return {
      job,
      key,
      ...rest,
      startedAt: rfc3339(startedAt),
      ...(endedAt !== undefined && { endedAt: rfc3339(endedAt) }),
      ...(this.#run.state === 'running' && { heartbeat: `${heartbeat / 1000}s` }),
    };
  }

  #beat(): void {
    void this.#tell();
    this.#next = this.#parts.clock.after(heartbeat, () => this.#beat());
  }

  /** While one report is on its way, what is new goes with the next. */
  async #tell(): Promise<void> {
    this.#hasNews = true;
    if (this.#sending) return;
    this.#sending = true;
    while (this.#hasNews && this.#run.state === 'running') {
      this.#hasNews = false;
      await this.#parts.send(this.#body());
    }
    this.#sending = false;
  }

  #keep(name: string, text: string): string | undefined {
    const [folder] = this.#parts.spools;
    try {
      if (folder === undefined) return 'there is no folder to keep it in';
      keepInSpool(folder, name, text);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #deliver(): Promise<void> {
    const { job, key, note, send, spools } = this.#parts;
    const body = this.#body();
    const name = `${this.#run.startedAt}-${key}`;
    const [folder = ''] = spools;
    // Kept first: it is safe from here on, whatever becomes of us and of tocsind.
    const notKept = this.#keep(name, JSON.stringify(body));
    const answer = await send(body);
    if (answer.type === 'away') {
      if (notKept === undefined) return;
      await note(`the report of ${job} is lost: ${answer.why}; and it cannot be kept: ${notKept}`);
      return;
    }
    if (notKept === undefined) removeFromSpool(folder, name);
    if (answer.type === 'refused') await note(`the report of ${job} was refused: ${answer.why}`);
    else await this.#deliverOthers();
  }

  /** What earlier runs could not deliver. */
  async #deliverOthers(): Promise<void> {
    for (const folder of this.#parts.spools)
      for (const name of listSpool(folder)) {
        if (!(await this.#deliverOther(folder, name))) return;
      }
  }

  /** False when there is no use in going on. */
  async #deliverOther(folder: string, name: string): Promise<boolean> {
    try {
      const text = readFromSpool(folder, name);
      if (text === undefined) return true;
      const answer = await this.#parts.send(JSON.parse(text));
      if (isDelivered(answer)) removeFromSpool(folder, name);
      if (answer.type === 'refused') setAsideInSpool(folder, name);
      return answer.type !== 'away';
    } catch {
      // Somebody else's, or delivered meanwhile by another.
      return true;
    }
  }
}
