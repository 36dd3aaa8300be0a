/** The ledger: what tocsin counts of itself, from its start on. */
import type { Change } from '../domain/alert.ts';
import type { BlindTime } from '../domain/health.ts';
import { createHistogram, type GrowingHistogram } from '../domain/histogram.ts';
import { type Ms, seconds } from '../domain/time.ts';
import type { Figures } from '../operations/figures.ts';
import type { Clock } from '../platform/clock.ts';

/** Seconds: a signal is seen within milliseconds, what is polled within its interval. */
const detectionBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** The time in which tocsin did not run, told at its start. */
const ownSource = 'tocsin';

export interface Ledger {
  /** Changes that were published. */
  takeChanges(changes: readonly Change[]): void;
  /** A blind time that begins (`until` null) or ends. */
  takeBlind(blind: BlindTime): void;
  read(): Pick<Figures, 'detection' | 'blind'>;
}

/**
 * How long it was from the moment at the source to the moment it was seen. Undefined where that
 * says nothing of how fast tocsin is: it was not looking, or a person or program told it.
 */
function detectionOf({ reason, alert }: Change): Ms | undefined {
  const isOurs = reason === 'raised' && !alert.foundLate && alert.origin === 'rule';
  return isOurs ? Math.max(0, alert.detectedAt - alert.startsAt) : undefined;
}

export function createLedger(clock: Clock): Ledger {
  const detection = new Map<string, GrowingHistogram>();
  let lastSeq = 0;
  const ended = new Map<string, Ms>();
  /** On the monotonic clock, so that a counter does not fall when the wall clock is set. */
  const open = new Map<string, Ms>();

  function end(source: string, length: Ms): void {
    ended.set(source, (ended.get(source) ?? 0) + Math.max(0, length));
    open.delete(source);
  }

  return {
    takeChanges(changes) {
      for (const change of changes) {
        // While the disk is full, what waits is published before it is stored, and again after.
        const isNew = change.seq > lastSeq;
        lastSeq = Math.max(lastSeq, change.seq);
        const length = detectionOf(change);
        if (!isNew || length === undefined) continue;
        const { source } = change.alert;
        const histogram = detection.get(source) ?? createHistogram(detectionBounds);
        histogram.add(length / seconds(1));
        detection.set(source, histogram);
      }
    },
    takeBlind({ source, since, until }) {
      const begun = open.get(source);
      if (begun !== undefined) end(source, clock.monotonic() - begun);
      // Of another source it is one that the process before this began, and counted.
      else if (until !== null && source === ownSource) end(source, until - since);
      if (until === null) open.set(source, clock.monotonic());
    },
    read() {
      const blind = new Map(ended);
      for (const [source, begun] of open)
        blind.set(source, (blind.get(source) ?? 0) + clock.monotonic() - begun);
      return { detection, blind };
    },
  };
}
