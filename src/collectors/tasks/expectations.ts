/** What should have happened: one judgement for each line of the settings, kept up to date. */
import { type ResourceReading, reading } from '../../domain/reading.ts';
import type { Known } from '../../domain/resource.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Probes } from '../../platform/probes.ts';
import type { Watcher } from '../collector.ts';
import { type Place, placeIn } from './calendar.ts';
import { taskExpectation, taskRun } from './kinds.ts';
import type { Expected } from './settings.ts';

/** Where systemd did not answer, it is asked again. */
const askAgainAfter = minutes(1);
const cursorName = 'expectations';
/** The eye of the component board that is blind while an expectation cannot be judged. */
const part = 'tasks.expect';

/** What is kept over restarts. */
interface Memory {
  /** Moments before are not judged: nobody had expected anything. */
  readonly since: EpochMs;
  readonly happenedAt: EpochMs | null;
}

interface Expectation {
  readonly id: string;
  /** Where it is written: `tasks.expect[0].calendar`. */
  readonly setting: string;
  readonly expected: Expected;
  memory: Memory;
  place: Extract<Place, { readonly type: 'placed' }> | undefined;
  problem: string | null;
  /** When systemd has to be asked next; null: never. */
  askAt: EpochMs | null;
  /** As told last. */
  told: string;
}

/** The job's name where that says which one is meant. */
function idOf(expected: Expected, all: readonly Expected[]): string {
  const isOnly = all.filter(({ job }) => job === expected.job).length === 1;
  return isOnly ? expected.job : `${expected.job}@${expected.calendar}`;
}

function readMemories(text: string | undefined): Readonly<Record<string, Memory>> {
  try {
    const read: unknown = JSON.parse(text ?? '{}');
    return typeof read === 'object' && read !== null ? (read as Record<string, Memory>) : {};
  } catch {
    return {};
  }
}

const latestOf = (a: EpochMs | null, b: unknown): EpochMs | null =>
  typeof b === 'number' && b > (a ?? Number.NEGATIVE_INFINITY) ? b : a;

function readingOf({ id, expected, memory, place, problem }: Expectation): ResourceReading {
  const { job, calendar, result, within } = expected;
  const lastDueAt = place?.last != null && place.last > memory.since ? place.last : null;
  const floor =
    within !== null ? (lastDueAt ?? 0) - within : (place?.before ?? Number.NEGATIVE_INFINITY);
  const happened = memory.happenedAt ?? Number.NEGATIVE_INFINITY;
  const met = lastDueAt === null || happened > floor;
  return reading(
    taskExpectation,
    id,
    {
      job,
      calendar,
      result,
      within,
      nextDueAt: place?.next ?? null,
      lastDueAt,
      lastHappenedAt: memory.happenedAt,
      met,
      missedAt: met ? null : lastDueAt,
      problem,
    },
    met ? undefined : (lastDueAt ?? undefined),
  );
}

export class Expectations {
  readonly #ports: { readonly clock: Clock; readonly known: Known; readonly probes: Probes };
  readonly #all: readonly Expectation[];
  #watcher: Watcher | undefined;
  #planning: Promise<void> | undefined;
  #saved = '';
  #problemsTold: string | null = null;

  constructor(
    expected: readonly Expected[],
    ports: { readonly clock: Clock; readonly known: Known; readonly probes: Probes },
  ) {
    this.#ports = ports;
    const now = ports.clock.now();
    const byId = new Map(
      expected.map((one, i): [string, Expectation] => {
        const id = idOf(one, expected);
        const setting = `tasks.expect[${i}].calendar`;
        const memory = { since: now, happenedAt: null };
        const rest = { place: undefined, problem: null, askAt: now, told: '' };
        return [id, { id, setting, expected: one, memory, ...rest }];
      }),
    );
    this.#all = [...byId.values()];
  }

  get count(): number {
    return this.#all.length;
  }

  /** What was known of them before this start. */
  attach(watcher: Watcher): void {
    this.#watcher = watcher;
    const text = watcher.cursor(cursorName);
    const memories = readMemories(text);
    this.#saved = text ?? '';
    for (const one of this.#all) {
      const { since, happenedAt } = memories[one.id] ?? {};
      const seenAt = latestOf(one.memory.happenedAt, happenedAt);
      one.memory = { since: since ?? one.memory.since, happenedAt: seenAt };
    }
  }

  /** Asks systemd for the moments of those whose next one has come. One asking at a time. */
  plan(signal: AbortSignal): Promise<void> {
    this.#planning ??= this.#planAll(signal).finally(() => {
      this.#planning = undefined;
    });
    return this.#planning;
  }

  readings(): readonly ResourceReading[] {
    this.#see();
    return this.#all.map(readingOf);
  }

  /** Readings that are news since the last call. */
  judge(): readonly ResourceReading[] {
    this.#see();
    return this.#all.flatMap((one) => {
      const now = readingOf(one);
      const text = JSON.stringify(now.attributes);
      if (text === one.told) return [];
      one.told = text;
      return [now];
    });
  }

  async #planAll(signal: AbortSignal): Promise<void> {
    for (const one of this.#all) {
      const now = this.#ports.clock.now();
      // Set back: what was the last moment lies ahead again.
      const isBehind = (one.place?.last ?? now) > now;
      if (isBehind || (one.askAt !== null && one.askAt <= now)) await this.#ask(one, now, signal);
    }
    this.#tellProblems();
  }

  async #ask(one: Expectation, now: EpochMs, signal: AbortSignal): Promise<void> {
    // The moment that has come is judged whether or not systemd answers.
    const { next = null, last = null } = one.place ?? {};
    if (next !== null && next <= now)
      one.place = { type: 'placed', before: last, last: next, next: null };
    const place = await placeIn(this.#ports.probes, one.expected.calendar, now, signal);
    if (signal.aborted) return;
    if (place.type === 'placed') {
      one.place = place;
      one.problem = null;
      one.askAt = place.next;
    } else {
      one.problem = place.why;
      one.askAt = place.type === 'bad' ? null : now + askAgainAfter;
    }
  }

  /** Whatever cannot be judged is said with the name of its setting. */
  #tellProblems(): void {
    const said = this.#all.flatMap(({ setting, problem }) =>
      problem === null ? [] : [`${setting}: ${problem}`],
    );
    const why = said.length === 0 ? null : said.join('; ');
    if (why !== this.#problemsTold) this.#watcher?.blindPart(part, why);
    if (this.#watcher !== undefined) this.#problemsTold = why;
  }

  /** Takes in what has happened since the last look, and keeps it. */
  #see(): void {
    for (const one of this.#all) {
      const run = this.#ports.known.find(taskRun.name, one.expected.job);
      const { lastSuccessAt, endedAt } = run?.attributes ?? {};
      const success = latestOf(one.memory.happenedAt, lastSuccessAt);
      const happenedAt = one.expected.result === 'run' ? latestOf(success, endedAt) : success;
      if (happenedAt !== one.memory.happenedAt) one.memory = { ...one.memory, happenedAt };
    }
    if (this.#watcher === undefined || this.#all.length === 0) return;
    const text = JSON.stringify(
      Object.fromEntries(this.#all.map(({ id, memory }) => [id, memory])),
    );
    if (text !== this.#saved) this.#watcher.saveCursor(cursorName, text);
    this.#saved = text;
  }
}
