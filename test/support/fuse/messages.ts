/** What a test and its file system say to each other. */
import type { Space } from './protocol.ts';

export type Operation = 'getattr' | 'read' | 'statfs';

/**
 * What becomes of an operation. `hangs`: no answer until it is let go, or its process gets a
 * signal. `hangs for good`: no signal helps either, SIGKILL included, as with a dead NFS server.
 */
export type Fault = 'none' | 'hangs' | 'hangs for good' | 'EIO' | 'ENODEV';

/** A name in the root of the file system: a file with this content, or a folder (null). */
export type Names = Readonly<Record<string, string | null>>;

export interface Plan {
  readonly point: string;
  readonly names: Names;
  readonly space: Space;
}

export type Order = { readonly name: string; readonly operation: Operation; readonly fault: Fault };

/** One operation that hangs, or hangs no more. */
export interface Hanging {
  readonly name: string;
  readonly operation: Operation;
  readonly pid: number;
}

export type Told =
  | { readonly type: 'mounted' }
  | { readonly type: 'refused'; readonly why: string }
  | ({ readonly type: 'asked' } & Hanging)
  | ({ readonly type: 'held' } & Hanging)
  | ({ readonly type: 'ended' } & Hanging);
