/** Commands: what real ones print, to whom they are sent and to whom never, what hangs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Capture, changed, type Entry } from '../../../test/support/captures.ts';
import { anyText } from '../../../test/support/texts.ts';
import { seconds } from '../../domain/time.ts';
import type { ProbeOutcome } from '../../platform/probes.ts';
import { parseHex } from './hex.ts';
import { build, capture, ended, folderOf, type House, vtlResource } from './house.fixture.ts';
import {
  decodeAlertResponse,
  decodeAlerts,
  decodeDriveStatus,
  decodeSupportedPages,
} from './log-pages.ts';
import { isCleaning, parseElementStatus } from './mtx.ts';

/** The real outputs: text after `$ COMMAND` up to `[rc=…]`. */
const outputs = readFileSync(join(import.meta.dirname, 'fixtures', 'commands.txt'), 'utf8')
  .split(/^\$ /m)
  .map((text) => ({
    command: text.slice(0, text.indexOf('\n')),
    output: text.slice(text.indexOf('\n') + 1).replace(/\[rc=\d+\]\n*$/, ''),
  }));
const said = (command: string, last = false): string => {
  const found = outputs.filter((one) => one.command === command);
  return found.at(last ? -1 : 0)?.output ?? assert.fail(command);
};
const status = said('mtx -f /dev/sg5 status');
const statusLoaded = said('mtx -f /dev/sg5 status', true);

test('mtx status of a real library: drives, slots, mail slots, barcodes', () => {
  const empty = parseElementStatus(status);
  assert.deepEqual(
    [empty?.drives.length, empty?.slots.length, empty?.mailSlots.length],
    [4, 39, 4],
  );
  assert.equal(empty?.slots.filter(({ full }) => full).length, 32);
  assert.equal(empty?.slots.filter(isCleaning).length, 2);
  assert.equal(empty?.drives.filter(({ full }) => full).length, 0);
  const loaded = parseElementStatus(statusLoaded);
  assert.deepEqual(loaded?.drives[0], { number: 0, full: true, barcode: 'E01001L8' });
  assert.deepEqual(loaded?.slots[0], { number: 1, full: false, barcode: null });
});

test('half an answer is none', () => {
  assert.equal(parseElementStatus(status.slice(0, 400)), undefined);
  assert.equal(parseElementStatus(''), undefined);
  assert.equal(parseElementStatus(said('mtx -f /dev/sg5 inquiry')), undefined);
});

test('bytes of log pages, as sg_logs prints them in hexadecimal', () => {
  // The beginning of a real page 2Eh of a changer, which sg_logs has no words for.
  const hex = said('sg_logs -p 0x2e /dev/sg5');
  assert.deepEqual([...parseHex(hex)].slice(0, 9), [0x2e, 0, 1, 0x40, 0, 1, 0xc0, 1, 0]);
  assert.equal(parseHex(hex).length, 64);
  assert.deepEqual(decodeSupportedPages(parseHex('00 00 00 03 00 11 2e\n')), [0, 0x11, 0x2e]);
  // Page 11h of an idle drive of mhvtl with a tape: MACC CMPR DINIT, RAA MPRSNT MSTD MTHRD MOUNTED.
  const page = (first: string): Uint8Array =>
    parseHex(`11 00 00 08 00 00 03 04  ${first} 37 00 00`);
  assert.deepEqual(decodeDriveStatus(page('31')), {
    writeProtected: false,
    cleaningRequested: false,
    cleaningRequired: false,
    tapeLoaded: true,
    activity: 'idle',
    flagsChanged: false,
  });
  assert.equal(decodeDriveStatus(page('33'))?.cleaningRequired, true);
  assert.equal(decodeDriveStatus(page('35'))?.cleaningRequested, true);
  // Without DINIT the drive has not made up its mind.
  assert.equal(decodeDriveStatus(page('32'))?.cleaningRequired, false);
  const alerts = parseHex('12 00 00 0c 00 00 03 08 20 00 10 00 00 00 00 01');
  assert.deepEqual(decodeAlertResponse(alerts), [3, 20, 64]);
  assert.deepEqual(decodeAlerts(parseHex('2e 00 00 0a 00 03 c0 01 01 00 14 c0 01 00')), [3]);
  assert.equal(decodeDriveStatus(alerts), undefined);
});

