/** The few facts about the database as a whole. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

/**
 * Where a volatile copy (volatile.ts) began: the database on the disk as it was then, and a name of
 * its own. It stays when the copy is flushed, so that the disk knows what it holds already.
 */
export interface Branch {
  readonly id: string;
  /** null: nothing on the disk could be copied, and it began empty. */
  readonly instance: string | null;
  readonly lastSeq: number;
  readonly lastSeenAt: EpochMs | null;
  /** Why it began empty; null when it goes on from what was stored. */
  readonly lacks: string | null;
}

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

const branchKey = 'branch';

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
    readBranch(): Branch | null {
      const text = find.get(branchKey);
      return text === undefined ? null : (JSON.parse(String(text)) as Branch);
    },
    writeBranch(branch: Branch): void {
      upsert.run(branchKey, JSON.stringify(branch));
    },
    write(changed: { readonly [K in keyof Meta]?: NonNullable<Meta[K]> }): void {
      for (const name of ['instance', 'lastSeq', 'completeFrom', 'lastSeenAt'] as const) {
        const value = changed[name];
        if (value !== undefined) upsert.run(keys[name], value);
      }
    },
  };
}
