/** What programs and the kernel write is understood; what they would never write does no harm. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { capturedFiles, type Entry } from '../../../test/support/captures.ts';
import { anyText } from '../../../test/support/texts.ts';
import type { Known } from '../../domain/resource.ts';
import { readDeclared } from './declared.ts';
import { type DeclaredMount, findFlaw, mountPointOf, mountUnitOf, parseFstab } from './fstab.ts';
import { groupOfMapper, mapperName, parseLogicalVolumes, parseVolumeGroups } from './lvm-report.ts';
import { nearestAbove, parseMountinfo, unescapeOctal } from './mountinfo.ts';
import { readRepository, storageSettings } from './settings.ts';
import { parseManagedObjects } from './smart.ts';
import { parseSmartctl } from './smartctl.ts';
import { parseCtime, parseZpoolStatus } from './zpool-status.ts';

/** A path is bytes: half a surrogate pair has none. */
const wellFormed = anyText().filter((text) => text.isWellFormed());

const fixture = (name: string): string =>
  readFileSync(`${import.meta.dirname}/fixtures/${name}`, 'utf8');

test('mountinfo: escapes, optional fields, the topmost mount, and the state of the file system', () => {
  const mounts = parseMountinfo(
    [
      '27 1 254:0 / / ro,relatime shared:1 master:2 - ext4 /dev/vda rw,discard',
      '40 27 8:17 / /srv/my\\040data rw,noatime - xfs /dev/sdb1 ro,attr2',
      '41 27 0:50 / /auto rw shared:3 - autofs systemd-1 rw,fd=51',
      '42 41 0:51 / /auto rw - nfs4 nas:/export\\134x rw,hard',
      'not a line',
      '43 27 8:18 / /cut',
    ].join('\n'),
  );
  assert.deepEqual([...mounts.keys()], ['/', '/srv/my data', '/auto']);
  // The options of the mount are those of tocsin's own sandbox.
  assert.equal(mounts.get('/')?.readOnly, false);
  assert.equal(mounts.get('/srv/my data')?.readOnly, true);
  assert.deepEqual(mounts.get('/auto'), {
    mountId: '42',
    device: '0:51',
    root: '/',
    point: '/auto',
    type: 'nfs4',
    source: 'nas:/export\\x',
    readOnly: false,
    covered: false,
  });
});

for (const folder of ['/systemd/inaccessible/dir', '/host/inaccessible/dir'])
  test(`mountinfo: what the sandbox of the unit lies over (${folder}) is still mounted`, () => {
    const mounts = parseMountinfo(
      '50 27 8:33 / /home rw - ext4 /dev/sdc1 rw\n' +
        `51 50 0:25 ${folder} /home ro - tmpfs tmpfs rw,mode=755\n`,
    );
    assert.equal(mounts.get('/home')?.type, 'ext4');
    assert.equal(mounts.get('/home')?.covered, true);
  });

