/** The door to files: the few synchronous reads that rules, settings and collectors need. */

export interface FileEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
}

export interface Files {
  /** The text, or undefined when there is no such file. Throws an error with `code` otherwise. */
  readText(path: string): string | undefined;
  /** Entries in name order, or undefined when there is no such folder. */
  list(path: string): readonly FileEntry[] | undefined;
  /** The target of a symbolic link, undefined when the path is none. */
  readLink(path: string): string | undefined;
}
