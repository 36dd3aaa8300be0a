/** All tables of history.db behind one connection. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import { type ChunkTable, chunkTable } from './chunks.ts';
import { SeriesTable } from './series.ts';
import { TickTable } from './ticks.ts';

/** Starts of the days whose coarser chunks have to be made (again). */
function dueTable(db: Db) {
  const add = db.prepare<[number]>('INSERT OR IGNORE INTO due (day) VALUES (?)');
  const remove = db.prepare<[number]>('DELETE FROM due WHERE day = ?');
  const list = db.prepare<[], number>('SELECT day FROM due ORDER BY day').pluck();
  return {
    add: (day: EpochMs): void => void add.run(day),
    delete: (day: EpochMs): void => void remove.run(day),
    list: (): readonly EpochMs[] => list.all(),
  };
}

/** When retention last ran, by its own careful clock. */
function prunedTable(db: Db) {
  const find = db.prepare<[], number>(`SELECT value FROM meta WHERE key = 'pruned_at'`).pluck();
  const put = db.prepare<[number]>(
    `INSERT OR REPLACE INTO meta (key, value) VALUES ('pruned_at', ?)`,
  );
  return {
    find: (): EpochMs | undefined => find.get(),
    put: (at: EpochMs): void => void put.run(at),
  };
}

export interface Tables {
  readonly series: SeriesTable;
  readonly ticks: TickTable;
  readonly chunks: ChunkTable;
  readonly due: ReturnType<typeof dueTable>;
  readonly pruned: ReturnType<typeof prunedTable>;
}

export const prepareTables = (db: Db): Tables => ({
  series: new SeriesTable(db),
  ticks: new TickTable(db),
  chunks: chunkTable(db),
  due: dueTable(db),
  pruned: prunedTable(db),
});
