/** File systems that fail as a test wants, in folders that go with it; and who still waits for them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../appliance.ts';
import { type FaultyFiles, mountFaultyFiles } from './fuse.ts';
import type { Names } from './messages.ts';

/** 60 % of what there is to use. */
export const space = {
  blocks: 1000,
  free: 450,
  available: 400,
  blockBytes: 4096,
  inodes: 100,
  inodesFree: 90,
};

export class House {
  readonly root = mkdtempSync(join(tmpdir(), 'tocsin-hang-'));
  readonly #mounts: FaultyFiles[] = [];

  async mount(name: string, names: Names): Promise<FaultyFiles> {
    const mounted = await mountFaultyFiles({ point: join(this.root, name), names, space });
    this.#mounts.push(mounted);
    return mounted;
  }

  async end(): Promise<void> {
    for (const mount of this.#mounts) await mount.end();
    rmSync(this.root, { recursive: true });
  }
}

export const stateOf = (pid: number): string | undefined => {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined; // It has ended.
  }
};

/** Ended; or a zombie, where process 1 collects nobody. */
export const gone = (pid: number): Promise<true> =>
  eventually(`the end of ${pid}`, () => [undefined, 'Z'].includes(stateOf(pid)) || undefined);

export const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
