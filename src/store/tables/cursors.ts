/** Positions that readers and collectors keep over restarts. */
import type { Db } from '../../platform/sqlite/connection.ts';

export function cursorsTable(db: Db) {
  const upsert = db.prepare<[string, string]>(
    `INSERT INTO cursors (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  const all = db.prepare<[], [string, string]>('SELECT name, value FROM cursors').raw();
  return {
    upsert(cursors: Readonly<Record<string, string>>): void {
      for (const [name, value] of Object.entries(cursors)) upsert.run(name, value);
    },
    list: (): Record<string, string> => Object.fromEntries(all.all()),
  };
}
