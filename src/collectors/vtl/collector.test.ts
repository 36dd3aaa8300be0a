/** What the collector says of captured machines, of faults, and of what changes while it watches. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Capture, changed, readCapture } from '../../../test/support/captures.ts';
import { settled } from '../../../test/support/fake-clock.ts';
import { minutes, seconds } from '../../domain/time.ts';
import {
  Appliance,
  captured,
  ended,
  look,
  settingsText,
  shown,
  unitName,
} from './appliance.fixture.ts';

const scstFixtures = join(import.meta.dirname, '..', 'scst', 'fixtures');
const host = '/sys/devices/mhvtl_pseudo/adapter0/host5';
const file = (text: string) => ({ type: 'file', bytes: Buffer.from(text) }) as const;
const refusal = { type: 'error', code: 'EACCES' } as const;

const unitNames = ['devicePresent', 'scsiAddress', 'state', 'node', 'daemonActive'] as const;
const allUp = {
  libraries: [
    '10 devicePresent=true scsiAddress=5:0:0:0 state=running node=/dev/sg5 daemonActive=true',
    '30 devicePresent=true scsiAddress=5:0:8:0 state=running node=/dev/sg6 daemonActive=true',
  ],
  // st2 and st3 are swapped against the order of the records: nodes are no identity.
  drives: [
    '11 devicePresent=true scsiAddress=5:0:1:0 state=running node=/dev/nst0 daemonActive=true',
    '12 devicePresent=true scsiAddress=5:0:2:0 state=running node=/dev/nst1 daemonActive=true',
    '13 devicePresent=true scsiAddress=5:0:3:0 state=running node=/dev/nst3 daemonActive=true',
    '14 devicePresent=true scsiAddress=5:0:4:0 state=running node=/dev/nst2 daemonActive=true',
    '31 devicePresent=true scsiAddress=5:0:9:0 state=running node=/dev/nst4 daemonActive=true',
    '32 devicePresent=true scsiAddress=5:0:10:0 state=running node=/dev/nst5 daemonActive=true',
    '33 devicePresent=true scsiAddress=5:0:11:0 state=running node=/dev/nst6 daemonActive=true',
    '34 devicePresent=true scsiAddress=5:0:12:0 state=running node=/dev/nst7 daemonActive=true',
  ],
};
const without12 = {
  libraries: allUp.libraries,
  drives: allUp.drives.with(
    1,
    '12 devicePresent=false scsiAddress=- state=- node=- daemonActive=true',
  ),
};
const offline12 = {
  libraries: allUp.libraries,
  drives: allUp.drives.map((line) =>
    line.startsWith('12 ') ? line.replace('running', 'offline') : line,
  ),
};
const gone = (line: string): string =>
  `${line.slice(0, 2)} devicePresent=false scsiAddress=- state=- node=- daemonActive=true`;
const nothing = { libraries: allUp.libraries.map(gone), drives: allUp.drives.map(gone) };

const golden: Readonly<Record<string, { libraries: string[]; drives: string[] }>> = {
  '0-drivers-loaded-no-devices': nothing,
  '1-mhvtl-up': allUp,
  '2-loaded-before-io': allUp,
  '3-writing': allUp,
  '4-after-io': allUp,
  '5-st1-offline': offline12,
  '6-st1-removed': without12,
  // A rescan of the host does not bring it back: only a restart of its daemon does.
  '7-rescanned': without12,
  '10-after-daemon-restart': allUp,
};
for (const [state, { libraries, drives }] of Object.entries(golden)) {
  test(`${state}: each library and drive with its device`, async () => {
    const appliance = new Appliance(captured(state));
    appliance.knowDaemons();
    const resources = await look(appliance.start());
    assert.deepEqual(shown(resources, 'vtl.library', ...unitNames), libraries);
    assert.deepEqual(shown(resources, 'vtl.drive', ...unitNames), drives);
    assert.equal(resources.length, 12);
  });
}

test('the machine that was captured has the declared figures', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  appliance.knowDaemons();
  const resources = await look(appliance.start());
  assert.deepEqual(
    shown(resources, 'vtl.core', 'moduleLoaded', 'declaredLibraries', 'declaredDrives'),
    ['mhvtl moduleLoaded=true declaredLibraries=2 declaredDrives=8'],
  );
  assert.deepEqual(
    shown(resources, 'vtl.core', 'runningDaemons', 'targetActive', 'configurationError'),
    ['mhvtl runningDaemons=10 targetActive=true configurationError=-'],
  );
  const figures = ['drives', 'presentDrives', 'slots', 'mailSlots', 'tapes', 'cleaningTapes'];
  assert.deepEqual(shown(resources, 'vtl.library', ...figures), [
    '10 drives=4 presentDrives=4 slots=39 mailSlots=4 tapes=30 cleaningTapes=2',
    '30 drives=4 presentDrives=4 slots=40 mailSlots=4 tapes=39 cleaningTapes=1',
  ]);
  const media = ['present', 'reachable', 'usedRatio', 'cartridges', 'provisionedBytes'];
  assert.deepEqual(shown(resources, 'vtl.media', ...media), [
    '/opt/mhvtl present=true reachable=true usedRatio=0.3 cartridges=72 provisionedBytes=37748736000',
  ]);
});

test('serial numbers of the settings are those of the captured devices', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  // Places that lead nowhere: only the number is left to find the device.
  const text = settingsText('device.conf').replaceAll('TARGET: ', 'TARGET: 9');
  appliance.capture = changed(appliance.capture, { '/etc/mhvtl/device.conf': text });
  const resources = await look(appliance.start());
  const found = shown(resources, 'vtl.drive', 'serial', 'scsiAddress');
  assert.equal(found[0], '11 serial=XYZZY_A1 scsiAddress=5:0:1:0');
  assert.equal(found.at(-1), '34 serial=XYZZY_B4 scsiAddress=5:0:12:0');
  assert.deepEqual(shown(resources, 'vtl.library', 'serial', 'scsiAddress'), [
    '10 serial=XYZZY_A scsiAddress=5:0:0:0',
    '30 serial=XYZZY_B scsiAddress=5:0:8:0',
  ]);
});

test('a device with another serial number is found by its place', async () => {
  const page = Buffer.from('0180000a58595a5a595f5a5a2020', 'hex');
  const vpd = `${host}/target5:0:1/5:0:1:0/vpd_pg80`;
  const appliance = new Appliance(
    changed(captured('1-mhvtl-up'), { [vpd]: { type: 'file', bytes: page } }),
  );
  const [first] = shown(await look(appliance.start()), 'vtl.drive', 'scsiAddress', 'serial');
  assert.equal(first, '11 scsiAddress=5:0:1:0 serial=XYZZY_A1');
});

test('a device that nobody declares is shown under its serial number', async () => {
  const text = settingsText('device.conf').replace(/Drive: 11.*?\n\n/s, '');
  const capture = changed(captured('1-mhvtl-up'), { '/etc/mhvtl/device.conf': text });
  const resources = await look(new Appliance(capture).start());
  const all = shown(resources, 'vtl.drive', 'declared', 'devicePresent', 'daemonActive');
  assert.equal(all.at(-1), 'XYZZY_A1 declared=false devicePresent=true daemonActive=-');
  assert.equal(all.length, 8);
});

test('refused attributes of a device leave the rest of it, and the others, as they are', async () => {
  const device = `${host}/target5:0:1/5:0:1:0`;
  const broken = { type: 'error', code: 'EIO' } as const;
  const capture = changed(captured('1-mhvtl-up'), {
    [`${device}/state`]: broken,
    [`${device}/type`]: broken,
    [`${device}/vpd_pg80`]: broken,
  });
  const appliance = new Appliance(capture);
  appliance.knowDaemons();
  const drives = shown(await look(appliance.start()), 'vtl.drive', ...unitNames);
  const state = '!/sys/class/scsi_device/5:0:1:0/device/state cannot be read (EIO)';
  assert.equal(
    drives[0],
    `11 devicePresent=true scsiAddress=5:0:1:0 state=${state} node=/dev/nst0 daemonActive=true`,
  );
  assert.deepEqual(drives.slice(1), allUp.drives.slice(1));
});

test('hosts that cannot be read make presence unknown, not false', async () => {
  const capture = changed(captured('1-mhvtl-up'), {
    [`${host}/scsi_host/host5/proc_name`]: { type: 'error', code: 'EIO' },
  });
  const resources = await look(new Appliance(capture).start());
  const refused = '!class/scsi_host cannot be read (EIO)';
  assert.deepEqual(
    shown(resources, 'vtl.library', 'devicePresent', 'presentDrives')[0],
    `10 devicePresent=${refused} presentDrives=${refused}`,
  );
});

test('without mhvtl there is nothing, and nobody is asked', async () => {
  const bare = (capture: Capture) => changed(capture, { '/etc/mhvtl': undefined });
  const appliance = new Appliance(bare(captured('0-drivers-loaded-no-devices')));
  const reading = await appliance.start().collect(new AbortController().signal);
  assert.deepEqual(reading, { type: 'absent', why: 'mhvtl is not installed' });
  assert.deepEqual(appliance.asked, []);
  // Its devices alone say that it is there.
  const running = new Appliance(bare(captured('1-mhvtl-up')));
  const resources = await look(running.start());
  assert.equal(shown(resources, 'vtl.drive', 'declared').length, 8);
  assert.deepEqual(shown(resources, 'vtl.core', 'moduleLoaded', 'declaredLibraries'), [
    'mhvtl moduleLoaded=true declaredLibraries=-',
  ]);
});

test('the module without devices is seen in /sys/module', async () => {
  const capture = changed(captured('0-drivers-loaded-no-devices'), {
    '/sys/module/mhvtl/refcnt': file('0\n'),
  });
  const [core] = shown(await look(new Appliance(capture).start()), 'vtl.core', 'moduleLoaded');
  assert.equal(core, 'mhvtl moduleLoaded=true');
});

test('settings that are for root alone are unreadable, and systemd says what there is', async () => {
  const path = '/etc/mhvtl/device.conf';
  const appliance = new Appliance(changed(captured('1-mhvtl-up'), { [path]: refusal }));
  appliance.knowDaemons('11');
  const collector = appliance.start();
  void collector.watch?.(appliance.watcher());
  const resources = await look(collector);
  const why = `!${path} cannot be read (EACCES)`;
  assert.deepEqual(shown(resources, 'vtl.core', 'declaredLibraries', 'runningDaemons'), [
    `mhvtl declaredLibraries=${why} runningDaemons=${why}`,
  ]);
  const drives = shown(resources, 'vtl.drive', 'declared', 'daemonActive', 'devicePresent');
  assert.equal(drives[0], `11 declared=${why} daemonActive=false devicePresent=${why}`);
  assert.equal(shown(resources, 'vtl.library', 'tapes')[0], `10 tapes=${why}`);
  assert.deepEqual([...appliance.eyes], [['vtl settings', `${path} cannot be read (EACCES)`]]);
  appliance.capture = captured('1-mhvtl-up');
  await look(collector);
  assert.equal(appliance.eyes.get('vtl settings'), null);
  appliance.stop();
});

test('one list of contents that is refused, and one that is missing, are two things', async () => {
  const capture = changed(captured('1-mhvtl-up'), {
    '/etc/mhvtl/library_contents.10': refusal,
    '/etc/mhvtl/library_contents.30': undefined,
  });
  const resources = await look(new Appliance(capture).start());
  const why = '!/etc/mhvtl/library_contents.10 cannot be read (EACCES)';
  assert.deepEqual(shown(resources, 'vtl.library', 'tapes', 'slots', 'missingMedia'), [
    `10 tapes=${why} slots=${why} missingMedia=${why}`,
    '30 tapes=- slots=- missingMedia=-',
  ]);
  assert.deepEqual(shown(resources, 'vtl.core', 'configurationError'), [
    'mhvtl configurationError=/etc/mhvtl/library_contents.30: there is no such file: vtllibrary@30 cannot start without it',
  ]);
});

test('what contradicts itself in the settings is told by its line', async () => {
  const text = settingsText('device.conf')
    .replace('TARGET: 02', 'TARGET: 01')
    .replace('Library ID: 10 Slot: 04', 'Library ID: 10 Slot: 03')
    .replace('Library ID: 30 Slot: 04', 'Library ID: 40 Slot: 04')
    .replaceAll('XYZZY_B2', 'XYZZY_B1')
    .replace(' Unit serial number: XYZZY_B4\n', '');
  const capture = changed(captured('1-mhvtl-up'), { '/etc/mhvtl/device.conf': text });
  const resources = await look(new Appliance(capture).start());
  const conf = '/etc/mhvtl/device.conf';
  assert.deepEqual(shown(resources, 'vtl.core', 'configurationError', 'sharedSerials'), [
    `mhvtl configurationError=${conf}:44: CHANNEL:TARGET:LUN 0:1:0 is taken by 11 already; ` +
      `${conf}:68: slot 3 of library 10 is taken by 13 already; ` +
      `${conf}:126: drive 34 names library 40: no such ` +
      'sharedSerials=XYZZY_B1 (31, 32); none (34)',
  ]);
});

test('a library that persists is counted by the file of its last end', async () => {
  const text = settingsText('device.conf').replace('PERSIST: False', 'PERSIST: True');
  const appliance = new Appliance(
    changed(captured('1-mhvtl-up'), {
      '/etc/mhvtl/device.conf': text,
      '/etc/mhvtl/library_contents.10.persist': 'Slot 1: E01001L8\nSlot 2:\n',
      '/etc/mhvtl/library_contents.30.persist': 'Slot 1:\n',
    }),
  );
  const resources = await look(appliance.start());
  assert.deepEqual(shown(resources, 'vtl.library', 'tapes', 'slots'), [
    '10 tapes=1 slots=2',
    '30 tapes=39 slots=40',
  ]);
});

test('without systemd nobody knows which daemon runs', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  const resources = await look(appliance.start());
  assert.equal(
    shown(resources, 'vtl.drive', 'daemonActive')[0],
    '11 daemonActive=!systemd is not seen',
  );
  assert.deepEqual(shown(resources, 'vtl.core', 'runningDaemons'), [
    'mhvtl runningDaemons=!systemd is not seen',
  ]);
  const stale = new Appliance(captured('1-mhvtl-up'));
  stale.know('systemd.manager', 'system', {}, stale.clock.now());
  stale.know('systemd.unit', unitName('11'), { activeState: 'active' }, stale.clock.now());
  const [first] = shown(await look(stale.start()), 'vtl.drive', 'daemonActive');
  assert.equal(first, '11 daemonActive=!systemd is not seen any more');
});

test('a unit that systemd has not loaded does not run', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  appliance.knowDaemons();
  appliance.know('systemd.unit', unitName('12'), undefined);
  const resources = await look(appliance.start());
  assert.deepEqual(shown(resources, 'vtl.drive', 'daemonActive').slice(0, 3), [
    '11 daemonActive=true',
    '12 daemonActive=false',
    '13 daemonActive=true',
  ]);
  assert.deepEqual(shown(resources, 'vtl.core', 'runningDaemons'), ['mhvtl runningDaemons=9']);
});

test('loaded tapes and active drives are what the tape collector knows, or nothing', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  const collector = appliance.start();
  const figures = async () =>
    shown(await look(collector), 'vtl.library', 'loadedTapes', 'activeDrives')[0];
  assert.equal(await figures(), '10 loadedTapes=- activeDrives=-');
  const know = (serial: string, tapeLoaded: boolean, inFlight: number, writeBytes: number) =>
    appliance.know('tape.drive', serial, { tapeLoaded, inFlight, readBytes: 0, writeBytes });
  for (const n of [1, 2, 3, 4]) know(`XYZZY_A${n}`, n < 3, 0, 1000);
  assert.equal(await figures(), '10 loadedTapes=2 activeDrives=-');
  know('XYZZY_A1', true, 0, 2000);
  know('XYZZY_A2', true, 1, 1000);
  assert.equal(await figures(), '10 loadedTapes=2 activeDrives=2');
  assert.equal(await figures(), '10 loadedTapes=2 activeDrives=1');
  appliance.know('tape.drive', 'XYZZY_A4', { tapeLoaded: null, inFlight: 0 });
  assert.equal(await figures(), '10 loadedTapes=- activeDrives=2');
});

test('a media folder that is missing, hangs or cannot be asked are three things', async () => {
  const answers = async (store: Appliance['store']) => {
    const appliance = new Appliance(captured('1-mhvtl-up'));
    appliance.store = store;
    const resources = await look(appliance.start());
    return [
      ...shown(resources, 'vtl.media', 'present', 'reachable', 'usedRatio'),
      ...shown(resources, 'vtl.library', 'missingMedia').slice(0, 1),
    ];
  };
  const noSuch =
    "stat: cannot read file system information for '/opt/mhvtl': No such file or directory";
  assert.deepEqual(await answers(() => ended('', 1, noSuch)), [
    '/opt/mhvtl present=false reachable=true usedRatio=-',
    '10 missingMedia=!/opt/mhvtl is not there',
  ]);
  const slow = 'no answer within 10s';
  assert.deepEqual(await answers(() => ({ type: 'timeout' })), [
    `/opt/mhvtl present=!${slow} reachable=false usedRatio=!${slow}`,
    `10 missingMedia=!${slow}`,
  ]);
  assert.deepEqual(await answers(() => ({ type: 'missing', why: 'spawn stat ENOENT' })), [
    '/opt/mhvtl present=!spawn stat ENOENT reachable=!spawn stat ENOENT usedRatio=!spawn stat ENOENT',
    '10 missingMedia=!spawn stat ENOENT',
  ]);
});

test('a store that does not answer delays a look by two seconds, and nothing else', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  appliance.store = () => new Promise(() => {});
  const collector = appliance.start();
  const looking = look(collector);
  await appliance.clock.advance(seconds(2));
  const resources = await looking;
  assert.equal(resources.length, 12);
  assert.deepEqual(shown(resources, 'vtl.media', 'reachable'), [
    '/opt/mhvtl reachable=!/opt/mhvtl: no answer yet',
  ]);
});

test('the store is asked once a minute, its files every quarter of an hour', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  const collector = appliance.start();
  for (let at = 0; at <= minutes(15); at += seconds(30)) {
    await look(collector);
    await appliance.clock.advance(seconds(30));
  }
  const count = (what: string) => appliance.asked.filter((one) => one.endsWith(what)).length;
  assert.deepEqual([count(': stat'), count(': find')], [16, 2]);
});

test('listed tapes without all their files are named', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  const { store } = appliance;
  appliance.store = async (argv) => {
    const outcome = await store(argv);
    if (outcome.type !== 'ended') return outcome;
    const stdout = outcome.stdout.replace('E01001L8/meta', 'x/y').replaceAll('G03001TA/', 'Z/');
    return { ...outcome, stdout };
  };
  const resources = await look(appliance.start());
  assert.deepEqual(shown(resources, 'vtl.library', 'missingMedia', 'missingMediaNames'), [
    '10 missingMedia=1 missingMediaNames=E01001L8',
    '30 missingMedia=1 missingMediaNames=G03001TA',
  ]);
});

test('a library with a home of its own has a store of its own', async () => {
  const text = settingsText('device.conf').replace('/opt/mhvtl', '/srv/vtl');
  const capture = changed(captured('1-mhvtl-up'), { '/etc/mhvtl/device.conf': text });
  const resources = await look(new Appliance(capture).start());
  assert.deepEqual(shown(resources, 'vtl.media', 'cartridges'), [
    '/opt/mhvtl cartridges=40',
    '/srv/vtl cartridges=32',
  ]);
});

test('what SCST exports by pass-through is seen', async () => {
  const scst = readCapture(scstFixtures, 'vi-passthrough-session');
  const exports = [...scst].filter(([path]) => path.startsWith('/sys/kernel/scst_tgt/'));
  const capture = new Map([...captured('1-mhvtl-up'), ...exports]);
  const resources = await look(new Appliance(capture).start());
  assert.deepEqual(shown(resources, 'vtl.library', 'exported'), [
    '10 exported=true',
    '30 exported=false',
  ]);
  assert.deepEqual(shown(resources, 'vtl.drive', 'exported').slice(0, 4), [
    '11 exported=true',
    '12 exported=false',
    '13 exported=true',
    '14 exported=false',
  ]);
});

test('while it watches, only what changed is told', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  appliance.knowDaemons();
  const collector = appliance.start();
  const watching = collector.watch?.(appliance.watcher());
  await look(collector);
  await appliance.clock.advance(seconds(4));
  assert.equal(appliance.told.length, 0);
  appliance.capture = captured('6-st1-removed');
  await appliance.clock.advance(seconds(2));
  appliance.knowDaemons('34');
  await appliance.clock.advance(seconds(2));
  const told = appliance.told.flatMap((one) =>
    one.type === 'partial' ? [one.resources.map(({ id }) => id).join(' ')] : [],
  );
  assert.deepEqual(told, ['10 12', 'mhvtl 34']);
  appliance.stop();
  await watching;
});

test('changed settings are told at once, and what they no longer declare is gone', async () => {
  const appliance = new Appliance(captured('0-drivers-loaded-no-devices'));
  const collector = appliance.start();
  void collector.watch?.(appliance.watcher());
  await look(collector);
  const text = settingsText('device.conf').replace(/Drive: 34.*/s, '');
  appliance.capture = changed(appliance.capture, { '/etc/mhvtl/device.conf': text });
  appliance.settingsChanged();
  appliance.settingsChanged();
  await appliance.clock.advance(200);
  await settled();
  assert.equal(appliance.told.length, 1);
  const [told] = appliance.told;
  assert.ok(told?.type === 'partial');
  assert.deepEqual(told.gone, [{ kind: 'vtl.drive', id: '34' }]);
  assert.deepEqual(shown(told.resources, 'vtl.library', 'drives'), ['30 drives=3']);
  appliance.stop();
});