test('whatever a program prints, the parsers answer and never throw', () => {
  const text = fc.oneof(
    anyText({ maxLength: 400 }),
    fc
      .array(fc.constantFrom(...status.split('\n'), '11 00 ff ff', ' 00     2e 00', '\u0000'))
      .map((lines) => lines.join('\n')),
  );
  fc.assert(
    fc.property(text, (given) => {
      const found = parseElementStatus(given);
      assert.ok(found === undefined || Array.isArray(found.drives));
      const bytes = parseHex(given);
      for (const decode of [
        decodeSupportedPages,
        decodeDriveStatus,
        decodeAlerts,
        decodeAlertResponse,
      ])
        decode(bytes);
    }),
    { numRuns: 60 },
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom(0, 0x11, 0x12, 0x2e),
      (tail, page) => {
        const bytes = Uint8Array.from([page, 0, 0, tail.length, ...tail]);
        for (const flags of [decodeAlerts(bytes), decodeAlertResponse(bytes)])
          assert.ok(flags === undefined || flags.every((flag) => flag >= 1 && flag <= 64));
        decodeDriveStatus(bytes);
        decodeSupportedPages(bytes);
      },
    ),
    { numRuns: 60 },
  );
});

// Short, because each second of a test is a glance at ten devices.
const on = { commands: true, commandsEvery: seconds(10) };
const pages: Readonly<Record<string, string>> = {
  '0x00': '00 00 00 04 00 11 12 2e',
  '0x11': '11 00 00 08 00 00 03 04 33 37 00 00',
  '0x12': '12 00 00 0c 00 00 03 08 20 00 10 00 00 00 00 00',
  '0x2e': '2e 00 00 05 00 06 c0 01 01',
};
const answerAll = (line: string): ProbeOutcome => {
  if (line.startsWith('mtx')) return ended(statusLoaded);
  return ended(pages[/--page=(\S+)/.exec(line)?.[1] ?? ''] ?? '');
};

/** All daemons of the VTL run; then the time until the first commands has passed. */
async function asked(
  shown: Capture,
  prepare: (house: House) => void = () => {},
  settings: Parameters<typeof build>[1] = on,
): Promise<House> {
  const house = build(shown, settings);
  house.answer = answerAll;
  for (const [i, serial] of ['A1', 'A2', 'A3', 'A4'].entries())
    house.vtl.push(
      vtlResource('vtl.drive', `1${i + 1}`, {
        serial: `XYZZY_${serial}`,
        daemonActive: true,
        library: '10',
        slot: i + 1,
      }),
    );
  house.vtl.push(vtlResource('vtl.library', '10', { serial: 'XYZZY_A', daemonActive: true }));
  prepare(house);
  house.watch();
  await house.look();
  await house.clock.advance(seconds(40));
  return house;
}

const answering =
  (answer: House['answer']) =>
  (house: House): void => {
    house.answer = answer;
  };

const up = capture('1-mhvtl-up');
const first = folderOf('5:0:1:0');
const toFirst = (house: House): string[] => house.asked.filter((line) => line.endsWith('/dev/sg7'));

test('an idle drive is asked for pages 00h, 11h and 12h and for nothing else', async () => {
  const house = await asked(up);
  assert.deepEqual(
    toFirst(house),
    ['0x00', '0x11', '0x12'].map(
      (page) => `sg_logs --readonly --no_inq -HHH --page=${page} /dev/sg7`,
    ),
  );
  assert.ok(house.asked.includes('mtx -f /dev/sg5 status'));
  const drive = house.of('XYZZY_A1');
  assert.deepEqual(
    [drive.barcode, drive.tapeLoaded, drive.changer, drive.cleaningRequired, drive.alertFlags],
    ['E01001L8', true, 'XYZZY_A', true, '3,20'],
  );
  const library = house.of('XYZZY_A', 'tape.changer');
  assert.deepEqual(
    [
      library.slots,
      library.occupiedSlots,
      library.mailSlots,
      library.loadedDrives,
      library.reachable,
    ],
    [39, 31, 4, 1, true],
  );
  assert.equal(library.cleaningCartridges, 2);
  assert.deepEqual(
    house.events
      .filter(({ id }) => id === 'XYZZY_A1')
      .map(({ attributes: { flag, barcode } }) => [flag, barcode]),
    [
      [3, 'E01001L8'],
      [20, 'E01001L8'],
    ],
  );
  // The supported pages are asked once; a flag that stays is no second event.
  const events = house.events.length;
  await house.clock.advance(seconds(10));
  assert.deepEqual(
    toFirst(house)
      .slice(3)
      .map((line) => /--page=(\S+)/.exec(line)?.[1]),
    ['0x11', '0x12'],
  );
  assert.equal(house.events.length, events);
  assert.deepEqual(house.blind, [null]);
  await house.stop();
});

