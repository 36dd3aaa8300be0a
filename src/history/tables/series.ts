/** The series: which numbers there are. All names are in memory, to find 5,000 in each tick. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import type { SeriesName } from '../history.ts';
import { hour } from '../tiers.ts';

interface Entry {
  readonly id: number;
  /** Start of the last tick that held it. */
  lastAt: EpochMs;
}

interface Row extends SeriesName {
  readonly series: number;
  readonly lastAt: EpochMs;
}

/** A series that was not in a tick for so long has vanished and may make room for another. */
const vanishedAfter = 2 * hour;

// What SQLite stores of a broken surrogate is another text: the name must be that one at once.
const keyOf = ({ kind, attribute, id }: SeriesName): string =>
  `${kind} ${attribute} ${id.toWellFormed()}`;

export class SeriesTable {
  readonly #entries = new Map<string, Entry>();
  readonly #insert;
  readonly #remember;
  readonly #delete;
  #added: string[] = [];

  constructor(db: Db) {
    this.#insert = db.prepare<[string, string, string, number]>(
      'INSERT INTO series (kind, attribute, resource, last_at) VALUES (?, ?, ?, ?)',
    );
    this.#remember = db.prepare<[number, number]>('UPDATE series SET last_at = ? WHERE id = ?');
    this.#delete = db.prepare<[number]>('DELETE FROM series WHERE id = ?');
    const rows = db.prepare<[], Row>(
      'SELECT id AS series, kind, attribute, resource AS id, last_at AS lastAt FROM series',
    );
    for (const { series, lastAt, ...name } of rows.iterate())
      this.#entries.set(keyOf(name), { id: series, lastAt });
  }

  get size(): number {
    return this.#entries.size;
  }

  find(name: SeriesName): number | undefined {
    return this.#entries.get(keyOf(name))?.id;
  }

  /** Numbers of all series, rising. */
  ids(): readonly number[] {
    return [...this.#entries.values()].map(({ id }) => id).sort((a, b) => a - b);
  }

  /** The number of the series, which is in a tick now; undefined when it is not known. */
  see(name: SeriesName, at: EpochMs): number | undefined {
    const known = this.#entries.get(keyOf(name));
    if (known !== undefined) known.lastAt = at;
    return known?.id;
  }

  /** The number of a new series; undefined when there are `max` already. */
  add(name: SeriesName, at: EpochMs, max: number): number | undefined {
    if (this.#entries.size >= max) return undefined;
    const { kind, attribute, id: resource } = name;
    const { lastInsertRowid } = this.#insert.run(kind, attribute, resource.toWellFormed(), at);
    const id = Number(lastInsertRowid);
    const key = keyOf(name);
    this.#entries.set(key, { id, lastAt: at });
    this.#added.push(key);
    return id;
  }

  /** What was made since the last word is stored, or (the transaction failed) is not. */
  settle(result: 'stored' | 'lost'): void {
    if (result === 'lost') for (const key of this.#added) this.#entries.delete(key);
    this.#added = [];
  }

  /**
   * Forgets the names of at most `count` that vanished, the longest vanished first; what is stored
   * of them ages away.
   */
  evict(now: EpochMs, count: number): number {
    const vanished = [...this.#entries]
      .filter(([, { lastAt }]) => Math.abs(now - lastAt) > vanishedAfter)
      .sort(([, a], [, b]) => a.lastAt - b.lastAt)
      .slice(0, count);
    return this.#forget(vanished);
  }

  /** Forgets those of which nothing can be stored any more. */
  forgetBefore(at: EpochMs): number {
    return this.#forget([...this.#entries].filter(([, { lastAt }]) => lastAt < at));
  }

  /** Writes down when each of these was last seen. */
  remember(ids: readonly number[], at: EpochMs): void {
    for (const id of ids) this.#remember.run(at, id);
  }

  #forget(entries: readonly (readonly [string, Entry])[]): number {
    for (const [key, { id }] of entries) {
      this.#delete.run(id);
      this.#entries.delete(key);
    }
    return entries.length;
  }
}
