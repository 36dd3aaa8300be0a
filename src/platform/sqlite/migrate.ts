/** Brings a file to the schema of this program, or refuses one from the future. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Db } from './connection.ts';
import { SchemaTooNew } from './errors.ts';

/** One step of a schema. A step that was released is never changed; a new one is added below. */
export interface Migration {
  /** Number of the schema after this step: 1, 2, … */
  readonly version: number;
  /** The oldest tocsin schema whose program can still work with the file after this step. */
  readonly minCompat: number;
  readonly sql: string;
}

/** A sound SQLite file with tables that are not ours. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs';
}

interface SchemaState {
  /** 0: an empty file. */
  readonly schema: number;
  readonly minCompat: number;
}

function readSchema(db: Db): SchemaState {
  const tables = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
  const names = tables.pluck().all();
  if (names.length === 0) return { schema: 0, minCompat: 0 };
  if (!names.includes('meta')) throw new NotOurs('its tables are not those of tocsin');
  const find = db.prepare<[string], number>('SELECT value FROM meta WHERE key = ?').pluck();
  const schema = find.get('schema');
  if (schema === undefined) throw new NotOurs('it does not say which schema it has');
  return { schema, minCompat: find.get('min_compat') ?? schema };
}

/** Throws SchemaTooNew or NotOurs when the file must not be touched. */
export function checkSchema(
  db: Db,
  path: string,
  migrations: readonly Migration[],
): SchemaState & { readonly ours: number } {
  const ours = migrations.at(-1)?.version ?? 0;
  const state = readSchema(db);
  if (state.schema > ours && state.minCompat > ours)
    throw new SchemaTooNew(
      `${path} has schema ${state.schema} and needs a tocsin that knows schema ` +
        `${state.minCompat}; this one knows ${ours}. Install the newer tocsin again, or put back ` +
        `the copy in ${backupFolder(path)} that the newer one made before it changed the file.`,
    );
  return { ...state, ours };
}

const backupFolder = (path: string): string => join(dirname(path), 'backup');

/** A compact copy of the database; never a half one under the final name. */
export function copyInto(db: Db, target: string): void {
  const part = `${target}.part`;
  rmSync(part, { force: true });
  db.prepare('VACUUM INTO ?').run(part);
  renameSync(part, target);
}

/** Each step is one transaction with its number: a kill in between is made good at next start. */
export function migrate(db: Db, path: string, migrations: readonly Migration[]): number {
  const { schema, ours } = checkSchema(db, path, migrations);
  const missing = migrations.filter(({ version }) => version > schema);
  if (missing.length === 0) return schema;
  if (schema > 0) {
    mkdirSync(backupFolder(path), { recursive: true, mode: 0o750 });
    copyInto(db, join(backupFolder(path), `pre-v${ours}.db`));
  }
  for (const step of missing)
    db.transaction(() => {
      db.exec(step.sql);
      const put = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
      // Integers by hand: better-sqlite3 binds every number as a float, and an ANY column keeps it.
      put.run('schema', BigInt(step.version));
      put.run('min_compat', BigInt(step.minCompat));
    }).immediate();
  return ours;
}
