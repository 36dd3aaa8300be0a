/** /etc/scst.conf as it is now: parsed anew only when its text is another one. */
import type { Files } from '../../platform/files.ts';
import { codeOf } from '../attribute.ts';
import { type Declared, readDeclared } from './declared.ts';
import type { Configuration } from './facts.ts';

export class ConfigurationFile {
  readonly #files: Files;
  readonly #path: string;
  #text: string | undefined;
  #now: Configuration = { type: 'none' };
  /** What it said when it could last be read. */
  #last: Declared | undefined;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  look(): Configuration {
    try {
      const text = this.#files.readText(this.#path);
      if (text === undefined) this.#set(undefined, { type: 'none' });
      else if (text !== this.#text) this.#parse(text);
    } catch (error) {
      // The errors of a door name the path themselves; ours is the one people know.
      this.#set(undefined, this.#broken(`/etc/scst.conf cannot be read: ${codeOf(error)}`));
    }
    return this.#now;
  }

  #parse(text: string): void {
    const read = readDeclared(text);
    if ('flaw' in read) {
      const { line, why } = read.flaw;
      this.#set(text, this.#broken(`/etc/scst.conf:${line}: ${why}`));
      return;
    }
    this.#last = read.declared;
    this.#set(text, { type: 'good', declared: read.declared });
  }

  #broken(why: string): Configuration {
    return { type: 'broken', why, last: this.#last };
  }

  #set(text: string | undefined, now: Configuration): void {
    this.#text = text;
    this.#now = now;
  }
}
