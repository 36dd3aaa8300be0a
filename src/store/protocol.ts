/** What the threads of the store are for; how one talks to them is platform/sqlite/protocol.ts. */

/** What one thread does; a check or a backup has its own, so that no commit waits for it. */
export type Job =
  | {
      readonly type: 'serve';
      readonly path: string;
      readonly ballastBytes: number;
      /** Hard limit of the file; 0 for none. */
      readonly pagesMax: number;
    }
  | { readonly type: 'check'; readonly path: string }
  | { readonly type: 'verify-audit'; readonly path: string }
  | { readonly type: 'backup'; readonly path: string; readonly target: string };
