/** What a lane keeps beside its standings, and how it is written down. */
import type { Note } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Standing } from './standing.ts';

/** Why news is held back; what collects meanwhile goes as one digest. */
export type Hold = 'new' | 'outage' | 'hours' | 'budget';

export interface LaneMemory {
  /** It was removed or switched off: only its numbers are kept, so that none is given twice. */
  readonly isGone: boolean;
  /** Number of the last message. */
  readonly sequence: number;
  readonly made: number;
  /** When messages of the last hour were made, oldest first. */
  readonly sent: readonly EpochMs[];
  /** When each group was told last; forgotten after `groupInterval`. */
  readonly groups: Readonly<Record<string, EpochMs>>;
  /** Since when news is held back, for each reason. */
  readonly held: Readonly<Partial<Record<Hold, EpochMs>>>;
  /** That wait, oldest first. */
  readonly notes: readonly Note[];
  /** Since when nothing gets through, and the last reason. */
  readonly downSince: EpochMs | null;
  /** Since when no message was taken, for whatever reason. */
  readonly failingSince: EpochMs | null;
  readonly reason: string | null;
  readonly lastDeliveredAt: EpochMs | null;
}

export const newLaneMemory: LaneMemory = {
  isGone: false,
  sequence: 0,
  made: 0,
  sent: [],
  groups: {},
  held: {},
  notes: [],
  downSince: null,
  failingSince: null,
  reason: null,
  lastDeliveredAt: null,
};

const keysOf = Object.keys as <T extends object>(from: T) => (keyof T)[];

/** Only what differs from the beginning: most standings are short. */
export function renderStanding(standing: Standing, unknown: Standing): string {
  const told = keysOf(standing).filter((key) => standing[key] !== unknown[key]);
  return JSON.stringify(standing, [...told, ...toldFields]);
}

const toldFields = ['severity', 'seq', 'at', 'count', 'accepted', 'refused', 'lapsed'];

export const parseStanding = (doc: string, unknown: Standing): Standing => ({
  ...unknown,
  ...(JSON.parse(doc) as Partial<Standing>),
});

export const parseLane = (doc: string): LaneMemory => ({
  ...newLaneMemory,
  ...(JSON.parse(doc) as Partial<LaneMemory>),
});

/** The memory with every instant moved: the wall clock was set, or was wrong before. */
export const moveLane = (memory: LaneMemory, move: (at: EpochMs) => EpochMs): LaneMemory => ({
  ...memory,
  sent: memory.sent.map(move),
  groups: mapValues(memory.groups, move),
  held: mapValues(memory.held, move),
  downSince: memory.downSince === null ? null : move(memory.downSince),
  failingSince: memory.failingSince === null ? null : move(memory.failingSince),
});

const mapValues = (
  from: Readonly<Record<string, EpochMs>>,
  move: (at: EpochMs) => EpochMs,
): Readonly<Record<string, EpochMs>> =>
  Object.fromEntries(Object.entries(from).map(([key, at]) => [key, move(at)]));
