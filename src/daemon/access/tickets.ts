/** Tickets: each is good for one stream, soon. They are held in memory alone. */
import { type Ms, seconds } from '../../domain/time.ts';
import type { Caller } from '../../operations/house.ts';
import { newSecret, sha256Of } from './secrets.ts';

export const ticketLasts = seconds(30);
/** Of one caller; one more makes the oldest worthless. */
const ticketsOfCallerMax = 32;
const ticketsMax = 4096;

interface Held {
  readonly caller: Caller;
  readonly endsAt: Ms;
}

export class Tickets {
  readonly #monotonic: () => Ms;
  /** By digest, oldest first: what is looked up says nothing of what is there. */
  readonly #held = new Map<string, Held>();

  constructor(monotonic: () => Ms) {
    this.#monotonic = monotonic;
  }

  create(caller: Caller): string {
    this.#forget();
    const own = [...this.#held].filter(([, held]) => held.caller.name === caller.name);
    const [tooMany] = own.length >= ticketsOfCallerMax ? own : [];
    const oldest = this.#held.size >= ticketsMax ? this.#held.keys().next().value : undefined;
    const gone = tooMany?.[0] ?? oldest;
    if (gone !== undefined) this.#held.delete(gone);
    const ticket = newSecret();
    this.#held.set(sha256Of(ticket), { caller, endsAt: this.#monotonic() + ticketLasts });
    return ticket;
  }

  take(ticket: string): Caller | undefined {
    this.#forget();
    const digest = sha256Of(ticket);
    const held = this.#held.get(digest);
    this.#held.delete(digest);
    return held?.caller;
  }

  #forget(): void {
    const now = this.#monotonic();
    for (const [digest, { endsAt }] of this.#held) if (now >= endsAt) this.#held.delete(digest);
  }
}
