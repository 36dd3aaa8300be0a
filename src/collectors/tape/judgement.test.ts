/** Who is who, who is to blame, and what is kept over restarts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changed } from '../../../test/support/captures.ts';
import { hours } from '../../domain/time.ts';
import { flagOf } from './alert-flag.ts';
import { type AlertMemory, readAlertMemory, takeFlags } from './alert-memory.ts';
import { changerFlags } from './changer-flags.ts';
import { driveFlags } from './drive-flags.ts';
import { build, capture, folderOf } from './house.fixture.ts';
import { keptOf, readRoster } from './roster.ts';
import { sightingsMax } from './verdict.ts';

const start = Date.UTC(2026, 10, 22);

const nothingKept = readAlertMemory(undefined);
/** Flags in the order `DRIVE BARCODE FLAG`, each cleared before the next: the last event. */
function verdictOf(...sightings: readonly string[]) {
  let memory: AlertMemory = nothingKept;
  let latest: ReturnType<typeof takeFlags> | undefined;
  for (const [i, text] of sightings.entries()) {
    const [id = '', barcode = '', flag = ''] = text.split(' ');
    const read = {
      type: 'drive',
      id,
      cleared: false,
      barcode: barcode === '-' ? null : barcode,
    } as const;
    const at = start + hours(i);
    latest = takeFlags(memory, { ...read, flags: [Number(flag)], at });
    memory = takeFlags(latest.memory, { ...read, flags: [], at }).memory;
  }
  return latest?.events[0]?.attributes ?? assert.fail('no event');
}

const verdicts: readonly (readonly [string, readonly string[], string])[] = [
  ['one flag alone accuses nobody', ['A T1 6'], 'undecided'],
  ['the same flag on two cartridges in one drive is the drive', ['A T1 6', 'A T2 6'], 'drive'],
  [
    'the same flag for one cartridge in two drives is the cartridge',
    ['A T1 6', 'B T1 6'],
    'cartridge',
  ],
  ['another flag on another cartridge proves nothing', ['A T1 5', 'A T2 6'], 'undecided'],
  ['the same cartridge in the same drive proves nothing', ['A T1 6', 'A T1 6'], 'undecided'],
  ['both at once is no verdict', ['A T2 6', 'B T1 6', 'A T1 6'], 'undecided'],
  ['a cartridge without a label is none', ['A - 6', 'A T1 6'], 'undecided'],
  ['a flag that names the cartridge needs no history', ['A T1 7'], 'cartridge'],
  ['a flag that names the drive needs no history', ['A T1 31'], 'drive'],
];
for (const [name, sightings, verdict] of verdicts)
  test(name, () => assert.equal(verdictOf(...sightings).verdict, verdict));

test('read and write warnings count as one, within a week', () => {
  const { timesOnDrive, timesOnCartridge } = verdictOf('A T1 1', 'B T1 2', 'A T2 2', 'A T1 2');
  assert.deepEqual([timesOnDrive, timesOnCartridge], [3, 3]);
});

test('what page 2Eh forgets is held for a day; what page 12h drops is gone at once', () => {
  const read = { type: 'drive', id: 'A', barcode: 'T1' } as const;
  const held = takeFlags(nothingKept, { ...read, flags: [20], cleared: true, at: start });
  assert.equal(held.events.length, 1);
  const later = takeFlags(held.memory, {
    ...read,
    flags: [],
    cleared: true,
    at: start + hours(23),
  });
  assert.deepEqual([later.flags, later.verdict, later.events], [[20], 'drive', []]);
  const over = takeFlags(later.memory, {
    ...read,
    flags: [],
    cleared: true,
    at: start + hours(25),
  });
  assert.deepEqual([over.flags, over.verdict], [[], null]);
  const live = takeFlags(held.memory, { ...read, flags: [], cleared: false, at: start + 1 });
  assert.deepEqual(live.flags, []);
});

test('the memory of flags is bounded, survives a restart and any text', () => {
  let memory = nothingKept;
  for (let i = 0; i < 400; i++) {
    const read = {
      type: 'drive',
      id: 'A',
      barcode: `T${i}`,
      cleared: false,
      at: start + i,
    } as const;
    memory = takeFlags(memory, { ...read, flags: [6] }).memory;
    memory = takeFlags(memory, { ...read, flags: [] }).memory;
  }
  assert.equal(memory.history.length, sightingsMax);
  assert.deepEqual(readAlertMemory(JSON.parse(JSON.stringify(memory))), memory);
  fc.assert(
    fc.property(fc.jsonValue(), (kept) => {
      assert.ok(Array.isArray(readAlertMemory(kept).history));
      const roster = readRoster(kept);
      assert.deepEqual(readRoster(keptOf(roster)), roster);
    }),
    { numRuns: 200 },
  );
});

test('each flag has a row; an unknown one is an info that is told', () => {
  assert.deepEqual([driveFlags.size, changerFlags.size], [61, 32]);
  assert.equal(flagOf(driveFlags, 64).severity, 'info');
  // The same number means another thing on a changer.
  assert.notEqual(flagOf(driveFlags, 16).name, flagOf(changerFlags, 16).name);
});

test('a drive without a serial is known by its world-wide name, and without that by its address', async () => {
  const up = capture('1-mhvtl-up');
  const folder = folderOf('5:0:1:0');
  const page = `${folder}/vpd_pg80`;
  const byName = build(changed(up, { [page]: undefined }));
  await byName.look();
  assert.equal(byName.of('naa.50223344ab000100').identifiedBy, 'wwid');
  const bare = build(changed(up, { [page]: undefined, [`${folder}/wwid`]: undefined }));
  await bare.look();
  assert.equal(bare.of('5:0:1:0').identifiedBy, 'address');
});

test('one drive behind two addresses is one; two drives with one serial are two', async () => {
  const twice = build(capture('11-passthrough-io'));
  await twice.look();
  assert.equal(twice.known.size, 10);
  assert.equal(twice.of('XYZZY_A1').otherAddresses, '6:0:0:1');
  const up = capture('1-mhvtl-up');
  const page = up.get(`${folderOf('5:0:1:0')}/vpd_pg80`);
  const same = build(changed(up, { [`${folderOf('5:0:2:0')}/vpd_pg80`]: page }));
  await same.look();
  assert.equal(same.known.size, 10);
  assert.equal(same.of('XYZZY_A1').scsiAddress, '5:0:1:0');
  assert.equal(same.of('5:0:2:0').identifiedBy, 'address');
});

test('a changer without the driver ch is a changer all the same', async () => {
  const up = capture('1-mhvtl-up');
  const house = build(changed(up, { [`${folderOf('5:0:0:0')}/scsi_changer`]: undefined }));
  await house.look();
  const changer = house.of('XYZZY_A', 'tape.changer');
  assert.deepEqual([changer.node, changer.genericNode], [null, '/dev/sg5']);
});
