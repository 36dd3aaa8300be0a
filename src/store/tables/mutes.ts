/** Silences and maintenance windows, those that are over as long as they are kept. */
import type { Maintenance, Silence } from '../../domain/mute.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

/** The present or next time that a window is open. */
export interface StoredOpening {
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  /** When systemd was asked: before, another opening may have been the next one. */
  readonly reckonedAt: EpochMs;
  /** Once it is open: number of the last change before that. */
  readonly openedAfter: number | null;
}

export type StoredMute =
  | { readonly type: 'silence'; readonly id: string; readonly silence: Silence }
  | {
      readonly type: 'window';
      readonly id: string;
      readonly window: Maintenance;
      /** Null: not reckoned yet, or never again. */
      readonly opening: StoredOpening | null;
      /** Over, and what they have muted is not told yet. */
      readonly unreported: readonly StoredOpening[];
    };

/** A mute as it is now; `forgotten`: it is kept no longer. */
export type MuteRow = StoredMute | { readonly type: 'forgotten'; readonly id: string };

export function mutesTable(db: Db) {
  const upsert = db.prepare<[string, string, string]>(
    `INSERT INTO mutes (id, type, doc) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
  );
  const remove = db.prepare<[string]>('DELETE FROM mutes WHERE id = ?');
  const all = db.prepare<[], string>('SELECT doc FROM mutes ORDER BY rowid').pluck();
  return {
    write(row: MuteRow): void {
      if (row.type === 'forgotten') remove.run(row.id);
      else upsert.run(row.id, row.type, JSON.stringify(row));
    },
    /** In the order in which they were made. */
    list: (): readonly StoredMute[] => all.all().map((doc) => JSON.parse(doc) as StoredMute),
  };
}
