import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { partial } from '../domain/reading.ts';
import { days, hours, minutes } from '../domain/time.ts';
import { createInventory } from '../inventory/create.ts';
import type { Segments } from '../platform/segments.ts';
import { readKept } from '../recording/kept/read.ts';
import { thing } from '../recording/recording.fixture.ts';
import { ReadingsLog } from './readings-log.ts';

/** A disk in memory that can be full. */
class Disk implements Segments {
  readonly files = new Map<string, Buffer>();
  free = 1e12;
  isFull = false;
  isReadOnly = false;
  list = () =>
    [...this.files]
      .map(([name, { length: bytes }]) => ({ name, bytes }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  append = async (name: string, bytes: Uint8Array): Promise<void> => {
    // A full disk takes a part of it.
    const part = this.isFull ? bytes.subarray(0, 10) : bytes;
    this.files.set(name, Buffer.concat([this.files.get(name) ?? Buffer.alloc(0), part]));
    if (this.isFull) throw new Error('ENOSPC: no space left on device');
  };
  read = (name: string): Buffer => this.files.get(name) ?? Buffer.alloc(0);
  remove = (name: string): void => {
    if (this.isReadOnly) throw new Error('EROFS: read-only file system');
    this.files.delete(name);
  };
  room = (): number => this.free;
}

function open(limits = { age: days(30), size: 1e9 }) {
  const disk = new Disk();
  const clock = new FakeClock();
  const inventory = createInventory();
  const states: (string | null)[] = [];
  const log = new ReadingsLog({
    kinds: [thing],
    inventory,
    clock,
    segments: disk,
    limits: () => limits,
    onState: (why) => states.push(why),
  });
  const tell = (attributes: Readonly<Record<string, string | number>>): void => {
    const reading = partial([{ kind: 'test.thing', id: 'a', attributes }]);
    const differences = inventory.apply('tests', reading, clock.now());
    const input = { type: 'reading', collector: 'tests', reading } as const;
    log.tap(input, clock.now(), { differences, changes: [] });
  };
  const wish = { kinds: new Set(['test.thing']), numbers: () => undefined };
  const told = () => [
    ...readKept(
      disk.list().map(
        ({ name }) =>
          () =>
            disk.read(name),
      ),
      wish,
    ),
  ];
  const facts = () => JSON.stringify(told().filter(({ type }) => type === 'input'));
  return { disk, clock, log, tell, told, facts, states };
}

test('what changes within a minute is on disk after it, numbers as they were last', async () => {
  const { clock, log, tell, facts } = open();
  log.start();
  tell({ x: 1, state: 'up' });
  await clock.advance(minutes(1));
  for (const x of [2, 3, 4]) tell({ x });
  await clock.advance(minutes(1));
  assert.ok(facts().includes('"x":4') && !facts().includes('"x":3'));
  tell({ state: 'down' });
  assert.ok(!facts().includes('down'));
  await log.stop();
  assert.ok(facts().includes('down'), 'the end writes what waits');
});

test('a full disk stops the keeping, says so, and leaves a gap; the rest goes on', async () => {
  const { clock, disk, log, tell, told, states, facts } = open();
  log.start();
  tell({ state: 'one' });
  await clock.advance(minutes(1));
  disk.isFull = true;
  tell({ state: 'two' });
  await clock.advance(minutes(2));
  disk.isFull = false;
  await clock.advance(minutes(1));
  tell({ state: 'three' });
  await clock.advance(minutes(1));
  await log.stop();
  assert.deepEqual(states, ['ENOSPC: no space left on device', null]);
  assert.equal(told().filter(({ type }) => type === 'gap').length, 1);
  assert.ok(facts().includes('one') && facts().includes('three'));
});

test('with little room left nothing is begun', async () => {
  const { disk, log, states } = open();
  disk.free = 1000;
  log.start();
  await log.flush();
  assert.equal(disk.files.size, 0);
  assert.match(states[0] ?? '', /only 0 MiB left/);
});

test('a disk on which nothing can be removed stops the keeping, and no more than that', async () => {
  const { disk, clock, log, states } = open({ age: minutes(1), size: 1 });
  log.start();
  await clock.advance(hours(13));
  disk.isReadOnly = true;
  await clock.advance(hours(7));
  assert.match(states.at(-1) ?? '', /EROFS/);
  disk.isReadOnly = false;
  await clock.advance(minutes(2));
  assert.equal(states.at(-1), null);
  await log.stop();
});

test('segments follow each other without a gap, and the old and the many go', async () => {
  const { clock, disk, log, tell, told } = open({ age: hours(20), size: 1e9 });
  log.start();
  for (let hour = 0; hour < 60; hour++) {
    tell({ state: `at ${hour}` });
    await clock.advance(hours(1));
  }
  await log.stop();
  assert.ok(disk.files.size >= 3 && disk.files.size <= 6, `${disk.files.size} segments`);
  assert.equal(told().filter(({ type }) => type === 'gap').length, 0);
  const [first = ''] = [...disk.files.keys()].sort();
  assert.ok(clock.now() - Number(first) >= hours(20), 'what is younger is there');
});

test('a restart leaves a gap between what it kept and what the next one keeps', async () => {
  const one = open();
  one.log.start();
  one.tell({ state: 'up' });
  await one.clock.advance(minutes(3));
  await one.log.stop();
  const two = open();
  for (const [name, bytes] of one.disk.files) two.disk.files.set(name, bytes);
  await two.clock.advance(minutes(30));
  two.log.start();
  two.tell({ state: 'down' });
  await two.clock.advance(minutes(3));
  await two.log.stop();
  const gaps = two.told().filter((told) => told.type === 'gap');
  assert.deepEqual(
    gaps.map(({ from, to }) => to - from),
    [minutes(27)],
  );
});
