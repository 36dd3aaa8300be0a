/** What a daemon counts of itself, for tests. */
import type { Figures } from './figures.ts';

/** A daemon that has just started and watches nothing. */
export const noFigures: Figures = {
  sources: [],
  api: {
    requests: 0,
    errors: 0,
    requestsPerSecond: 0,
    errorRatio: null,
    latencyP50: null,
    latencyP99: null,
    streamClients: 0,
    counts: [],
    durations: new Map(),
  },
  detection: new Map(),
  blind: new Map(),
  databaseBytes: new Map(),
  delivery: { attempts: [], oldestWaiting: null },
};
