/** Deeds, and database files with an audit, for tests. */
import type { Deed } from '../domain/audit.ts';
import { days } from '../domain/time.ts';
import { connect, type Db } from '../platform/sqlite/connection.ts';
import { openDatabase } from './open.ts';
import { start } from './samples.fixture.ts';
import { prepareTables, type Tables } from './tables/tables.ts';

/** Deed `n`, a second after deed `n - 1`; no two are alike. */
export const deedOf = (n: number, more: Partial<Deed> = {}): Deed => ({
  at: start + n * 1000 + 0.5,
  by: n % 3 === 0 ? 'token:grafana' : 'uid:0',
  door: 'local',
  client: n % 2 === 0 ? `:1.${n}` : null,
  operation: n % 5 === 0 ? 'silence.save' : 'alert.acknowledge',
  subject: n % 4 === 0 ? null : `01K${n}`,
  input: JSON.stringify({ id: `01K${n}`, comment: 'Bänder \u{1f4fc} gewechselt' }),
  outcome: n % 7 === 0 ? 'alert-unknown' : 'done',
  ...more,
});

export const deeds = (from: number, to: number): readonly Deed[] =>
  Array.from({ length: to - from + 1 }, (_, i) => deedOf(from + i));

/** Makes a database, lets `call` write, and closes it. */
export function make(path: string, call: (tables: Tables) => void): void {
  const { db } = openDatabase(path, { now: start });
  const tables = prepareTables(db);
  db.transaction(() => call(tables)).immediate();
  db.close();
}

/** Twelve rows, of which retention has deleted the first two; the rest is 3 to 13. */
export function prunedTwice(tables: Tables): void {
  tables.audit.append(deeds(1, 2).map((deed) => ({ ...deed, at: deed.at - days(2) })));
  tables.audit.append(deeds(3, 12));
  tables.audit.deleteBefore(start, start + days(1));
}

/** As somebody would who has the file and its passwords: nothing of ours stands in the way. */
export function tamper(path: string, call: (db: Db) => void): void {
  const db = connect(path, { readonly: false });
  db.pragma('synchronous = OFF');
  db.exec('DROP TRIGGER audit_is_never_changed');
  call(db);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
