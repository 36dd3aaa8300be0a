/** Test messages: past grouping, budget and what waits, once; somebody waits for the outcome. */
import type { Attempt, Message, Outcome } from '../domain/message.ts';
import { type Ms, seconds } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import { composeTest } from './dispatch/compose.ts';
import { Flight } from './dispatch/flight.ts';
import type { Writes } from './dispatch/writes.ts';

/** As long as a channel may take for one message, and a little more. */
const answerWithin: Ms = seconds(60);

export interface TestAnswer {
  readonly outcome: Outcome;
  readonly took: Ms;
}

interface Pending {
  readonly message: Message;
  readonly answer: Promise<TestAnswer>;
  readonly resolve: (answer: TestAnswer) => void;
  isGiven: boolean;
}

export class TestingDesk {
  readonly #clock: Clock;
  readonly #host: string;
  readonly #writes: Writes;
  readonly #pending = new Map<string, Pending>();
  #made = 0;

  constructor(clock: Clock, host: string, writes: Writes) {
    this.#clock = clock;
    this.#host = host;
    this.#writes = writes;
  }

  /** Whoever asks while one is on its way gets the answer of that. */
  async test(channel: string, by: string): Promise<TestAnswer> {
    const before = this.#pending.get(channel);
    if (before !== undefined) return before.answer;
    this.#made += 1;
    const at = this.#clock.now();
    const message = composeTest({ channel, made: this.#made, at, host: this.#host }, by);
    const { promise: answer, resolve } = Promise.withResolvers<TestAnswer>();
    this.#pending.set(channel, { message, answer, resolve, isGiven: false });
    const timer = this.#clock.after(answerWithin, () => this.#giveUp(channel));
    void answer.then(() => timer.cancel());
    return answer;
  }

  give(channel: string): Message | undefined {
    const pending = this.#pending.get(channel);
    if (pending === undefined || pending.isGiven) return undefined;
    pending.isGiven = true;
    return pending.message;
  }

  /** Whether the attempt was one of a test. */
  attempt(attempt: Attempt): boolean {
    const pending = this.#pending.get(attempt.channel);
    if (pending?.message.key !== attempt.key) return false;
    this.#pending.delete(attempt.channel);
    const isTaken = attempt.outcome.type === 'delivered';
    this.#writes.message(new Flight(pending.message, {}));
    this.#writes.attempt(attempt, null);
    this.#writes.end(attempt.key, isTaken ? 'delivered' : 'refused', this.#clock.now());
    pending.resolve({ outcome: attempt.outcome, took: attempt.took });
    return true;
  }

  #giveUp(channel: string): void {
    const pending = this.#pending.get(channel);
    if (pending === undefined) return;
    const why = pending.isGiven
      ? 'the channel has not answered within a minute'
      : 'nobody has come for it within a minute: channels that need a network are served by ' +
        'tocsin-relay, is it running?';
    const outcome: Outcome = { type: 'retry', why, maybe: pending.isGiven };
    const { key } = pending.message;
    this.attempt({ key, channel, at: this.#clock.now(), took: answerWithin, outcome });
  }
}
