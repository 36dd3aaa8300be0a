/** Calls that wait for their answers: at most so many on the wire, each with a deadline. */
import type { Ms } from '../../domain/time.ts';
import type { BusAnswer } from './message.ts';

/** On the wire at a time: the bus allows 128 replies outstanding for a connection. */
export const callsInFlightMax = 64;
/**
 * With those that passed their deadline and may still be answered: the bus counts them too.
 * Further calls wait, and end at their own deadline when no answer frees a place.
 */
const callsUnansweredMax = 120;
/** Waiting for a place on the wire; a call beyond it is answered with LimitsExceeded. */
export const callsWaitingMax = 16_384;

/** Calls taken from the queue's front are cut off so many at a time. */
const queueTrimmedEach = 1024;

/** What the bus says too when one asks for too much. */
const limitsExceeded = 'org.freedesktop.DBus.Error.LimitsExceeded';

interface Waiting {
  readonly send: (serial: number) => void;
  readonly answer: (answer: BusAnswer) => void;
  readonly deadline: NodeJS.Timeout;
  serial: number;
  over: boolean;
}

/** Serial numbers are 32-bit and never 0. */
const afterSerial = (serial: number): number => (serial >= 0xffff_ffff ? 1 : serial + 1);

function finish(call: Waiting, answer: BusAnswer): void {
  call.over = true;
  clearTimeout(call.deadline);
  call.answer(answer);
}

export class Calls {
  /** In order of arrival; those that reached their deadline are passed over. */
  #queue: Waiting[] = [];
  #queueAt = 0;
  readonly #live = new Map<number, Waiting>();
  readonly #late = new Set<number>();
  #serial = 0;
  #lostWhy: string | undefined;

  /** Calls `send` when there is a place on the wire; resolves always. */
  start(send: (serial: number) => void, timeout: Ms): Promise<BusAnswer> {
    if (this.#lostWhy !== undefined) return Promise.resolve({ type: 'lost', why: this.#lostWhy });
    if (this.#queue.length - this.#queueAt >= callsWaitingMax) {
      const message = `${callsWaitingMax} calls are waiting already`;
      return Promise.resolve({ type: 'error', name: limitsExceeded, message });
    }
    return new Promise((answer) => {
      const deadline = setTimeout(() => this.#expire(call), timeout);
      const call: Waiting = { send, answer, deadline, serial: 0, over: false };
      this.#queue.push(call);
      this.#fill();
    });
  }

  /** An answer came; false when nobody waits for it. */
  answer(serial: number, answer: BusAnswer): boolean {
    const call = this.#live.get(serial);
    if (call !== undefined) finish(call, answer);
    if (this.#live.delete(serial) || this.#late.delete(serial)) this.#fill();
    return call !== undefined;
  }

  /** Answers all that is open, and all that comes later, with `lost`. */
  lose(why: string): void {
    this.#lostWhy ??= why;
    const open = [...this.#live.values(), ...this.#queue.slice(this.#queueAt)];
    this.#live.clear();
    this.#late.clear();
    this.#queue = [];
    this.#queueAt = 0;
    for (const call of open) finish(call, { type: 'lost', why: this.#lostWhy });
  }

  #expire(call: Waiting): void {
    if (this.#live.delete(call.serial)) this.#late.add(call.serial);
    finish(call, { type: 'timeout' });
    this.#fill();
  }

  #fill(): void {
    while (
      this.#live.size < callsInFlightMax &&
      this.#live.size + this.#late.size < callsUnansweredMax
    ) {
      const call = this.#queue[this.#queueAt];
      if (call === undefined) break;
      this.#queueAt++;
      if (call.over) continue;
      call.serial = this.#nextSerial();
      this.#live.set(call.serial, call);
      call.send(call.serial);
    }
    if (this.#queueAt >= queueTrimmedEach || this.#queueAt === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#queueAt);
      this.#queueAt = 0;
    }
  }

  #nextSerial(): number {
    do this.#serial = afterSerial(this.#serial);
    while (this.#live.has(this.#serial) || this.#late.has(this.#serial));
    return this.#serial;
  }
}
