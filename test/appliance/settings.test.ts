/** Settings that cannot be used, at the start and at a reload: refused with their place, never obeyed by half. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';

const program = join(import.meta.dirname, '../../src/main.ts');
/** EX_CONFIG: systemd does not start it again. */
const exitConfiguration = 78;

/** What may be where the settings should be, and what is said of it. */
const faults: readonly {
  readonly name: string;
  readonly put: (path: string) => void;
  readonly says: RegExp;
}[] = [
  {
    name: 'malformed',
    put: (path) => writeFileSync(path, 'retention:\n  age: [30d\nstream: {\n'),
    says: /tocsin\.yaml:\d+:\d+: error: /,
  },
  {
    name: 'wrong in one value',
    put: (path) => writeFileSync(path, 'retention:\n  age: soon\n'),
    says: /tocsin\.yaml:2:8: error: "retention\.age" must be a duration/,
  },
  {
    name: 'binary',
    put: (path) => writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe, 0x0a])),
    says: /tocsin\.yaml:\d+:\d+: error: /,
  },
  {
    name: 'an alias bomb',
    put: (path) => {
      const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
      for (let i = 1; i < 12; i++)
        lines.push(
          `a${i}: &a${i} [${Array(10)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
        );
      writeFileSync(path, `${lines.join('\n')}\n`);
    },
    says: /tocsin\.yaml.*error: /,
  },
  {
    name: 'unreadable: a folder',
    put: (path) => {
      mkdirSync(path);
    },
    says: /tocsin\.yaml.*error: cannot be read: EISDIR/,
  },
  {
    name: 'a link to itself',
    put: (path) => symlinkSync(path, path),
    says: /tocsin\.yaml.*error: cannot be read: ELOOP/,
  },
  {
    name: 'huge',
    put: (path) => {
      writeFileSync(path, '');
      truncateSync(path, 64 * 1024 * 1024);
    },
    says: /tocsin\.yaml.*error: cannot be read: EFBIG/,
  },
];

/** The others come the same way; each start costs a second of processor time. */
const atStart = new Set(['malformed', 'unreadable: a folder', 'a link to itself']);
for (const { name, put, says } of faults.filter((one) => atStart.has(one.name)))
  it(`settings that are ${name} end the start with 78 and their place`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-settings-'));
    t.after(() => rmSync(folder, { recursive: true }));
    put(join(folder, 'tocsin.yaml'));
    const argv = ['--config', join(folder, 'tocsin.yaml'), '--state-dir', join(folder, 'state')];
    const { status, stderr } = spawnSync(process.execPath, [program, ...argv], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.equal(status, exitConfiguration, stderr);
    assert.match(stderr, says);
  });

describe('a reload', { timeout: 60_000 }, () => {
  let daemon: TestDaemon;
  const good = 'retention: { age: 7d }\n';
  before(async () => {
    daemon = await startDaemon({ settings: good });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
  });
  const configuration = async () =>
    (await daemon.get('/api/v1/health')).body.components.configuration;
  /** Settles when the daemon has answered this reload, whatever it says. */
  async function reload(pattern: RegExp): Promise<string> {
    const before = daemon.log().length;
    process.kill(daemon.pid, 'SIGHUP');
    const later = new RegExp(`^[\\s\\S]{${before}}[\\s\\S]*?${pattern.source}`);
    await daemon.logged(later);
    return daemon.log().slice(before);
  }

  for (const { name, put, says } of faults)
    it(`of settings that are ${name} leaves those in force that were, and says where the mistake is`, async () => {
      rmSync(daemon.configFile, { recursive: true, force: true });
      put(daemon.configFile);
      assert.match(await reload(/error: configuration refused.*\n/), says);
      const refused = await configuration();
      assert.equal(refused.status, 'degraded');
      assert.match(refused.reason, /tocsin\.yaml/);
      rmSync(daemon.configFile, { recursive: true, force: true });
      writeFileSync(daemon.configFile, good);
      await reload(/notice: configuration read/);
      assert.equal((await configuration()).status, 'healthy');
    });

  it('without the file is one with the defaults: no file is no mistake', async () => {
    rmSync(daemon.configFile);
    await reload(/notice: configuration read/);
    assert.equal((await configuration()).status, 'healthy');
  });
});
