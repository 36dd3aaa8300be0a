/**
 * The pulse: proves that the whole pipeline makes progress, and only then feeds the watchdog. A
 * beat goes through the inbox, the engine and the store and back; a plain timer would keep a
 * daemon alive whose database or collector hangs.
 */
import { type Ms, renderDuration } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';

export interface PulseParts {
  readonly clock: Clock;
  readonly every: Ms;
  /** Resolves when a beat has been through the pipeline and the store. */
  readonly beat: () => Promise<void>;
  readonly onAlive: () => void;
}

export class Pulse {
  readonly #parts: PulseParts;
  #lastBeatAt: Ms;
  #timer: Timer | undefined;
  #beating = false;

  constructor(parts: PulseParts) {
    this.#parts = parts;
    this.#lastBeatAt = parts.clock.monotonic();
    this.#schedule();
  }

  /** Why it is not alive; null when it is. */
  trouble(): string | null {
    const { clock, every } = this.#parts;
    const silence = clock.monotonic() - this.#lastBeatAt;
    return silence > every * 3 ? `no progress for ${renderDuration(silence)}` : null;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#parts.clock.after(this.#parts.every, () => {
      this.#schedule();
      if (!this.#beating) void this.#beat();
    });
  }

  async #beat(): Promise<void> {
    this.#beating = true;
    try {
      await this.#parts.beat();
    } catch {
      // No beat: the watchdog has to know.
      return;
    } finally {
      this.#beating = false;
    }
    this.#lastBeatAt = this.#parts.clock.monotonic();
    // A collector that hangs shows in its health; the others still watch, so we stay alive.
    this.#parts.onAlive();
  }
}
