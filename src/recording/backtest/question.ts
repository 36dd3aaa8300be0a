/** What a backtest is asked and what it answers: plain data, for it runs in a thread of its own. */
import type { Kind } from '../../domain/kind.ts';
import type { ActiveMute, MatcherText } from '../../domain/mute.ts';
import type { Complaint } from '../../domain/rule.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { FlapSettings } from '../../rules/engine.ts';
import type { RuleFile } from '../../rules/files/files.ts';

/** A silence that is tried on the past; without times it holds for all of it. */
export interface TriedSilence {
  readonly matchers: readonly MatcherText[];
  readonly startsAt?: EpochMs;
  readonly endsAt?: EpochMs;
}

export interface BacktestQuestion {
  readonly kinds: readonly Kind[];
  /** The rules in force. */
  readonly files: readonly RuleFile[];
  /** The candidates; undefined: the rules in force alone. */
  readonly text?: string;
  /** What complaints call it. */
  readonly name: string;
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly silences: readonly TriedSilence[];
  /** As it is set. */
  readonly flapping: FlapSettings | null;
  /** All rules run; else the candidates, what they replace, and what inhibits them. */
  readonly whole: boolean;
}

/** What one rule would have done. */
export interface RuleReport {
  /** How often it began to fire. */
  readonly fired: number;
  /** Of these, those that were to be told: nothing muted them, for a moment at least. */
  readonly announced: number;
  /** Of those that have ended; null: none has. */
  readonly median: Ms | null;
  readonly longest: Ms | null;
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
  /** True when the kept readings begin: not counted as fired. */
  readonly firingAtBegin: number;
  readonly firingAtEnd: number;
}

export interface RuleComparison {
  readonly id: string;
  readonly candidate: RuleReport | null;
  /** null: there is no such rule in force. */
  readonly inForce: RuleReport | null;
}

export interface ChannelCount {
  readonly channel: string;
  /** With the candidates; null: the channel is not among those tried. */
  readonly messages: number | null;
  /** With what is in force; null: there is no such channel. */
  readonly inForce: number | null;
}

export interface BacktestResult {
  /** What was really looked at: readings are kept from there to there. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly rules: readonly RuleComparison[];
  /** Occurrences that each tried silence would have kept quiet, in the order of the question. */
  readonly silenced: readonly number[];
  readonly channels: readonly ChannelCount[];
  readonly gaps: readonly { readonly from: EpochMs; readonly to: EpochMs }[];
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[];
  readonly inputs: number;
}

export type BacktestAnswer =
  | ({ readonly type: 'done' } & BacktestResult)
  /** The candidates do not load. */
  | { readonly type: 'refused'; readonly complaints: readonly Complaint[] }
  /** Nothing is kept of that time. */
  | { readonly type: 'empty'; readonly why: string };

export const muteOf = ({ matchers }: TriedSilence, place: number): ActiveMute => ({
  id: `tried-${place}`,
  type: 'silence',
  matchers,
});
