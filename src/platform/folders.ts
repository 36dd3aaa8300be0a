/**
 * The door to changes of folders: inotify by chokidar. True for /dev and for folders of settings;
 * the kernel announces nothing in sysfs (reference: inotify(7) and our own measurements). An
 * announcement is a hint to look, and carries no fact.
 */
import { watch } from 'chokidar';

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

export const systemFolders: Folders = {
  watch(paths, listener, signal) {
    if (signal.aborted) return;
    const watcher = watch([...paths], {
      depth: 0,
      ignoreInitial: true,
      followSymlinks: false,
      // What a node is does not matter here, and a look at it could hang.
      alwaysStat: false,
    });
    watcher.on('all', (_event, path) => listener.changed(path));
    watcher.on('error', (error) => listener.failed((error as Error).message));
    signal.addEventListener('abort', () => void watcher.close(), { once: true });
  },
};