test('an escaped path is the path it was, whatever its characters', () => {
  const octal = (text: string): string =>
    text.replaceAll(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
  fc.assert(fc.property(wellFormed, (text) => assert.equal(unescapeOctal(octal(text)), text)));
});

test('the nearest mount above a path is none that only begins alike', () => {
  const points = ['/', '/backup', '/backup/deep'];
  assert.equal(nearestAbove('/backup/deep/x', points), '/backup/deep');
  assert.equal(nearestAbove('/backup2', points), '/');
  assert.equal(nearestAbove('/backup', points), '/backup');
  assert.equal(nearestAbove('/x', ['/y']), undefined);
});

test('fstab: comments, swap, noauto, automount and read-only', () => {
  const lines = parseFstab(
    [
      '# <file system> <mount point> <type> <options>',
      'UUID=1 / ext4 errors=remount-ro 0 1',
      'UUID=2 none swap sw 0 0',
      'LABEL=b\t/srv/my\\040data/\txfs\tdefaults,nofail,ro',
      'nas:/x /nas nfs noauto,x 0 0',
      'nas:/y /onuse nfs x-systemd.automount 0 0',
      '/dev/sdx1 /short',
    ].join('\n'),
  );
  assert.deepEqual(lines, [
    { point: '/', type: 'ext4', always: true, readOnly: false },
    { point: '/srv/my data', type: 'xfs', always: true, readOnly: true },
    { point: '/nas', type: 'nfs', always: false, readOnly: false },
    { point: '/onuse', type: 'nfs', always: false, readOnly: false },
  ]);
});

test('fstab: the first line that nobody can use is named, and no other', () => {
  for (const [text, flaw] of [
    ['# a b\n\nUUID=1 / ext4\nUUID=2 none swap sw 0 0\n/dev/x swap swap\n', null],
    ['UUID=1 / ext4\n/dev/sdx1 /short\n', /^2: .*a field is missing$/],
    ['\n/dev/sdx1 backup xfs defaults 0 2\nx\n', /^2: "backup" is no absolute path$/],
  ] as const)
    if (flaw === null) assert.equal(findFlaw(text), null);
    else assert.match(findFlaw(text) ?? '', flaw);
});

test('fstab that cannot be read any more keeps what it declared, and is told', () => {
  const roots = { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' };
  const known: Known = { find: () => undefined, list: () => [] };
  const text: Entry = { type: 'file', bytes: Buffer.from('nas:/b /backup nfs\n') };
  const read = (entry: Entry, before: readonly DeclaredMount[]) => {
    const files = capturedFiles(new Map([['/etc/fstab', entry]]));
    return readDeclared({ files, roots }, known, before);
  };
  const { mounts, trouble } = read(text, []);
  assert.deepEqual([mounts.map(({ point }) => point), trouble], [['/backup'], null]);
  const later = read({ type: 'error', code: 'EIO' }, mounts);
  assert.deepEqual(later, { mounts, trouble: '/etc/fstab cannot be read: EIO' });
});

test('a mount point and its unit say the same', () => {
  const units = {
    '/': '-.mount',
    '/srv/my-data': 'srv-my\\x2ddata.mount',
    '/.hidden/ä': '\\x2ehidden-\\xc3\\xa4.mount',
    '/a.b_c:1': 'a.b_c:1.mount',
  };
  for (const [point, unit] of Object.entries(units)) {
    assert.equal(mountUnitOf(point), unit);
    assert.equal(mountPointOf(unit), point);
  }
  assert.equal(mountPointOf('a.service'), undefined);
  const part = wellFormed.filter((p) => p !== '').filter((p) => !/[/\0]/.test(p));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      const path = `/${parts.join('/')}`;
      assert.equal(mountPointOf(mountUnitOf(path)), path);
    }),
  );
});

test('zpool status: a degraded pool with a spare, a lost disk and lost data', () => {
  assert.deepEqual(parseZpoolStatus(fixture('zpool-status-degraded.txt')), {
    pool: 'tank',
    state: 'DEGRADED',
    syncAction: 'none',
    lastScrubAt: Date.UTC(2026, 10, 8, 0, 36, 36),
    scrubErrors: 2,
    errors: 7,
    deviceErrors: 19,
    devices: [
      '/dev/disk/by-id/ata-ST4000_ZDH1-part1',
      '/dev/disk/by-id/ata-ST4000_ZDH2-part1',
      '/dev/sdd1',
      '/dev/sdf1',
      '/dev/sde1',
      '/dev/nvme0n1p4',
      '/dev/sdg1',
    ],
    faulty: [
      { name: '/dev/disk/by-id/ata-ST4000_ZDH2-part1', state: 'UNAVAIL' },
      { name: '/dev/sdd1', state: 'FAULTED' },
    ],
  });
});

