/** Brings a file to the schema of this program, or refuses one from the future. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Db, isSqliteError } from './connection.ts';
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

/** Copies from before a migration that are kept: to go back by one release, and by one more. */
const copiesMax = 2;

const backupFolder = (path: string): string => join(dirname(path), 'backup');

/** A compact copy of the database; never a half one under the final name. */
export function copyInto(db: Db, target: string): void {
  const part = `${target}.part`;
  rmSync(part, { force: true });
  db.prepare('VACUUM INTO ?').run(part);
  renameSync(part, target);
}

/** What a migration did to a file that held something. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
  /** The file as it was before; null when there was no room for it. */
  readonly copy: string | null;
}

function forgetOldestCopies(folder: string): void {
  const versionOf = (name: string): number => Number(/^pre-v(\d+)\.db$/.exec(name)?.[1]);
  const kept = readdirSync(folder).filter((name) => versionOf(name) > 0);
  kept.sort((a, b) => versionOf(b) - versionOf(a));
  for (const name of kept.slice(copiesMax)) rmSync(join(folder, name), { force: true });
}

/**
 * The file as it is, into the folder beside it. A disk without room for the copy must not keep an
 * alarm bell from ringing: what is added in a migration takes little, and can be added without.
 */
function copyBefore(db: Db, path: string, version: number): string | null {
  const folder = backupFolder(path);
  const target = join(folder, `pre-v${version}.db`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    copyInto(db, target);
  } catch (error) {
    rmSync(`${target}.part`, { force: true });
    if (isSqliteError(error) && error.code === 'SQLITE_FULL') return null;
    throw error;
  }
  forgetOldestCopies(folder);
  return target;
}

/** Each step is one transaction with its number: a kill in between is made good at next start. */
export function migrate(
  db: Db,
  path: string,
  migrations: readonly Migration[],
): { readonly schema: number; readonly migrated: Migrated | null } {
  const { schema, ours } = checkSchema(db, path, migrations);
  const missing = migrations.filter(({ version }) => version > schema);
  if (missing.length === 0) return { schema, migrated: null };
  const copy = schema > 0 ? copyBefore(db, path, ours) : null;
  for (const step of missing)
    db.transaction(() => {
      db.exec(step.sql);
      const put = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
      // Integers by hand: better-sqlite3 binds every number as a float, and an ANY column keeps it.
      put.run('schema', BigInt(step.version));
      put.run('min_compat', BigInt(step.minCompat));
    }).immediate();
  return { schema: ours, migrated: schema > 0 ? { from: schema, to: ours, copy } : null };
}