test('a clock that is set back an hour makes no drive look used', async () => {
  const house = await asked(up);
  const before = toFirst(house).length;
  house.clock.jump(-3_600_000);
  await house.clock.advance(seconds(10));
  assert.ok(toFirst(house).length > before);
  await house.stop();
});

test('page 2Eh is read only by a sole reader', async () => {
  const without = { ...pages, '0x00': '00 00 00 02 00 2e' };
  const answer = (line: string): ProbeOutcome =>
    line.startsWith('mtx')
      ? ended(statusLoaded)
      : ended(without[/--page=(\S+)/.exec(line)?.[1] as '0x00'] ?? '');
  for (const soleReader of [false, true]) {
    const house = await asked(up, answering(answer), { ...on, soleReader });
    assert.equal(
      toFirst(house).some((line) => line.includes('0x2e')),
      soleReader,
    );
    assert.equal(house.of('XYZZY_A1').alertFlags, soleReader ? '6' : undefined);
    await house.stop();
  }
});

const exported: Entry = { type: 'link', target: '../x' };
const forbidden: readonly (readonly [string, string, (house: House) => void])[] = [
  [
    'is offline',
    'its state is offline',
    (house) => house.change({ [`${first}/state`]: 'offline\n' }),
  ],
  [
    'has a state that refuses',
    'its state cannot be read',
    (house) => house.change({ [`${first}/state`]: { type: 'error', code: 'EIO' } }),
  ],
  [
    'has a command in flight',
    'it hangs: a command is in flight and nothing ends',
    (house) => house.change({ [`${first}/scsi_tape/st0/stats/in_flight`]: '1' }),
  ],
  [
    'is busy by sg',
    'it hangs: a command is in flight and nothing ends',
    (house) => house.change({ [`${first}/device_busy`]: '1\n' }),
  ],
  [
    'is exported by SCST',
    'SCST exports it: its initiators use it',
    (house) => house.change({ '/sys/kernel/scst_tgt/devices/5:0:1:0/exported/export0': exported }),
  ],
  [
    'has a dead VTL daemon',
    'its VTL daemon is not known to run',
    (house) =>
      house.vtl.splice(
        0,
        1,
        vtlResource('vtl.drive', '11', { serial: 'XYZZY_A1', daemonActive: false }),
      ),
  ],
  [
    'has a VTL daemon that nobody sees',
    'its VTL daemon is not known to run',
    (house) =>
      house.vtl.splice(
        0,
        1,
        vtlResource('vtl.drive', '11', { serial: 'XYZZY_A1', daemonActive: { unreadable: 'bus' } }),
      ),
  ],
  [
    'is unknown to the VTL',
    'it is virtual, and the VTL does not name it',
    (house) => house.vtl.shift(),
  ],
  [
    'has a stuck child',
    'an earlier command hangs in the kernel',
    (house) => house.stuck.push({ object: 'tape XYZZY_A1', since: 0, argv: [] }),
  ],
];
for (const [name, why, make] of forbidden)
  test(`no command to a drive that ${name}`, async () => {
    const house = await asked(up, make);
    assert.deepEqual(toFirst(house), []);
    assert.equal(house.of('XYZZY_A1').whyNot, why);
    assert.equal(house.of('XYZZY_A1').commandsAllowed, false);
    // The others are asked.
    assert.ok(house.asked.some((line) => line.endsWith('/dev/sg8')));
    await house.stop();
  });