test('zpool status: a resilver hides the last scrub, and errors nobody may see are not none', () => {
  const status = parseZpoolStatus(fixture('zpool-status-resilver.txt'));
  assert.equal(status?.syncAction, 'resilver');
  assert.equal(status?.lastScrubAt, undefined);
  assert.equal(status?.errors, undefined);
  assert.deepEqual(status?.devices, ['/dev/sda1', '/dev/sdb1', '/dev/sdc1']);
  assert.deepEqual(status?.faulty, []);
  const before =
    'scan: scrub repaired 1M in 0 days 01:02:03 with 0 errors on Sun Nov  1 00:00:00 2026';
  assert.equal(
    parseZpoolStatus(`  pool: a\n state: ONLINE\n  ${before}\n`)?.lastScrubAt,
    Date.UTC(2026, 10, 1),
  );
  for (const [text, action] of [
    ['scrub in progress since Sun Nov  1 00:00:00 2026', 'scrub'],
    ['scrub paused since Sun Nov  1 00:00:00 2026', 'scrub-paused'],
    ['scrub canceled on Sun Nov  1 00:00:00 2026', 'none'],
  ] as const)
    assert.equal(parseZpoolStatus(` pool: a\nstate: ONLINE\n scan: ${text}`)?.syncAction, action);
});

test('zpool status: every text gives a status or none, never an error', () => {
  const lines = [...fixture('zpool-status-degraded.txt').split('\n'), '\t', '  ', 'config:', ''];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...lines), fc.string())), (some) => {
      const status = parseZpoolStatus(some.join('\n'));
      if (status) assert.ok(status.deviceErrors >= 0 && status.faulty.length <= some.length);
    }),
  );
  assert.equal(parseZpoolStatus('cannot open "tank": no such pool'), undefined);
  assert.equal(parseCtime('Sun Foo  8 00:36:36 2026'), undefined);
});

test('lvm: groups, thin pools, and numbers that do not apply', () => {
  assert.deepEqual(parseVolumeGroups(fixture('vgs.json')), [
    { name: 'vg0', sizeBytes: 4e9, freeBytes: 1e9, volumes: 2, missingVolumes: 1 },
  ]);
  const volumes = parseLogicalVolumes(fixture('lvs.json')) ?? [];
  assert.deepEqual(
    volumes.map(({ name, type, active, dataRatio }) => ({ name, type, active, dataRatio })),
    [
      { name: 'root', type: '-', active: true, dataRatio: null },
      { name: 'thin', type: 't', active: true, dataRatio: 0.815 },
      { name: 'backup-a', type: 'V', active: true, dataRatio: 0.4 },
    ],
  );
  assert.equal(parseVolumeGroups('  WARNING: no root'), undefined);
  assert.equal(parseLogicalVolumes('[]'), undefined);
  fc.assert(fc.property(fc.json(), (text) => void parseLogicalVolumes(text)));
});

test('lvm: a name of device-mapper tells its group, hyphens included', () => {
  const name = fc.stringMatching(/^[a-z0-9_][a-z0-9_-]{0,8}$/);
  fc.assert(
    fc.property(name, name, (group, volume) =>
      assert.equal(groupOfMapper(mapperName(group, volume)), group),
    ),
  );
  assert.equal(groupOfMapper('luks'), undefined);
});

