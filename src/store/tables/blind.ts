/** Times in which a source could not be watched. */
import type { BlindTime } from '../../domain/health.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

export function blindTable(db: Db) {
  const upsert = db.prepare<[string, EpochMs, EpochMs | null, string]>(
    `INSERT INTO blind (source, since, until, why) VALUES (?, ?, ?, ?)
     ON CONFLICT (source, since) DO UPDATE SET until = excluded.until, why = excluded.why`,
  );
  const notOver = db.prepare<[EpochMs], BlindTime>(
    `SELECT source, since, until, why FROM blind
     WHERE until IS NULL OR until >= ? ORDER BY since, source`,
  );
  const deleteEnded = db.prepare<[EpochMs]>('DELETE FROM blind WHERE until < ?');
  return {
    upsert({ source, since, until, why }: BlindTime): void {
      upsert.run(source, since, until, why);
    },
    /** Those that lasted at `since` or began later. */
    list: (since: EpochMs): readonly BlindTime[] => notOver.all(since),
    deleteEndedBefore: (at: EpochMs): number => deleteEnded.run(at).changes,
  };
}
