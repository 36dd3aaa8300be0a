/**
 * What a collector keeps over restarts, as the JSON text of a cursor: stored only when it differs.
 * A text that is torn is as good as none; what another version wrote must be checked by the reader.
 */
import type { Watcher } from './collector.ts';
import { parseJson } from './json.ts';

export class Kept {
  readonly #watcher: Pick<Watcher, 'cursor' | 'saveCursor'>;
  readonly #name: string;
  #text: string | undefined;

  constructor(watcher: Pick<Watcher, 'cursor' | 'saveCursor'>, name: string) {
    this.#watcher = watcher;
    this.#name = name;
    this.#text = watcher.cursor(name);
  }

  /** What was stored last; undefined for nothing. */
  read(): unknown {
    return this.#text === undefined ? undefined : parseJson(this.#text);
  }

  write(value: unknown): void {
    const text = JSON.stringify(value);
    if (text === this.#text) return;
    this.#text = text;
    this.#watcher.saveCursor(this.#name, text);
  }
}
