/**
 * Loaded into the daemon before its own code (`node --import`): how long its event loop was held.
 * Asked over the channel of node:child_process; each answer begins a new span.
 */
import { isMainThread } from 'node:worker_threads';

/** Milliseconds between two turns of a timer of 1 ms. */
export interface LoopHolds {
  /** By the clock: on a shared machine others have had a part of it. */
  readonly longest: number;
  /** Of processor that the main thread has had. */
  readonly processor: number;
}

const spent = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

if (isMainThread && process.send !== undefined) {
  let longest = 0;
  let processor = 0;
  let turnedAt = performance.now();
  let spentThen = spent();
  const timer = setInterval(() => {
    const [now, spentNow] = [performance.now(), spent()];
    longest = Math.max(longest, now - turnedAt);
    processor = Math.max(processor, spentNow - spentThen);
    [turnedAt, spentThen] = [now, spentNow];
  }, 1);
  timer.unref();
  process.on('message', () => {
    process.send?.({ longest, processor } satisfies LoopHolds);
    longest = 0;
    processor = 0;
  });
  // Who measures may end first.
  process.channel?.unref();
}
