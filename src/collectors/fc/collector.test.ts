/**
 * Fibre Channel ports. No machine with such an adapter was captured: the trees here are made up
 * from the formats of drivers/scsi/scsi_transport_fc.c (names "0x%llx", statistics "0x%llx" with
 * -1 for "not counted", states and speeds by its tables of words).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Capture,
  capturedFiles,
  changed,
  type Entry,
} from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { isUnreadable, type Reading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { days } from '../../domain/time.ts';
import type { RunningCollector, Watcher } from '../collector.ts';
import { fc as collector } from './collector.ts';
import { parseSpeed, parseStatistic, parseWwpn } from './ports.ts';

const first = '21:00:00:24:ff:5c:3d:1a';
const second = '21:00:00:24:ff:5c:3d:1b';
const broken: Entry = { type: 'error', code: 'EIO' };

const portFiles = (host: string, name: string, mode: string): Record<string, string> => ({
  [`/sys/class/fc_host/${host}/port_name`]: `${name}\n`,
  [`/sys/class/fc_host/${host}/port_state`]: 'Online\n',
  [`/sys/class/fc_host/${host}/port_type`]: 'NPort (fabric via point-to-point)\n',
  [`/sys/class/fc_host/${host}/speed`]: '16 Gbit\n',
  [`/sys/class/fc_host/${host}/statistics/link_failure_count`]: '0x2\n',
  [`/sys/class/fc_host/${host}/statistics/loss_of_sync_count`]: '0x10\n',
  [`/sys/class/fc_host/${host}/statistics/loss_of_signal_count`]: '0xffffffffffffffff\n',
  [`/sys/class/fc_host/${host}/statistics/invalid_crc_count`]: '0x0\n',
  [`/sys/class/fc_host/${host}/statistics/invalid_tx_word_count`]: '0x1f\n',
  [`/sys/class/scsi_host/${host}/active_mode`]: `${mode}\n`,
});
const twoPorts = changed(new Map(), {
  ...portFiles('host7', '0x21000024ff5c3d1a', 'Target'),
  ...portFiles('host8', '0x21000024ff5c3d1b', 'Initiator'),
});

/** A machine whose tree a test can change; what is saved outlives `start`. */
class Machine {
  readonly clock = new FakeClock();
  readonly saves: string[] = [];
  tree: Capture = twoPorts;
  targets: Resource[] = [];
  #running: RunningCollector;

  constructor() {
    this.#running = this.start([]);
  }

  /** A new start of the collector; what was saved is there. */
  restart(...forget: readonly string[]): void {
    this.#running = this.start(forget);
  }

  start(forget: readonly string[]): RunningCollector {
    const files = new Proxy(capturedFiles(this.tree), {
      get: (_target, name) => Reflect.get(capturedFiles(this.tree), name),
    });
    const running = collector.start(
      {
        clock: this.clock,
        files,
        roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
        known: { find: () => undefined, list: () => this.targets },
      },
      { forget },
    );
    const watcher: Partial<Watcher> = {
      saveCursor: (_name, value) => void this.saves.push(value),
      cursor: () => this.saves.at(-1),
    };
    void running.watch?.(watcher as Watcher);
    return running;
  }

  collect(): Promise<Reading> {
    return this.#running.collect(new AbortController().signal);
  }

  /** `WWPN name=value …` of each port. */
  async look(...names: readonly string[]): Promise<string[]> {
    const found = await this.collect();
    if (found.type !== 'complete') return [found.type];
    return found.resources.map(({ id, attributes }) =>
      [id, ...names.map((name) => `${name}=${spelled(attributes[name])}`)].join(' '),
    );
  }
}

const spelled = (value: unknown): string =>
  isUnreadable(value) ? '!' : JSON.stringify(value ?? null).replaceAll('"', '');

test('each port has its name, link, speed and errors', async () => {
  const machine = new Machine();
  assert.deepEqual(await machine.look('host', 'portState', 'mode', 'speedGigabits', 'expected'), [
    `${first} host=host7 portState=Online mode=Target speedGigabits=16 expected=true`,
    `${second} host=host8 portState=Online mode=Initiator speedGigabits=16 expected=true`,
  ]);
  const [errors] = await machine.look('lossesOfSync', 'lossesOfSignal', 'linkFaults');
  assert.equal(errors, `${first} lossesOfSync=16 lossesOfSignal=null linkFaults=18`);
  const [faults] = await machine.look('invalidCrcs', 'transmissionFaults');
  assert.equal(faults, `${first} invalidCrcs=0 transmissionFaults=31`);
});

test('a machine without Fibre Channel has none', async () => {
  const machine = new Machine();
  machine.tree = new Map();
  assert.deepEqual(await machine.collect(), { type: 'absent', why: 'no Fibre Channel port' });
});

test('a folder that cannot be read is a failure, not an absence', async () => {
  const machine = new Machine();
  const files = capturedFiles(twoPorts);
  const refuse = () => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const running = collector.start(
    {
      clock: machine.clock,
      files: { ...files, list: refuse },
      roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
      known: { find: () => undefined, list: () => [] },
    },
    { forget: [] },
  );
  const reading = await running.collect(new AbortController().signal);
  assert.equal(reading.type, 'failed');
});

test('a port that was never online is not expected, unless SCST has an enabled target on it', async () => {
  const machine = new Machine();
  machine.tree = changed(twoPorts, {
    '/sys/class/fc_host/host7/port_state': 'Linkdown\n',
    '/sys/class/fc_host/host8/port_state': 'Linkdown\n',
  });
  assert.deepEqual(await machine.look('expected'), [
    `${first} expected=false`,
    `${second} expected=false`,
  ]);
  const times = { changedAt: 0, readAt: 0, staleSince: null };
  const target = { kind: 'scst.target', collector: 'scst', ...times };
  machine.targets = [
    { ...target, id: `qla2x00t/${first}`, attributes: { enabled: true } },
    { ...target, id: `qla2x00t/${second}`, attributes: { enabled: false } },
  ];
  assert.deepEqual(await machine.look('expected'), [
    `${first} expected=true`,
    `${second} expected=false`,
  ]);
});

