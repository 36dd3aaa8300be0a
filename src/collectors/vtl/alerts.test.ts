/** From captured machines to alerts: what is announced, and what stands below it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Capture, changed } from '../../../test/support/captures.ts';
import type { Alert } from '../../domain/alert.ts';
import { type Ms, minutes, seconds } from '../../domain/time.ts';
import { createInventory } from '../../inventory/create.ts';
import { systemFiles } from '../../platform/files.ts';
import { createEngine, emptyMemory } from '../../rules/engine/create.ts';
import { loadRules } from '../../rules/files/load.ts';
import { systemdManager } from '../systemd/kinds.ts';
import { Appliance, captured, ended, settingsText } from './appliance.fixture.ts';
import { vtlCore, vtlDrive, vtlLibrary, vtlMedia } from './kinds.ts';

const kinds = [vtlCore, vtlLibrary, vtlDrive, vtlMedia, systemdManager];
const text = systemFiles.readText(join(import.meta.dirname, 'rules.yaml')) ?? '';
/** The rule that stands for the boot is another folder's. */
const grace = `rules:
  - id: system-starting
    kind: systemd.manager
    when: manager.systemState == "starting"
    severity: info
    source: system
    title: starting
`;
const { rules } = loadRules(
  [
    { folder: 0, name: 'vtl.yaml', path: 'vtl.yaml', text },
    { folder: 0, name: 'systemd.yaml', path: 'systemd.yaml', text: grace },
  ],
  kinds,
);

/** Looks every half minute, as the scheduler does, and judges. */
class Judge {
  readonly appliance: Appliance;
  readonly #inventory = createInventory();
  readonly #engine;
  readonly #collector;

  constructor(capture: Capture) {
    assert.ok(rules);
    this.appliance = new Appliance(capture);
    this.appliance.knowDaemons();
    this.#collector = this.appliance.start();
    const variableOf = (name: string) => kinds.find((one) => one.name === name)?.variable ?? name;
    this.#engine = createEngine(rules, emptyMemory, this.#inventory.past, variableOf);
  }

  /** After `duration`: `rule id` of each alert that fires, behind `<` what it is muted by. */
  async after(duration: Ms): Promise<string[]> {
    const { clock } = this.appliance;
    for (let passed = 0; passed < duration; passed += seconds(30)) {
      const reading = await this.#collector.collect(new AbortController().signal);
      this.#engine.apply(this.#inventory.apply('vtl', reading, clock.now()), clock.now());
      await clock.advance(seconds(30));
      this.#engine.advance(clock.now());
    }
    const firing = this.#engine.active().filter(({ phase }) => phase === 'firing');
    const nameOf = ({ rule, resource }: Alert): string => `${rule} ${resource.id}`;
    const muter = (id: string | undefined): string => {
      const found = firing.find((one) => one.id === id);
      return found === undefined ? '' : ` < ${nameOf(found)}`;
    };
    return firing.map((alert) => nameOf(alert) + muter(alert.mutedBy[0])).sort();
  }
}

test('a healthy machine has no alert, however long it is watched', async () => {
  const judge = new Judge(captured('1-mhvtl-up'));
  const room = () => ended('100000000 70000000 70000000 4096 1000 900');
  const { store } = judge.appliance;
  judge.appliance.store = (argv) => (argv[0] === 'stat' ? room() : store(argv));
  assert.deepEqual(await judge.after(minutes(25)), []);
});

/** What the captured store of 4 GB gives: 72 tapes of 500 MB do not fit. */
const tooMany = 'vtl-media-overcommitted /opt/mhvtl';

test('from up over offline and removed to restarted: one drive, one message', async () => {
  const judge = new Judge(captured('1-mhvtl-up'));
  assert.deepEqual(await judge.after(minutes(5)), [tooMany]);
  judge.appliance.capture = captured('5-st1-offline');
  // The tape collector tells of a device that is offline.
  assert.deepEqual(await judge.after(minutes(5)), [tooMany]);
  judge.appliance.capture = captured('6-st1-removed');
  const missing = ['vtl-device-missing 12', 'vtl-drives-fewer 10 < vtl-device-missing 12', tooMany];
  assert.deepEqual(await judge.after(minutes(5)), missing);
  judge.appliance.capture = captured('7-rescanned');
  assert.deepEqual(await judge.after(minutes(5)), missing);
  judge.appliance.capture = captured('10-after-daemon-restart');
  assert.deepEqual(await judge.after(minutes(1)), [tooMany]);
});

test('a daemon that died leaves its device behind: the daemon is told', async () => {
  const judge = new Judge(captured('1-mhvtl-up'));
  judge.appliance.knowDaemons('11', '30');
  assert.deepEqual(await judge.after(minutes(5)), [
    'vtl-device-without-daemon 11 < vtl-drive-daemon-down 11',
    'vtl-drive-daemon-down 11',
    'vtl-library-daemon-down 30',
    'vtl-library-without-daemon 30 < vtl-library-daemon-down 30',
    tooMany,
  ]);
});

test('after a kernel update without the module, one message stands for all', async () => {
  const judge = new Judge(captured('0-drivers-loaded-no-devices'));
  judge.appliance.knowDaemons('10', '30', '11', '12', '13', '14', '31', '32', '33', '34');
  const fired = await judge.after(minutes(5));
  assert.equal(fired.length, 1 + 1 + 10 + 10 + 2 + 1);
  assert.deepEqual(
    fired.filter((line) => !line.includes(' < ')),
    [tooMany, 'vtl-module-missing mhvtl'],
  );
});

test('when no daemon runs, one message stands for all', async () => {
  const judge = new Judge(captured('1-mhvtl-up'));
  judge.appliance.knowDaemons('10', '30', '11', '12', '13', '14', '31', '32', '33', '34');
  const fired = await judge.after(minutes(5));
  assert.deepEqual(
    fired.filter((line) => !line.includes(' < ')),
    [tooMany, 'vtl-target-empty mhvtl'],
  );
});

test('broken settings are told, and what can be read is still compared', async () => {
  const conf = settingsText('device.conf').replace('Drive: 34 CHANNEL', 'Drive: x CHANNEL');
  const settings = { '/etc/mhvtl/device.conf': conf, '/etc/mhvtl/library_contents.30': undefined };
  const judge = new Judge(changed(captured('6-st1-removed'), settings));
  assert.deepEqual(await judge.after(minutes(5)), [
    'vtl-configuration-broken mhvtl',
    'vtl-device-missing 12',
    'vtl-drives-fewer 10 < vtl-device-missing 12',
    tooMany,
  ]);
});

test('settings that become unreadable hold every alert as it was', async () => {
  const judge = new Judge(captured('6-st1-removed'));
  const before = await judge.after(minutes(5));
  const refusal = { type: 'error', code: 'EACCES' } as const;
  const unreadable = { '/etc/mhvtl/device.conf': refusal };
  judge.appliance.capture = changed(captured('6-st1-removed'), unreadable);
  assert.deepEqual(
    (await judge.after(minutes(5))).filter((line) => line.startsWith('vtl-d')),
    before.filter((line) => line.startsWith('vtl-d')),
  );
});

test('a media store that hangs is one message, and holds what it cannot say', async () => {
  const judge = new Judge(captured('1-mhvtl-up'));
  judge.appliance.store = () => ({ type: 'timeout' });
  assert.deepEqual(await judge.after(minutes(5)), ['vtl-media-unreachable /opt/mhvtl']);
});