/** Drive 11 exported or not, its daemon started at the given second. */
function exporting(appliance: Appliance, exported: boolean, startedAt: number): void {
  const folder = '/sys/kernel/scst_tgt/devices/5:0:1:0/exported';
  appliance.capture = changed(captured('1-mhvtl-up'), {
    [`${folder}/export0`]: exported
      ? { type: 'link', target: '../../../targets/iscsi/iqn.x/luns/1' }
      : undefined,
    '/sys/kernel/scst_tgt/devices/5:0:1:0/type': file('1\n'),
  });
  appliance.knowDaemons();
  const facts = { activeState: 'active', activeEnterAt: startedAt };
  appliance.know('systemd.unit', unitName('11'), facts);
}

test('an export lost by a restart of the daemon is stale until it is back, over restarts', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  const stale = async (collector: ReturnType<Appliance['start']>) =>
    shown(await look(collector), 'vtl.drive', 'exportStale')[0];
  const first = appliance.start();
  void first.watch?.(appliance.watcher());
  exporting(appliance, true, 1000);
  assert.equal(await stale(first), '11 exportStale=false');
  exporting(appliance, false, 2000);
  assert.equal(await stale(first), '11 exportStale=true');
  // tocsin itself is started anew: the same is known from what was kept.
  const second = appliance.start();
  void second.watch?.(appliance.watcher());
  assert.equal(await stale(second), '11 exportStale=true');
  exporting(appliance, true, 2000);
  assert.equal(await stale(second), '11 exportStale=false');
  // Taken away while the daemon runs: somebody wanted that.
  exporting(appliance, false, 2000);
  assert.equal(await stale(second), '11 exportStale=false');
  exporting(appliance, false, 3000);
  assert.equal(await stale(second), '11 exportStale=false');
  appliance.stop();
});

test('an export that nobody brings back is forgotten after thirty days', async () => {
  const appliance = new Appliance(captured('1-mhvtl-up'));
  const collector = appliance.start();
  exporting(appliance, true, 1000);
  await look(collector);
  exporting(appliance, false, 2000);
  await look(collector);
  appliance.clock.jump(minutes(60 * 24 * 31));
  const [drive] = shown(await look(collector), 'vtl.drive', 'exportStale');
  assert.equal(drive, '11 exportStale=false');
});

test('what was kept by another version, or by nobody, is no trouble', async () => {
  for (const text of ['', 'null', '[[1,null]]', '{}', '[["11",{}]]']) {
    const appliance = new Appliance(captured('1-mhvtl-up'));
    appliance.saved.set('exports', text);
    const collector = appliance.start();
    void collector.watch?.(appliance.watcher());
    assert.equal((await look(collector)).length, 12);
    appliance.stop();
  }
});
