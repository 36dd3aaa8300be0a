import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed } from '../../../test/support/captures.ts';
import { minutes, seconds } from '../../domain/time.ts';
import type { ProbeOutcome } from '../../platform/probes.ts';
import { House, machine } from './host.fixture.ts';

const chip = '/sys/class/hwmon/hwmon0';
// Laid out as coretemp, nct6775 and nvme lay theirs out (Documentation/hwmon).
const hwmon = changed(machine, {
  [`${chip}/name`]: 'coretemp\n',
  [`${chip}/device`]: { type: 'link', target: '../../../coretemp.0' },
  [`${chip}/temp1_label`]: 'Package id 0\n',
  [`${chip}/temp1_input`]: '41000\n',
  [`${chip}/temp1_crit`]: '100000\n',
  [`${chip}/temp1_max`]: '80000\n',
  [`${chip}/temp1_crit_alarm`]: '0\n',
  '/sys/class/hwmon/hwmon1/name': 'nct6775\n',
  '/sys/class/hwmon/hwmon1/fan2_input': '0\n',
  '/sys/class/hwmon/hwmon1/fan2_alarm': '1\n',
  '/sys/class/hwmon/hwmon1/in0_alarm': '1\n',
  '/sys/class/hwmon/hwmon2/name': 'nvme\n',
  '/sys/class/hwmon/hwmon2/temp1_input': '30000\n',
});
const said = (stdout: string): ProbeOutcome => ({
  type: 'ended',
  exitStatus: 0,
  signal: null,
  stdout,
  stderr: '',
  truncated: false,
});
const whole = [
  `${chip}/temp1_input:41000`,
  `${chip}/temp1_crit:100000`,
  `${chip}/temp1_crit_alarm:0`,
  '/sys/class/hwmon/hwmon1/fan2_input:0',
  '/sys/class/hwmon/hwmon1/fan2_alarm:1',
].join('\n');

async function started(outcome: ProbeOutcome): Promise<House> {
  const house = new House(undefined, hwmon);
  house.sensors = outcome;
  await house.start();
  await house.look();
  return house;
}
const cpu = 'coretemp@coretemp.0/temp1';

test('temperatures and fans are read in one child, and disks are left alone', async () => {
  const house = await started(said(whole));
  const package0 = await house.attributes('system.sensor', cpu);
  assert.deepEqual(package0, {
    type: 'temperature',
    chip: 'coretemp',
    label: 'Package id 0',
    temperatureCelsius: 41,
    criticalCelsius: 100,
    speedRpm: null,
    alarm: false,
    fault: null,
  });
  const fan = await house.attributes('system.sensor', 'nct6775/fan2');
  assert.deepEqual(
    [fan.type, fan.speedRpm, fan.alarm, fan.criticalCelsius],
    ['fan', 0, true, null],
  );
  assert.equal(house.asks.length, 1);
  assert.deepEqual(
    house.asks[0]?.filter((word) => word.includes('hwmon2')),
    [],
  );
  await house.clock.advance(minutes(1));
  await house.look();
  assert.equal(house.asks.length, 2);
});

test('a chip that does not answer is unreadable, and the machine is read all the same', async () => {
  const house = await started({ type: 'timeout' });
  const found = await house.attributes('system.sensor', cpu);
  const why = { unreadable: 'no answer within 10 seconds' };
  assert.deepEqual([found.temperatureCelsius, found.alarm, found.speedRpm], [why, why, null]);
  assert.equal((await house.attributes('system.host', 'appliance')).load1, 1.97);
});

test('a chip that cannot be listed any more is doubted, not gone', async () => {
  const eio = { type: 'error', code: 'EIO' } as const;
  for (const refused of ['/sys/class/hwmon', chip, `${chip}/name`]) {
    const house = await started(said(whole));
    house.capture = changed(hwmon, { [refused]: eio });
    house.sensors = said('');
    await house.clock.advance(minutes(1));
    await house.look();
    const found = await house.attributes('system.sensor', cpu);
    const why = { unreadable: `${chip}/temp1_input cannot be read` };
    assert.deepEqual(found.temperatureCelsius, why, refused);
  }
});

test('one value that is missing leaves the others', async () => {
  const house = await started(said(whole.replace(`${chip}/temp1_input:41000\n`, '')));
  await house.clock.advance(seconds(1));
  const found = await house.attributes('system.sensor', cpu);
  assert.deepEqual(found.temperatureCelsius, {
    unreadable: `${chip}/temp1_input cannot be read`,
  });
  assert.equal(found.criticalCelsius, 100);
});

test('a machine without sensors starts no child', async () => {
  const house = await new House().start();
  await house.look();
  assert.deepEqual(house.asks, []);
});
