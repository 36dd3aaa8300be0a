/** The door to time. */
import type { EpochMs, Ms } from '../domain/time.ts';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time now. It can jump; `monotonic` cannot. */
  now(): EpochMs;
  /** Milliseconds on CLOCK_MONOTONIC, the clock of systemd's …Monotonic properties. */
  monotonic(): Ms;
  /** Calls once, not before `delay`. The process may end while a timer waits. */
  after(delay: Ms, call: () => void): Timer;
  /** Resolves after `delay`; at once when the signal aborts. */
  sleep(delay: Ms, signal?: AbortSignal): Promise<void>;
}
