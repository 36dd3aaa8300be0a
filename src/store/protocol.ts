/** What the threads of the store are for; how one talks to them is platform/sqlite/protocol.ts. */

/** What one thread does; a check or a backup has its own, so that no commit waits for it. */
export type Job =
  | {
      readonly type: 'serve';
      readonly path: string;
      readonly ballastBytes: number;
      /** Hard limit of the file; 0 for none. */
      readonly pagesMax: number;
      /** Where to work while the disk takes no writing; null: nowhere. */
      readonly volatileFolder: string | null;
    }
  /** Whether the disk takes writing for a new start; `seenWritable` is what this one has seen. */
  | { readonly type: 'probe'; readonly path: string; readonly seenWritable: boolean }
  | { readonly type: 'check'; readonly path: string }
  | { readonly type: 'verify-audit'; readonly path: string }
  | { readonly type: 'backup'; readonly path: string; readonly target: string };
