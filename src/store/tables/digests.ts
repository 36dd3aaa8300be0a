/** Digest of each rule when its alerts were stored. */
import type { Db } from '../../platform/sqlite/connection.ts';

export function digestsTable(db: Db) {
  const clear = db.prepare('DELETE FROM digests');
  const insert = db.prepare<[string, string]>('INSERT INTO digests (rule, digest) VALUES (?, ?)');
  const all = db.prepare<[], [string, string]>('SELECT rule, digest FROM digests').raw();
  return {
    replace(digests: Readonly<Record<string, string>>): void {
      clear.run();
      for (const [rule, digest] of Object.entries(digests)) insert.run(rule, digest);
    },
    list: (): Record<string, string> => Object.fromEntries(all.all()),
  };
}
