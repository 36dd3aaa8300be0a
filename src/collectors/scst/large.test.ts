/** Thousands of LUNs: all of them are seen, in slices, and a glance is bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capturedFiles, changed } from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { largeConf, largeScst } from '../../../test/support/scst-tree.ts';
import { ScstEye } from './eye.ts';
import { devicesMax, inWorkReadsMax } from './glance.ts';
import { open } from './scst.fixture.ts';

const luns = 5000;

/** A clock on which every look at it takes 10 µs: as a read of an attribute does. */
class WorkingClock extends FakeClock {
  rests = 0;
  #worked = 0;
  override monotonic(): number {
    this.#worked += 0.01;
    return super.monotonic() + this.#worked;
  }
  override soon(call: () => void): void {
    this.rests += 1;
    super.soon(call);
  }
}

test('5,000 LUNs are seen in slices, and what a glance reads has a limit', async () => {
  const clock = new WorkingClock();
  const capture = changed(largeScst(luns), { '/etc/scst.conf': largeConf(luns) });
  const eye = new ScstEye({
    clock,
    files: capturedFiles(capture),
    roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
    probes: { run: () => Promise.resolve({ type: 'timeout' }), stuck: () => [] },
    known: { find: () => undefined, list: () => [] },
  });
  const reading = await eye.look();
  assert.ok(reading.type === 'complete');
  const kinds = Map.groupBy(reading.resources, ({ kind }) => kind);
  assert.equal(kinds.get('scst.lun')?.length, luns);
  assert.equal(kinds.get('scst.device')?.length, luns);
  assert.equal(
    reading.resources.filter(({ attributes }) => attributes.declared === false).length,
    0,
  );
  assert.equal(kinds.get('scst.core')?.[0]?.attributes.unsaved, 0);
  // A slice is 500 steps of this clock.
  assert.ok(clock.rests >= (3 * luns) / 500, `${clock.rests} rests`);
  const before = eye.reads;
  const glances = (2 * luns) / inWorkReadsMax;
  for (let i = 0; i < glances; i++) assert.equal(await eye.glance(), undefined);
  // block and active of some devices, commands in work of the one session, and some folders.
  const inGlance = 2 * devicesMax + inWorkReadsMax + 20;
  const inAll = eye.reads - before;
  assert.ok(inAll < glances * inGlance + luns, `${inAll} reads in ${glances} glances`);
  assert.ok(inAll > 2 * luns, `only ${inAll} reads in ${glances} glances`);
});

test('of many devices each has its turn: one that is blocked is told within four seconds', async () => {
  const many = 1000;
  const capture = largeScst(many);
  const { collect, show, pass, resource, stop } = open(capture);
  const blocked = (i: number) => resource('scst.device', `disk${i}`)?.attributes.blocked;
  await collect();
  const chosen = [0, 249, 250, 500, 751, 999];
  const names = chosen.map((i) => `/sys/kernel/scst_tgt/devices/disk${i}/block`);
  show(changed(capture, Object.fromEntries(names.map((name) => [name, '1 0\n']))));
  await pass(many / devicesMax);
  assert.deepEqual(chosen.map(blocked), [1, 1, 1, 1, 1, 1]);
  stop();
});