test('no command to a drive that others use now and then, or where the settings say no', async () => {
  const house = build(up, on);
  house.answer = answerAll;
  house.vtl.push(vtlResource('vtl.drive', '11', { serial: 'XYZZY_A1', daemonActive: true }));
  house.watch();
  await house.look();
  for (let i = 0; i < 40; i++) {
    if (i % 10 === 0)
      house.change({
        [`${first}/iorequest_cnt`]: `0x${(100 + i).toString(16)}`,
        [`${first}/iodone_cnt`]: `0x${(100 + i).toString(16)}`,
      });
    await house.clock.advance(seconds(1));
  }
  assert.deepEqual(toFirst(house), []);
  assert.equal(house.of('XYZZY_A1').whyNot, 'it is in use');
  await house.stop();
  const off = await asked(up, () => {}, { commands: false });
  assert.deepEqual(off.asked, []);
  assert.deepEqual(
    [off.of('XYZZY_A1').alertFlags, off.of('XYZZY_A1').cleaningRequired],
    [null, null],
  );
  await off.stop();
});

test('between two commands the drive is looked at: a job that begins is not disturbed', async () => {
  const house = await asked(up, (one) => {
    one.answer = (line) => {
      if (line.includes('0x00 /dev/sg7')) one.change({ [`${first}/state`]: 'offline\n' });
      return answerAll(line);
    };
  });
  assert.equal(toFirst(house).length, 1);
  await house.stop();
});

test('a child that survives SIGKILL is blind time, is not repeated, and harms no other', async () => {
  const house = await asked(up, (one) => {
    one.answer = (line, object) => {
      if (object !== 'tape XYZZY_A1') return answerAll(line);
      one.stuck.push({ object, since: one.clock.now(), argv: [line] });
      return { type: 'timeout' };
    };
  });
  assert.equal(toFirst(house).length, 1);
  assert.deepEqual(house.blind, [
    null,
    'tape commands: 1 hang in the kernel and cannot be ended: tape XYZZY_A1',
  ]);
  assert.equal(house.of('XYZZY_A1').commandFailure, 'sg_logs: no answer within 60 s');
  assert.equal(house.of('XYZZY_A2').commandFailure, null);
  await house.clock.advance(seconds(25));
  assert.equal(toFirst(house).length, 1);
  // The kernel lets it go.
  house.stuck.length = 0;
  house.answer = answerAll;
  await house.clock.advance(seconds(10));
  assert.equal(house.blind.at(-1), null);
  assert.ok(toFirst(house).length > 1);
  await house.stop();
});

test('a reservation is an answer; failures of a library count; a missing program is said once', async () => {
  const conflict = ended('', 24, 'sg_logs failed: Reservation conflict');
  const reserved = await asked(
    up,
    answering(() => conflict),
  );
  assert.equal(reserved.of('XYZZY_A', 'tape.changer').reachable, true);
  assert.equal(reserved.of('XYZZY_A1').commandFailure, null);
  await reserved.stop();
  const failing = await asked(
    up,
    answering(() => ended('', 1, 'mtx: Request Sense: Not Ready\n')),
  );
  await failing.clock.advance(seconds(20));
  const library = failing.of('XYZZY_A', 'tape.changer');
  assert.deepEqual([library.reachable, library.failures], [false, 3]);
  await failing.stop();
  const bare = await asked(
    up,
    answering(() => ({ type: 'missing', why: 'ENOENT' })),
  );
  await bare.clock.advance(seconds(20));
  assert.deepEqual(bare.blind, [
    null,
    'tape commands: not installed: mtx (package mtx), sg_logs (package sg3-utils)',
  ]);
  assert.equal(bare.of('XYZZY_A', 'tape.changer').reachable, null);
  await bare.stop();
});

test('a command for which there is no process says nothing of the device, and not that it is not installed', async () => {
  const house = await asked(
    up,
    answering(() => ({ type: 'missing', why: 'spawn mtx EAGAIN' })),
  );
  await house.clock.advance(seconds(60));
  const { reachable, failures } = house.of('XYZZY_A', 'tape.changer');
  assert.deepEqual(reachable, { unreadable: 'mtx cannot be started: spawn mtx EAGAIN' });
  assert.equal(failures, 0);
  assert.match(house.blind.at(-1) ?? '', /cannot be started: spawn mtx EAGAIN$/);
  await house.stop();
});

test('a drive of a library that the settings describe has its barcode from there', async () => {
  const libraries = [{ changer: 'XYZZY_A', drives: ['XYZZY_A3'] }];
  const house = await asked(changed(up, {}), () => {}, { ...on, libraries });
  assert.equal(house.of('XYZZY_A3').barcode, 'E01001L8');
  await house.stop();
});
