import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { days, hours } from '../domain/time.ts';
import { systemFiles } from '../platform/files.ts';
import { parseDpkgLog } from './dpkg-log.ts';
import { createEditFinder, placesOf } from './edits.ts';

const now = Date.UTC(2026, 10, 22, 12);
const tops: string[] = [];
after(() => {
  for (const top of tops) rmSync(top, { recursive: true });
});

const pad = (n: number): string => String(n).padStart(2, '0');

/** A moment as dpkg writes it: local, whatever the zone of this test. */
function dpkgTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':')}`;
}

/** A machine in which everything is old but what is named here, which is so many ms old. */
function plant(files: Readonly<Record<string, { readonly text?: string; readonly age: number }>>) {
  const top = mkdtempSync(join(tmpdir(), 'tocsin-edits-'));
  tops.push(top);
  const folders = new Set<string>();
  for (const [name, { text = 'x', age }] of Object.entries(files)) {
    const path = join(top, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, (now - age) / 1000, (now - age) / 1000);
    for (let folder = dirname(path); folder !== top; folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of folders) utimesSync(folder, now / 1000 - 9e6, now / 1000 - 9e6);
  const options = {
    roots: { etc: join(top, 'etc'), sysfs: '', proc: '', dev: '' },
    config: join(top, 'etc/tocsin/tocsin.yaml'),
    rulesDirs: [join(top, 'etc/tocsin/rules.d')],
  };
  const find = createEditFinder(systemFiles, placesOf(options));
  return { top, find: (...units: string[]) => find(now - days(1), now, units) };
}

const shown = (top: string, { edits }: { edits: readonly { type: string; what: string }[] }) =>
  edits.map(({ type, what }) => `${type} ${what.replace(top, '')}`);

test('files changed within the day are told, the oldest first, and others are not', async () => {
  const { top, find } = plant({
    'etc/tocsin/tocsin.yaml': { age: hours(1) },
    'etc/tocsin/rules.d/mine.yaml': { age: hours(3) },
    'etc/tocsin/rules.d/old.yaml': { age: hours(30) },
    'etc/fstab': { age: hours(2) },
    'etc/scst.conf': { age: days(40) },
    'etc/mhvtl/library_contents.10': { age: hours(4) },
    'etc/systemd/system/a.service.d/limits.conf': { age: hours(5) },
    'usr/lib/systemd/system/backup@.service': { age: hours(6) },
    'usr/lib/systemd/system/other.service': { age: hours(6) },
  });
  const found = await find('backup@daily.service');
  assert.deepEqual(shown(top, found), [
    'unit-file /usr/lib/systemd/system/backup@.service',
    'unit-file /etc/systemd/system/a.service.d/limits.conf',
    'configuration /etc/mhvtl/library_contents.10',
    'configuration /etc/tocsin/rules.d/mine.yaml',
    'configuration /etc/fstab',
    'configuration /etc/tocsin/tocsin.yaml',
  ]);
  assert.deepEqual(found.unreadable, []);
});

test('packages come from the log of dpkg, and from the one before where that was turned over', async () => {
  const lines = [
    `${dpkgTime(now - hours(23))} upgrade nginx:amd64 1.22.1-9 1.22.1-10`,
    `${dpkgTime(now - hours(23))} status half-configured nginx:amd64 1.22.1-10`,
    `${dpkgTime(now - hours(2))} install mtx:amd64 <none> 1.3.12`,
    `${dpkgTime(now - hours(1))} remove scst:amd64 3.7 <none>`,
  ];
  const { top, find } = plant({
    'var/log/dpkg.log': { text: `${lines.slice(2).join('\n')}\n`, age: 0 },
    'var/log/dpkg.log.1': { text: `${lines.slice(0, 2).join('\n')}\n`, age: 0 },
  });
  assert.deepEqual(shown(top, await find()), [
    'package upgrade of nginx:amd64, 1.22.1-9 to 1.22.1-10',
    'package install of mtx:amd64, 1.3.12',
    'package remove of scst:amd64, 3.7',
  ]);
});

test('a line that is no line of dpkg is none', () => {
  assert.deepEqual(parseDpkgLog('garbage\n2026-13-99 install\n\n'), []);
});

test('what cannot be read is said, and hides nothing else', async () => {
  const { top, find } = plant({ 'etc/fstab': { age: hours(1) }, 'etc/mhvtl/x': { age: days(9) } });
  mkdirSync(join(top, 'var/log/dpkg.log'), { recursive: true });
  const found = await find();
  assert.deepEqual(shown(top, found), ['configuration /etc/fstab']);
  assert.deepEqual(found.unreadable, [{ what: join(top, 'var/log/dpkg.log'), why: 'EISDIR' }]);
});

test('of very many edits the latest are told and the others counted', async () => {
  const many = Array.from({ length: 300 }, (_, i) => [`etc/mhvtl/f${i}`, { age: 1000 + i }]);
  const { find } = plant(Object.fromEntries(many) as Parameters<typeof plant>[0]);
  const found = await find();
  assert.deepEqual([found.edits.length, found.omitted], [200, 100]);
  assert.match(found.edits.at(-1)?.what ?? '', /f0$/);
});
