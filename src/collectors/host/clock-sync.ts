/**
 * Does something keep the clock right? The kernel knows (STA_UNSYNC of adjtimex(2)), and
 * systemd-timedated tells it over the bus. Each question starts that service for half a minute, so
 * it is asked rarely; timesyncd's own file costs nothing and is looked at first.
 */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import { hours, type Ms, minutes, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Files } from '../../platform/files.ts';
import type { SystemBus } from '../../platform/system-bus.ts';
import type { Roots } from '../collector.ts';
import { runPath } from './host-reading.ts';

/** timesyncd touches its file at each answer, 34 minutes apart at most (PollIntervalMaxSec=). */
const freshAge: Ms = hours(2);
/** The kernel gives up a clock after hours without an answer: minutes do not matter. */
const askEvery: Ms = minutes(10);
/** Sooner while it is not synchronized, so that the alert ends soon after. */
const askAgainEvery: Ms = minutes(2);
const callTimeout: Ms = seconds(10);
const firstAnswerMax: Ms = seconds(5);

export interface ClockSyncParts {
  readonly clock: Clock;
  readonly files: Files;
  readonly systemBus: SystemBus;
  readonly roots: Pick<Roots, 'etc'>;
}

export class ClockSync {
  readonly #parts: ClockSyncParts;
  #answer: boolean | Unreadable | undefined;
  #askedAt: Ms | undefined;
  #asking: Promise<void> | undefined;

  constructor(parts: ClockSyncParts) {
    this.#parts = parts;
  }

  /** What is known; only the first question is waited for, and not for long. */
  async look(): Promise<boolean | Unreadable> {
    if (this.#fileSays() === 'fresh') {
      this.#answer = true;
      return true;
    }
    const { clock } = this.#parts;
    const every = this.#answer === true ? askEvery : askAgainEvery;
    const isDue = this.#askedAt === undefined || clock.monotonic() - this.#askedAt >= every;
    if (isDue && this.#asking === undefined) {
      this.#askedAt = clock.monotonic();
      this.#asking = this.#take();
    }
    if (this.#answer === undefined && this.#asking !== undefined) {
      const answered = new AbortController();
      const patience = clock.sleep(firstAnswerMax, answered.signal);
      await Promise.race([this.#asking, patience]);
      answered.abort();
    }
    return this.#answer ?? unreadable('timedate1: no answer yet');
  }

  async #take(): Promise<void> {
    this.#answer = await this.#ask();
    this.#asking = undefined;
  }

  #fileSays(): 'fresh' | 'old' | 'nothing' {
    const { clock, files, roots } = this.#parts;
    try {
      const file = files.stat(runPath(roots, 'systemd/timesync/synchronized'));
      if (file === undefined) return 'nothing';
      return Math.abs(clock.now() - file.modifiedAt) <= freshAge ? 'fresh' : 'old';
    } catch {
      return 'nothing';
    }
  }

  async #ask(): Promise<boolean | Unreadable> {
    const outcome = await this.#parts.systemBus.connect(() => {});
    if (outcome.type === 'refused') return this.#without(outcome.why);
    const { connection } = outcome;
    const answer = await connection.call({
      destination: 'org.freedesktop.timedate1',
      path: '/org/freedesktop/timedate1',
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: ['org.freedesktop.timedate1', 'NTPSynchronized'],
      timeout: callTimeout,
    });
    connection.close();
    if (answer.type === 'returned' && typeof answer.body[0] === 'boolean') return answer.body[0];
    return this.#without(answer.type === 'error' ? answer.message : answer.type);
  }

  /** Nobody answers for the kernel; what timesyncd once said is better than nothing. */
  #without(why: string): boolean | Unreadable {
    return this.#fileSays() === 'old' ? false : unreadable(`timedate1: ${why}`);
  }
}