test('smartctl: ATA, NVMe, a failing disk, and one that sleeps', () => {
  const ata = {
    smartctl: { exit_status: 0 },
    smart_status: { passed: true },
    temperature: { current: 34 },
    ata_smart_attributes: {
      table: [
        { id: 5, raw: { value: 8 } },
        { id: 9, raw: { value: 40000 } },
        { id: 197, raw: { value: 1 } },
      ],
    },
  };
  assert.deepEqual(parseSmartctl(JSON.stringify(ata), 7), {
    smartFailing: false,
    smartReason: null,
    temperatureCelsius: 34,
    reallocatedSectors: 9,
    wearRatio: null,
    smartUpdatedAt: 7,
  });
  const nvme = {
    smart_status: { passed: true },
    temperature: { current: 50 },
    nvme_smart_health_information_log: {
      critical_warning: 4,
      percentage_used: 81,
      media_errors: 2,
    },
  };
  const worn = parseSmartctl(JSON.stringify(nvme), 7);
  assert.equal(worn?.smartFailing, true);
  assert.equal(worn?.wearRatio, 0.81);
  assert.equal(worn?.reallocatedSectors, 2);
  const failing = { ...ata, smartctl: { exit_status: 8 } };
  assert.equal(parseSmartctl(JSON.stringify(failing), 7)?.smartFailing, true);
  assert.equal(parseSmartctl('{"smartctl":{"exit_status":2}}', 7), undefined);
  fc.assert(fc.property(fc.json(), (text) => void parseSmartctl(text, 0)));
});

test('udisks: kelvins become degrees, and a disk without SMART says nothing', () => {
  const drive = (serial: string, wwn: string) => ({ Serial: serial, WWN: wwn });
  const smart = parseManagedObjects({
    '/a': {
      'org.freedesktop.UDisks2.Drive': drive('ZDH1', '0x5000C500A'),
      'org.freedesktop.UDisks2.Drive.Ata': {
        SmartEnabled: true,
        SmartUpdated: 1_700_000_000n,
        SmartFailing: true,
        SmartTemperature: 307.15,
        SmartNumBadSectors: -1,
      },
    },
    '/b': {
      'org.freedesktop.UDisks2.Drive': drive('S5', ''),
      'org.freedesktop.UDisks2.NVMe.Controller': {
        SmartUpdated: 1_700_000_000n,
        SmartCriticalWarning: ['spare'],
        SmartTemperature: 0,
      },
    },
    '/c': {
      'org.freedesktop.UDisks2.Drive': drive('NONE', ''),
      'org.freedesktop.UDisks2.Drive.Ata': { SmartEnabled: false },
    },
    '/d': 'odd',
  });
  assert.equal(smart.get('ZDH1')?.temperatureCelsius, 34);
  assert.equal(smart.get('5000c500a')?.smartFailing, true);
  assert.equal(smart.get('ZDH1')?.reallocatedSectors, null);
  assert.deepEqual(smart.get('S5'), {
    smartFailing: true,
    smartReason: 'spare',
    temperatureCelsius: null,
    smartUpdatedAt: 1_700_000_000_000,
  });
  assert.equal(smart.has('NONE'), false);
});

test('settings: two repositories of one name are refused, as only one of them could be watched', () => {
  const main = { name: 'main', path: '/a' };
  assert.equal(storageSettings.repositories.read([main, { name: 'main', path: '/b' }]), undefined);
  assert.equal(storageSettings.repositories.read(['/a', '/a/']), undefined);
  assert.equal(
    storageSettings.repositories.read([main, { name: 'other', path: '/a' }])?.value.length,
    2,
  );
});

test('settings: each entry names one place, and none can be taken for an option', () => {
  assert.deepEqual(readRepository('/backup/'), {
    name: '/backup',
    kind: 'path',
    place: '/backup',
    onRoot: false,
  });
  assert.equal(readRepository({ zfs: 'tank/zoo 1', name: 'zoo' })?.kind, 'zfs');
  assert.equal(readRepository({ lvm: 'vg0/lv', onRoot: true })?.onRoot, true);
  for (const bad of [
    { path: 'relative' },
    { path: '/a/../b' },
    { zfs: '-rf' },
    { lvm: 'vg0' },
    { lvm: '-v/x' },
    { path: '/a', zfs: 'tank' },
    { path: '/a', name: '' },
    { path: '/a', nmae: 'x' },
    { name: 'x' },
    ['/a'],
    null,
  ])
    assert.equal(readRepository(bad), undefined, JSON.stringify(bad));
});
