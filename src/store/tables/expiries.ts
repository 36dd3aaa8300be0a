/** Instants the engine keeps beside the alerts: under an alert's id, or a name of several words. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

export function expiriesTable(db: Db) {
  const clear = db.prepare('DELETE FROM expiries');
  const insert = db.prepare<[string, EpochMs]>('INSERT INTO expiries (name, at) VALUES (?, ?)');
  const all = db.prepare<[], [string, EpochMs]>('SELECT name, at FROM expiries').raw();
  return {
    replace(expiries: Readonly<Record<string, EpochMs>>): void {
      clear.run();
      for (const [name, at] of Object.entries(expiries)) insert.run(name, at);
    },
    list: (): Record<string, EpochMs> => Object.fromEntries(all.all()),
  };
}
