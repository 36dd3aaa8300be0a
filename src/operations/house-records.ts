/** What is recorded and kept of what tocsin saw, as operations see it. */
import type { ResourceRef } from '../domain/reading.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { MachineFacts } from '../platform/machine-facts.ts';
import type { BacktestAnswer, TriedSilence } from '../recording/backtest/question.ts';
import type { KeptRow } from '../recording/kept/around.ts';

export interface RecordingState {
  /** ULID. */
  readonly id: string;
  readonly by: string;
  readonly since: EpochMs;
}

/** A piece of a recording on its way to whoever reads it. */
export interface RecordingPiece {
  /** Whole lines, each with its end; '' when there was nothing new in time. */
  readonly text: string;
  /** What to ask for next: the number of pieces so far. */
  readonly next: number;
  /** There will be no more. */
  readonly ended: boolean;
}

/** One recording at a time; it goes to its reader and to no disk of ours. */
export interface RecordingDesk {
  /** A text: why not, that is, who is recording. */
  start(duration: Ms, by: string): RecordingState | string;
  /** Waits up to `patience` for lines. Asking again for the same number repeats a piece. */
  read(id: string, number: number, patience: Ms): Promise<RecordingPiece | undefined>;
  /** It gets its end, which can still be read. False: there is no such recording. */
  stop(id: string): boolean;
}

export interface BacktestAsk {
  readonly since: EpochMs;
  /** The candidates; left out: the rules in force alone. */
  readonly text?: string;
  readonly silences: readonly TriedSilence[];
  readonly whole: boolean;
  /** Messages by channel are counted. */
  readonly channels: boolean;
  /** A settings file whose channels are tried; left out: those in force. */
  readonly settings?: string;
}

export type BacktestVerdict =
  | (BacktestAnswer & { readonly took: Ms })
  | { readonly type: 'busy'; readonly by: string }
  | { readonly type: 'failed'; readonly why: string };

export interface BacktestDesk {
  run(ask: BacktestAsk, by: string): Promise<BacktestVerdict>;
  /** `part`: from 0 to 1. */
  running(): { readonly by: string; readonly part: number } | undefined;
}

export interface Records {
  readonly recordings: RecordingDesk;
  readonly backtests: BacktestDesk;
  /** Kept readings of these, for people to read; [] where none can be read. */
  keptAround(refs: readonly ResourceRef[], from: EpochMs, to: EpochMs): Promise<readonly KeptRow[]>;
  /** As they are in force; secrets are named in them by their place. */
  settings(): Readonly<Record<string, unknown>>;
  machine(): MachineFacts;
}
