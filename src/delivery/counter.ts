/** What is counted of attempts since the start, for /metrics. */
import type { Attempt, Outcome } from '../domain/message.ts';

export interface DeliveryCount {
  readonly channel: string;
  readonly result: Outcome['type'];
  readonly count: number;
}

export function createDeliveryCounter() {
  const counts = new Map<string, Map<Outcome['type'], number>>();
  return {
    /** A channel that has tried nothing yet counts zero. */
    know(channel: string): void {
      if (!counts.has(channel)) counts.set(channel, new Map([['delivered', 0]]));
    },
    count({ channel, outcome: { type } }: Attempt): void {
      const own = counts.get(channel) ?? new Map<Outcome['type'], number>();
      counts.set(channel, own.set(type, (own.get(type) ?? 0) + 1));
    },
    read: (): readonly DeliveryCount[] =>
      [...counts].flatMap(([channel, own]) =>
        [...own].map(([result, count]) => ({ channel, result, count })),
      ),
  };
}