test('a port that was online once is expected when its link goes down', async () => {
  const machine = new Machine();
  await machine.look();
  machine.tree = changed(twoPorts, { '/sys/class/fc_host/host7/port_state': 'Linkdown\n' });
  for (let i = 0; i < 2; i++) {
    const [port] = await machine.look('portState', 'expected');
    assert.equal(port, `${first} portState=Linkdown expected=true`);
  }
});

test('a port that was online and is gone stays, over a restart, until it is forgotten', async () => {
  const machine = new Machine();
  await machine.look();
  machine.tree = changed(twoPorts, { '/sys/class/fc_host/host8': undefined });
  const gone = `${second} present=false expected=true absentSince=${machine.clock.now()}`;
  const seen = async () => (await machine.look('present', 'expected', 'absentSince'))[1];
  assert.equal(await seen(), gone);
  await machine.clock.advance(60_000);
  assert.equal(await seen(), gone);
  machine.restart();
  assert.equal(await seen(), gone);
  machine.restart(second.toUpperCase());
  assert.equal(await seen(), undefined);
  machine.restart();
  assert.equal(await seen(), undefined);
});

test('what is missing for thirty days is not waited for any more', async () => {
  const machine = new Machine();
  await machine.look();
  machine.tree = new Map();
  assert.equal((await machine.look()).length, 2);
  machine.clock.jump(days(31));
  assert.deepEqual(await machine.look(), ['absent']);
});

test('a slower link is measured by the best, until it has been slower for thirty days', async () => {
  const machine = new Machine();
  const seen = async () => (await machine.look('speedGigabits', 'bestSpeedGigabits'))[0];
  assert.equal(await seen(), `${first} speedGigabits=16 bestSpeedGigabits=16`);
  machine.tree = changed(twoPorts, { '/sys/class/fc_host/host7/speed': '8 Gbit\n' });
  assert.equal(await seen(), `${first} speedGigabits=8 bestSpeedGigabits=16`);
  machine.tree = changed(twoPorts, { '/sys/class/fc_host/host7/speed': 'Unknown\n' });
  assert.equal(await seen(), `${first} speedGigabits=null bestSpeedGigabits=16`);
  machine.tree = changed(twoPorts, { '/sys/class/fc_host/host7/speed': '8 Gbit\n' });
  machine.clock.jump(days(31));
  assert.equal(await seen(), `${first} speedGigabits=8 bestSpeedGigabits=8`);
});

test('a refused name makes the port that is missing then unknown, not gone', async () => {
  const machine = new Machine();
  await machine.look();
  machine.tree = changed(twoPorts, { '/sys/class/fc_host/host8/port_name': broken });
  assert.deepEqual(await machine.look('present', 'portState', 'expected', 'absentSince'), [
    `${first} present=true portState=Online expected=true absentSince=null`,
    `${second} present=! portState=! expected=true absentSince=null`,
  ]);
});

test('a port without a name hides no other that is missing', async () => {
  const machine = new Machine();
  await machine.look();
  const nameless = { '/sys/class/fc_host/host8/port_name': '0x0' };
  machine.tree = changed(twoPorts, nameless);
  assert.deepEqual(await machine.look('present'), [
    `${first} present=true`,
    `${second} present=false`,
  ]);
});

test('refused facts leave the others as they are', async () => {
  const machine = new Machine();
  machine.tree = changed(twoPorts, {
    '/sys/class/fc_host/host7/port_state': broken,
    '/sys/class/fc_host/host7/statistics/link_failure_count': broken,
    '/sys/class/fc_host/host7/speed': undefined,
  });
  const [port] = await machine.look('portState', 'linkFaults', 'transmissionFaults', 'speed');
  assert.equal(port, `${first} portState=! linkFaults=! transmissionFaults=31 speed=null`);
});

test('what is remembered is written only when it changes', async () => {
  const machine = new Machine();
  for (let i = 0; i < 5; i++) await machine.look();
  assert.equal(machine.saves.length, 1);
});

test('what another version kept is no trouble', async () => {
  for (const text of ['', 'null', '{}', '[[1,2]]', '[["x",null]]', '[["x",{"wasOnline":1}]]']) {
    const machine = new Machine();
    machine.saves.push(text);
    machine.restart();
    assert.deepEqual((await machine.look()).slice(0, 2), [first, second]);
  }
});

const noisy = fc.string({
  unit: fc.constantFrom(...Array.from('0x19afF Gbit\n-\0\u00e9')),
  maxLength: 20,
});

test('names, counts and speeds are read as the kernel writes them, and never throw', () => {
  assert.equal(parseWwpn('0x500143802426baf4'), '50:01:43:80:24:26:ba:f4');
  assert.equal(parseWwpn('0x1'), '00:00:00:00:00:00:00:01');
  assert.equal(parseWwpn('0xffffffffffffffff'), undefined);
  assert.equal(parseStatistic('0xffffffffffffffff'), null);
  assert.equal(parseStatistic('12'), undefined);
  assert.equal(parseSpeed('32 Gbit'), 32);
  assert.equal(parseSpeed('Not Negotiated'), undefined);
  fc.assert(
    fc.property(noisy, (text) => {
      parseWwpn(text);
      parseStatistic(text);
      parseSpeed(text);
    }),
    { numRuns: 100 },
  );
});
