/** The few facts about the database as a whole. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

export interface Meta {
  readonly instance: string | null;
  /** Number of the newest change ever stored, also when it was deleted since. */
  readonly lastSeq: number;
  /** From this number on no change was deleted. */
  readonly completeFrom: number;
  /** null in a new database. */
  readonly lastSeenAt: EpochMs | null;
}

const keys = {
  instance: 'instance',
  lastSeq: 'last_seq',
  completeFrom: 'complete_from',
  lastSeenAt: 'last_seen_at',
} as const;

export function metaTable(db: Db) {
  const find = db
    .prepare<[string], string | number>('SELECT value FROM meta WHERE key = ?')
    .pluck();
  const upsert = db.prepare<[string, string | number]>(
    `INSERT INTO meta (key, value) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  );
  return {
    read(): Meta {
      const instance = find.get(keys.instance);
      const lastSeenAt = find.get(keys.lastSeenAt);
      return {
        instance: instance === undefined ? null : String(instance),
        lastSeq: Number(find.get(keys.lastSeq) ?? 0),
        completeFrom: Number(find.get(keys.completeFrom) ?? 1),
        lastSeenAt: lastSeenAt === undefined ? null : Number(lastSeenAt),
      };
    },
    write(changed: { readonly [K in keyof Meta]?: NonNullable<Meta[K]> }): void {
      for (const name of ['instance', 'lastSeq', 'completeFrom', 'lastSeenAt'] as const) {
        const value = changed[name];
        if (value !== undefined) upsert.run(keys[name], value);
      }
    },
  };
}
