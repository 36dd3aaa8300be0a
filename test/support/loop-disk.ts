/** A small disk of its own for a test: an ext4 in a file, on a loop device. Needs root. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LoopDisk {
  /** Where it is mounted. */
  readonly point: string;
  /** Takes every inode that is left; the returned function gives them back. */
  takeInodes(): () => void;
  /** As after a fault of the device: everything that is written is refused with EROFS. */
  becomeReadOnly(): void;
  /** `mount -o remount`; refused to `ro` while a file is open for writing. */
  remount(mode: 'ro' | 'rw'): void;
  /** Checks it as after a fault, and lets it be written again. */
  repair(): void;
  /** Writers wait in the kernel until `thaw`. */
  freeze(): void;
  thaw(): void;
  end(): void;
}

const mebibytesDefault = 128;
const run = (command: string, ...argv: readonly string[]): string =>
  execFileSync(command, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** `inodes`: about so many files fit. */
export function makeLoopDisk(inodes: number, mebibytes = mebibytesDefault): LoopDisk {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-disk-'));
  let image = join(folder, 'image');
  const point = join(folder, 'point');
  mkdirSync(point);
  writeFileSync(image, '');
  truncateSync(image, mebibytes * 1024 * 1024);
  run('mkfs.ext4', '-q', '-N', String(inodes), image);
  const mount = (): string => run('mount', '-o', 'loop,errors=remount-ro', image, point);
  mount();
  let guard: ChildProcess | undefined;
  const thaw = (): void => {
    if (guard === undefined) return;
    guard.kill('SIGKILL');
    guard = undefined;
    run('fsfreeze', '--unfreeze', point);
  };
  const end = (): void => {
    thaw();
    // Lazily: a process that a test has lost may still be there.
    run('umount', '--lazy', point);
    rmSync(folder, { recursive: true, force: true });
    process.off('exit', end);
  };
  process.once('exit', end);
  return {
    point,
    takeInodes() {
      const taken: string[] = [];
      try {
        for (;;) {
          const path = join(point, `taken-${taken.length}`);
          writeFileSync(path, '');
          taken.push(path);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
      return () => {
        for (const path of taken) rmSync(path);
      };
    },
    becomeReadOnly() {
      const device = run('findmnt', '-n', '-o', 'SOURCE', point).trim();
      writeFileSync(`/sys/fs/ext4/${device.replace('/dev/', '')}/trigger_fs_error`, 'test');
    },
    remount: (mode) => void run('mount', '-o', `remount,${mode}`, point),
    repair() {
      run('umount', point);
      // A namespace of mounts that another test has made meanwhile keeps the old one mounted, and the
      // same image would come back as it was: in error.
      const copy = `${image}-repaired`;
      run('cp', '--sparse=always', image, copy);
      image = copy;
      try {
        run('e2fsck', '-f', '-y', image);
      } catch (error) {
        // 1: errors were corrected.
        if ((error as { status?: number }).status !== 1) throw error;
      }
      mount();
    },
    freeze() {
      // A test that is killed must not leave it frozen: every sync(2) of this machine would wait.
      const later = 'sleep 30; fsfreeze --unfreeze "$1"';
      guard = spawn('sh', ['-c', later, 'guard', point], { detached: true, stdio: 'ignore' });
      guard.unref();
      run('fsfreeze', '--freeze', point);
    },
    thaw,
    end,
  };
}
