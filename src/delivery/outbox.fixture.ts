/** For tests: an outbox in memory; what failed is given out again after a tenth of a second. */
import type { Attempt, Message } from '../domain/message.ts';
import type { Ms } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Outbox } from './outbox.ts';
import { fakeMessage } from './render/message.fixture.ts';

export interface MemoryOutbox extends Outbox {
  /** Puts messages of a channel behind those that wait; the sequence goes on. */
  add(channel: string, count?: number): void;
  readonly attempts: Attempt[];
  waiting(channel: string): readonly Message[];
  /** While it is down every question and report fails. */
  down: boolean;
  /** How long a report takes to become durable. */
  reportTakes: Ms;
  /** How often it was asked for each channel. */
  readonly asked: Map<string, number>;
}

export function memoryOutbox(clock: Clock): MemoryOutbox {
  const queues = new Map<string, Message[]>();
  const resting = new Set<string>();
  const sequences = new Map<string, number>();
  let bell = Promise.withResolvers<void>();
  const ring = (): void => {
    bell.resolve();
    bell = Promise.withResolvers<void>();
  };
  const box: MemoryOutbox = {
    attempts: [],
    asked: new Map(),
    down: false,
    reportTakes: 0,
    waiting: (channel) => queues.get(channel) ?? [],
    add(channel, count = 1) {
      const queue = queues.get(channel) ?? [];
      for (let i = 0; i < count; i += 1) {
        const sequence = (sequences.get(channel) ?? 0) + 1;
        sequences.set(channel, sequence);
        queue.push(fakeMessage({ channel, sequence, key: `${channel}-${sequence}` }));
      }
      queues.set(channel, queue);
      ring();
    },
    async next(channels, patience, signal) {
      for (const channel of channels) box.asked.set(channel, (box.asked.get(channel) ?? 0) + 1);
      if (box.down) throw new Error('the outbox is down');
      const found = (): Message[] =>
        channels
          .filter((name) => !resting.has(name))
          .flatMap((name) => queues.get(name)?.slice(0, 1) ?? []);
      const over = new AbortController();
      const late = clock.sleep(patience, AbortSignal.any([signal, over.signal])).then(() => true);
      for (let end = false; !end && found().length === 0; ) {
        end = await Promise.race([late, bell.promise.then(() => false)]);
      }
      over.abort();
      return found();
    },
    async report(attempt) {
      if (box.down) throw new Error('the outbox is down');
      if (box.reportTakes > 0) await clock.sleep(box.reportTakes);
      box.attempts.push(attempt);
      const { channel } = attempt;
      const queue = queues.get(channel) ?? [];
      if (attempt.outcome.type === 'retry') {
        resting.add(channel);
        clock.after(100, () => {
          resting.delete(channel);
          ring();
        });
      } else if (queue[0]?.key === attempt.key) {
        queue.shift();
      }
    },
  };
  return box;
}
