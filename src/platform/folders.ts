/**
 * The door to changes of folders: inotify by chokidar. True for /dev and for folders of settings;
 * the kernel announces nothing in sysfs (reference: inotify(7) and our own measurements). An
 * announcement is a hint to look, and carries no fact.
 */
import { dirname } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Ms } from '../domain/time.ts';

export interface Folders {
  /**
   * Calls `changed` when something directly in one of the folders appears, changes or goes, until
   * the signal aborts. A folder that is not there yet is watched from when it comes.
   */
  watch(
    paths: readonly string[],
    listener: {
      changed(path: string): void;
      failed(why: string): void;
    },
    signal: AbortSignal,
  ): void;
}

/** What was made before a new folder's watch is set is announced by this second hint. */
const secondHintAfter: Ms = 100;

/** The folders themselves, and those above them in which they can come and go. */
function watchedOf(paths: readonly string[]): ReadonlySet<string> {
  const watched = new Set(paths);
  for (const path of paths) {
    let above = dirname(path);
    watched.add(above);
    while (paths.some((other) => above.startsWith(`${other}/`))) {
      above = dirname(above);
      watched.add(above);
    }
  }
  // Mount points lie there, and chokidar looks at each entry: a dead one would hang it.
  watched.delete('/');
  return watched;
}

export const systemFolders: Folders = {
  watch(paths, listener, signal) {
    if (signal.aborted) return;
    const watched = watchedOf(paths);
    const wanted = new Set(paths);
    const watchers = new Map<string, FSWatcher>();
    const hint = (path: string): void => {
      if (!signal.aborted && (wanted.has(dirname(path)) || wanted.has(path)))
        listener.changed(path);
    };
    /** One watcher for each folder: one for all does not see into a folder that comes later. */
    const open = (folder: string): void => {
      void watchers.get(folder)?.close();
      const watcher = watch(folder, {
        depth: 0,
        ignoreInitial: true,
        followSymlinks: false,
        // What a node is does not matter here, and a look at it could hang.
        alwaysStat: false,
      });
      watchers.set(folder, watcher);
      watcher.on('error', (error) => listener.failed((error as Error).message));
      watcher.on('all', (event, path) => {
        hint(path);
        if (event !== 'addDir' || path === folder || !watched.has(path) || signal.aborted) return;
        // What it held when it came is announced by none of its own watchers.
        for (const below of watched) if (`${below}/`.startsWith(`${path}/`)) open(below);
        setTimeout(() => hint(path), secondHintAfter).unref();
      });
    };
    for (const folder of watched) open(folder);
    const close = (): void => {
      for (const watcher of watchers.values()) void watcher.close();
    };
    signal.addEventListener('abort', close, { once: true });
  },
};
