/** For work that is done in pieces: what else waits runs before the next piece. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
