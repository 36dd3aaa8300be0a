/** What people and programs changed on the machine lately, as operations see it. */
import type { EpochMs } from '../domain/time.ts';

export const editTypes = ['package', 'unit-file', 'configuration'] as const;

export interface Edit {
  readonly at: EpochMs;
  readonly type: (typeof editTypes)[number];
  /** In words: `upgrade of nginx:amd64, 1.22.1-9 to 1.22.1-10`; of a file its path. */
  readonly what: string;
}

export interface RecentEdits {
  /** Oldest first. */
  readonly edits: readonly Edit[];
  /** Edits left out because there were too many: the oldest. */
  readonly omitted: number;
  /** What could not be looked at, and why. Nothing is known of it. */
  readonly unreadable: readonly { readonly what: string; readonly why: string }[];
}

/** `units`: whose own files are looked at wherever they may lie, beside /etc/systemd/system. */
export type FindRecentEdits = (
  since: EpochMs,
  until: EpochMs,
  units: readonly string[],
) => Promise<RecentEdits>;
