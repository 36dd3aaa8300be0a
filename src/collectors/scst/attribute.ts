/**
 * One attribute of SCST in sysfs as a fact. Its value is the first line; a second line `[key]`
 * marks what differs from the default and must be saved (SCST_SYSFS_KEY_MARK). EAGAIN says that
 * the read was queued behind other work: the value is not known this time.
 */
import { type Fact, isUnreadable, type Unreadable, unreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { codeOf, ifKnown } from '../attribute.ts';

export type { Fact } from '../../domain/reading.ts';

/** The kernel's longest number has 64 bits; hundreds of digits would be infinite. */
const whole = /^-?\d{1,20}$/;

function whyNot(error: unknown): Unreadable {
  const code = codeOf(error);
  return unreadable(code === 'EAGAIN' ? 'EAGAIN: queued behind other work of SCST' : code);
}

const firstLine = (text: string): string => {
  const end = text.indexOf('\n');
  return (end < 0 ? text : text.slice(0, end)).trim();
};

/** A table of parsed facts by the text they were parsed from would cost more than parsing. */
export class AttributeReader {
  readonly #files: Files;
  /** How many reads there were: what a sweep costs. */
  reads = 0;

  constructor(files: Files) {
    this.#files = files;
  }

  word(path: string): Fact<string> {
    this.reads += 1;
    try {
      const text = this.#files.readAttribute(path);
      return text === undefined ? null : firstLine(text);
    } catch (error) {
      return whyNot(error);
    }
  }

  number(path: string): Fact<number> {
    const word = this.word(path);
    if (typeof word !== 'string') return word;
    return whole.test(word) ? Number(word) : unreadable(`not a number: "${word.slice(0, 40)}"`);
  }

  flag(path: string): Fact<boolean> {
    const word = this.word(path);
    if (typeof word !== 'string') return word;
    return word === '0' || word === '1'
      ? word === '1'
      : unreadable(`neither 0 nor 1: "${word.slice(0, 40)}"`);
  }

  /** Where a symbolic link leads; null when there is none. */
  link(path: string): Fact<string> {
    this.reads += 1;
    try {
      return this.#files.readLink(path) ?? null;
    } catch (error) {
      return whyNot(error);
    }
  }

  /** The last part of where a link leads: the name of a device or handler. */
  linkName(path: string): Fact<string> {
    const target = this.link(path);
    return typeof target === 'string' ? target.slice(target.lastIndexOf('/') + 1) : target;
  }

  /** Names of the folders in a folder, in order; `mgmt` and other files are left out. */
  folders(path: string): Fact<readonly string[]> {
    return this.#names(path, ['directory']);
  }

  /** Names of the symbolic links in a folder. */
  links(path: string): Fact<readonly string[]> {
    return this.#names(path, ['link']);
  }

  foldersAndLinks(path: string): Fact<readonly string[]> {
    return this.#names(path, ['directory', 'link']);
  }

  #names(path: string, types: readonly string[]): Fact<readonly string[]> {
    this.reads += 1;
    try {
      const entries = this.#files.list(path);
      if (entries === undefined) return null;
      return entries.filter(({ type }) => types.includes(type)).map(({ name }) => name);
    } catch (error) {
      return whyNot(error);
    }
  }
}

/** The value itself, where it is known. */
export const known: typeof ifKnown = ifKnown;

/** Refused: neither a value nor "not there". */
export const refused: typeof isUnreadable = isUnreadable;

export const sameFact = <T>(a: Fact<T>, b: Fact<T>): boolean =>
  a === b || (isUnreadable(a) && isUnreadable(b) && a.unreadable === b.unreadable);
