/** What should have happened: one judgement for each line of the settings, kept up to date. */
import { type ResourceReading, reading, unreadable } from '../../domain/reading.ts';
import type { Known } from '../../domain/resource.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import type { Calendar, Place } from '../../platform/calendar.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Watcher } from '../collector.ts';
import { isRow } from '../json.ts';
import { Kept } from '../kept.ts';
import { Told } from '../told.ts';
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
}

/** The job's name where that says which one is meant. */
function idOf(expected: Expected, all: readonly Expected[]): string {
  const isOnly = all.filter(({ job }) => job === expected.job).length === 1;
  return isOnly ? expected.job : `${expected.job}@${expected.calendar}`;
}

const latestOf = (a: EpochMs | null, b: unknown): EpochMs | null =>
  typeof b === 'number' && b > (a ?? Number.NEGATIVE_INFINITY) ? b : a;

/** What follows from its moments; not known while nobody has said when these are. */
function judged({ expected: { within }, memory, place, problem }: Expectation) {
  if (place === undefined) {
    const doubt = unreadable(problem ?? 'systemd has not said yet when it is due');
    return { nextDueAt: doubt, lastDueAt: doubt, met: doubt, missedAt: doubt };
  }
  const lastDueAt = place.last !== null && place.last > memory.since ? place.last : null;
  const floor =
    within !== null ? (lastDueAt ?? 0) - within : (place.before ?? Number.NEGATIVE_INFINITY);
  const met = lastDueAt === null || (memory.happenedAt ?? Number.NEGATIVE_INFINITY) > floor;
  return { nextDueAt: place.next, lastDueAt, met, missedAt: met ? null : lastDueAt };
}

function readingOf(one: Expectation): ResourceReading {
  const { job, calendar, result, within } = one.expected;
  const facts = judged(one);
  const { missedAt } = facts;
  return reading(
    taskExpectation,
    one.id,
    {
      job,
      calendar,
      result,
      within,
      lastHappenedAt: one.memory.happenedAt,
      ...facts,
      problem: one.problem,
    },
    typeof missedAt === 'number' ? missedAt : undefined,
  );
}

interface ExpectationPorts {
  readonly clock: Clock;
  readonly known: Known;
  readonly calendar: Calendar;
}

export class Expectations {
  readonly #ports: ExpectationPorts;
  readonly #all: readonly Expectation[];
  #watcher: Watcher | undefined;
  #planning: Promise<void> | undefined;
  #kept: Kept | undefined;
  readonly #told = new Told();
  #problemsTold: string | null = null;

  constructor(expected: readonly Expected[], ports: ExpectationPorts) {
    this.#ports = ports;
    const now = ports.clock.now();
    const byId = new Map(
      expected.map((one, i): [string, Expectation] => {
        const id = idOf(one, expected);
        const setting = `tasks.expect[${i}].calendar`;
        const memory = { since: now, happenedAt: null };
        const rest = { place: undefined, problem: null, askAt: now };
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
    this.#kept = new Kept(watcher, cursorName);
    const memories = this.#kept.read();
    for (const one of this.#all) {
      const kept = isRow(memories) ? memories[one.id] : undefined;
      if (!isRow(kept)) continue;
      const since = typeof kept.since === 'number' ? kept.since : one.memory.since;
      one.memory = { since, happenedAt: latestOf(one.memory.happenedAt, kept.happenedAt) };
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
    return this.#told.changes(this.#all.map(readingOf));
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
    const place = await this.#ports.calendar.placeOf(one.expected.calendar, now, signal);
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
    if (this.#all.length === 0) return;
    this.#kept?.write(Object.fromEntries(this.#all.map(({ id, memory }) => [id, memory])));
  }
}
