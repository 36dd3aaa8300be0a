/**
 * Work in small portions: a few calls in each turn of the event loop, so that a flood of them on
 * the bus leaves every turn its time for sockets and timers. In order of arrival.
 */

/** The heaviest call of ours needs about a millisecond. */
const callsEachTurn = 4;

export class Turns {
  #waiting: (() => void)[] = [];
  #isDue = false;

  add(work: () => void): void {
    this.#waiting.push(work);
    this.#plan();
  }

  #plan(): void {
    if (this.#isDue || this.#waiting.length === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      const now = this.#waiting.splice(0, callsEachTurn);
      this.#plan();
      for (const work of now) work();
    });
  }
}
