/** How often each rule has fired for each resource: `RULE KIND ID` -> count. */
import type { Alert } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

/** Transient units always have new names: beyond this the counts used longest ago are forgotten. */
const occurrencesMax = 50_000;

export function occurrencesTable(db: Db) {
  const upsert = db.prepare<[string, number, EpochMs]>(
    `INSERT INTO occurrences (key, count, at) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET count = excluded.count, at = excluded.at
     WHERE excluded.count > count`,
  );
  const all = db.prepare<[], [string, number]>('SELECT key, count FROM occurrences').raw();
  const count = db.prepare<[], number>('SELECT count(*) FROM occurrences').pluck();
  const deleteOldest = db.prepare<[number]>(
    `DELETE FROM occurrences
     WHERE key IN (SELECT key FROM occurrences ORDER BY at LIMIT ?)`,
  );
  return {
    /** An alert that is pending, or was dropped while pending, has not fired; nor has a drill. */
    count({ rule, origin, resource, occurrence, firingAt }: Alert): void {
      if (firingAt === null || origin === 'drill') return;
      upsert.run(`${rule} ${resource.kind} ${resource.id}`, occurrence, firingAt);
    },
    list: (): Record<string, number> => Object.fromEntries(all.all()),
    forgetBeyondLimit(): void {
      const tooMany = (count.get() ?? 0) - occurrencesMax;
      if (tooMany > 0) deleteOldest.run(tooMany);
    },
  };
}
