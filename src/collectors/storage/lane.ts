/** A lane lets a number of works run at a time; others wait in the order in which they came. */

export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

export function createLane(limit: number): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      await turn.promise;
    } else running++;
    try {
      return await work();
    } finally {
      // The place goes over to the next one, or becomes free.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
