/** When alerts that were raised by hand end by themselves. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../connection.ts';

export function expiriesTable(db: Db) {
  const clear = db.prepare('DELETE FROM expiries');
  const insert = db.prepare<[string, EpochMs]>('INSERT INTO expiries (alert_id, at) VALUES (?, ?)');
  const ofOpenAlerts = db
    .prepare<[], [string, EpochMs]>(
      `SELECT alert_id, at FROM expiries
       WHERE alert_id IN (SELECT id FROM alerts WHERE phase <> 'resolved')`,
    )
    .raw();
  return {
    replace(expiries: Readonly<Record<string, EpochMs>>): void {
      clear.run();
      for (const [alertId, at] of Object.entries(expiries)) insert.run(alertId, at);
    },
    listOfOpenAlerts: (): Record<string, EpochMs> => Object.fromEntries(ofOpenAlerts.all()),
  };
}
