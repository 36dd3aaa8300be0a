/**
 * A whole captured appliance as a tree of files: SCST with one session, and mhvtl with two
 * libraries of four drives, from the kernel of one virtual machine; a daemon looks at it by its roots.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Capture, plantTree, readCapture } from './captures.ts';
import type { DaemonOptions } from './daemon.ts';

const collectors = join(import.meta.dirname, '../../src/collectors');

export const scstCapture = (): Capture =>
  readCapture(join(collectors, 'scst/fixtures'), 'iii-session-idle');

export const tapeCapture = (state: string): Capture =>
  readCapture(join(collectors, 'tape/fixtures'), state);

const ofMhvtl = ['device.conf', 'library_contents.10', 'library_contents.30', 'mhvtl.conf'];

export const mhvtlText = (name: string): string =>
  readFileSync(join(collectors, 'vtl/fixtures', name), 'utf8');

export const scstConf = readFileSync(join(collectors, 'scst/fixtures/scst-ii.conf'), 'utf8');

/** The units that run there. */
export const units: readonly string[] = [
  'mhvtl.target',
  'scst.service',
  ...['10', '30'].map((id) => `vtllibrary@${id}.service`),
  ...['11', '12', '13', '14', '31', '32', '33', '34'].map((id) => `vtltape@${id}.service`),
];

export interface CapturedAppliance {
  readonly root: string;
  readonly roots: NonNullable<DaemonOptions['roots']>;
  /** Path of the machine to the path in the tree. */
  at(path: string): string;
  write(path: string, text: string): void;
  /** With all that is in it. */
  remove(path: string): void;
  end(): void;
}

/** Further files of the machine, or others in their place, by path. */
export function plantAppliance(files: Readonly<Record<string, string>> = {}): CapturedAppliance {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-captured-'));
  const at = (path: string): string => join(root, path);
  const write = (path: string, text: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };
  plantTree(scstCapture(), root);
  plantTree(tapeCapture('1-mhvtl-up'), root);
  for (const name of ofMhvtl) {
    mkdirSync(at('/etc/mhvtl'), { recursive: true });
    cpSync(join(collectors, 'vtl/fixtures', name), at(`/etc/mhvtl/${name}`));
  }
  for (const [path, text] of Object.entries({
    '/etc/scst.conf': scstConf,
    // What lies behind disk1; a kernel that says nothing, and has nothing mounted.
    '/srv/disk1.img': '',
    '/dev/kmsg': '',
    '/proc/self/mountinfo': '',
    ...files,
  }))
    write(path, text);
  return {
    root,
    roots: { sysfs: at('/sys'), proc: at('/proc'), dev: at('/dev'), etc: at('/etc') },
    at,
    write,
    remove: (path) => rmSync(at(path), { recursive: true, force: true }),
    end: () => rmSync(root, { recursive: true, force: true }),
  };
}
