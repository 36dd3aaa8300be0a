/**
 * Calls to us that are in work: so many for each caller and in all, and an end to those whose
 * caller has left the bus, because nobody waits for them any more.
 */

/** Of one connection. A program that asks for more at once waits for its own answers. */
export const callsPerSenderMax = 32;
/** Of all together: one user may have 256 connections to the bus. */
export const callsInWorkMax = 256;

interface Guest {
  count: number;
  readonly leaving: AbortController;
}

export class Workload {
  readonly #guests = new Map<string, Guest>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Begins a call; the signal aborts when its caller leaves. Undefined when there are too many. */
  take(sender: string): AbortSignal | undefined {
    const guest = this.#guests.get(sender) ?? { count: 0, leaving: new AbortController() };
    if (this.#count >= callsInWorkMax || guest.count >= callsPerSenderMax) return undefined;
    guest.count += 1;
    this.#count += 1;
    this.#guests.set(sender, guest);
    return guest.leaving.signal;
  }

  /** One of its calls has come to an end. */
  finish(sender: string): void {
    this.#count -= 1;
    const guest = this.#guests.get(sender);
    if (guest === undefined) return;
    guest.count -= 1;
    if (guest.count === 0) this.#guests.delete(sender);
  }

  /** It has left the bus; its name is not given again. */
  leave(sender: string): void {
    const guest = this.#guests.get(sender);
    this.#guests.delete(sender);
    guest?.leaving.abort();
  }

  leaveAll(): void {
    for (const sender of this.#guests.keys()) this.leave(sender);
  }
}
