/** What goes wrong while one looks: each fault harms the fact that it hits and no other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Capture, capturedFiles, changed } from '../../../test/support/captures.ts';
import { type Files, systemFiles } from '../../platform/files.ts';
import { answerFrom, backup1, captureOf, open, sessionPath, tgt, vm } from './scst.fixture.ts';

const idle = captureOf('iii-session-idle');
const target = `iscsi/${backup1}`;
const session = `${target}/${vm}`;
const error = (code: string) => ({ type: 'error', code }) as const;

/** The house after a first complete reading of `capture`. */
async function look(capture: Capture, options: Parameters<typeof open>[1] = {}) {
  const house = open(capture, options);
  await house.collect();
  await house.pass(1);
  const fact = (kind: string, id: string, name: string) =>
    house.resource(kind, id)?.attributes[name];
  return { ...house, fact };
}

test('EIO on one attribute makes that one unreadable, and all others are there', async () => {
  const bad = changed(idle, {
    [`${tgt}/targets/iscsi/${backup1}/enabled`]: error('EIO'),
    [`${tgt}/devices/disk1/active`]: error('EAGAIN'),
    [`${tgt}/devices/blk1/block`]: 'what\n',
  });
  const { fact, stop } = await look(bad);
  assert.deepEqual(fact('scst.target', target, 'enabled'), { unreadable: 'EIO' });
  assert.equal(fact('scst.target', target, 'sessions'), 1);
  assert.deepEqual(fact('scst.device', 'disk1', 'active'), {
    unreadable: 'EAGAIN: queued behind other work of SCST',
  });
  assert.deepEqual(fact('scst.device', 'blk1', 'blocked'), {
    unreadable: 'not two numbers: "what"',
  });
  assert.equal(fact('scst.device', 'null1', 'present'), true);
  stop();
});

/** Files in which folders refuse to be listed. */
const refusing = (capture: Capture, paths: readonly string[]): Files => {
  const files = capturedFiles(capture);
  return {
    ...files,
    list: (path) => {
      if (paths.includes(path)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return files.list(path);
    },
  };
};

test('a folder of sessions that refuses loses no session', async () => {
  const { fact, show, pass, collect, stop, readings } = await look(idle);
  const before = readings.length;
  show(refusing(idle, [`${tgt}/targets/iscsi/${backup1}/sessions`]));
  await pass(2);
  await collect();
  assert.deepEqual(fact('scst.target', target, 'sessions'), { unreadable: 'EIO' });
  assert.equal(fact('scst.session', session, 'present'), true);
  assert.deepEqual(
    readings.slice(before).flatMap((one) => ('events' in one ? one.events : [])),
    [],
  );
  show(idle);
  await pass(2);
  assert.equal(fact('scst.target', target, 'sessions'), 1);
  stop();
});

test('a folder of LUNs or of a driver that refuses says nothing is missing', async () => {
  const { fact, show, collect, stop } = await look(idle);
  show(refusing(idle, [`${tgt}/targets/iscsi/${backup1}/luns`]));
  await collect();
  assert.equal(fact('scst.lun', `${target}/0`, 'present'), true);
  assert.deepEqual(fact('scst.target', target, 'luns'), { unreadable: 'EIO' });
  show(refusing(idle, [`${tgt}/targets/iscsi`]));
  await collect();
  assert.equal(fact('scst.target', target, 'present'), true);
  stop();
  const fresh = open(refusing(idle, [`${tgt}/targets/iscsi`]));
  await fresh.collect();
  const missing = fresh.resource('scst.target', target)?.attributes.present;
  assert.deepEqual(missing, { unreadable: 'EIO' });
  fresh.stop();
});

test('devices that cannot be listed at all are "could not look"', async () => {
  const house = open(refusing(idle, [`${tgt}/devices`]));
  const reading = await house.collect();
  assert.equal(reading.type, 'failed');
  house.stop();
});

test('what goes away in the middle of the walk is left out, and the rest is there', async () => {
  const files = capturedFiles(idle);
  const gone = [`${tgt}/devices/null1`, sessionPath];
  const isGone = (path: string): boolean => gone.some((one) => path.startsWith(`${one}/`));
  const house = open({
    ...files,
    readAttribute: (path) => (isGone(path) ? undefined : files.readAttribute(path)),
    readLink: (path) => (isGone(path) ? undefined : files.readLink(path)),
  });
  await house.collect();
  assert.equal(house.resource('scst.device', 'null1')?.attributes.present, false);
  assert.equal(house.resource('scst.session', session), undefined);
  assert.equal(house.resource('scst.device', 'disk1')?.attributes.present, true);
  house.stop();
});

test('a tree that changes at every read is looked at to the end', async () => {
  const other = captureOf('v-f2-session-recovered', 'scst-vi.conf');
  const [a, b] = [capturedFiles(idle), capturedFiles(other)];
  let turn = 0;
  const some = (): Files => (turn++ % 2 === 0 ? a : b);
  const house = open({
    ...systemFiles,
    readText: (path) => some().readText(path),
    readAttribute: (path) => some().readAttribute(path),
    list: (path) => some().list(path),
    readLink: (path) => some().readLink(path),
  });
  const reading = await house.collect();
  assert.equal(reading.type, 'complete');
  await house.pass(3);
  house.show(idle);
  await house.collect();
  assert.equal(house.resource('scst.lun', `${target}/0`)?.attributes.device, 'disk1');
  house.stop();
});

test('an unanswered queued read is unknown, tells of a stuck queue, and stops nothing', async () => {
  const silent = (files: () => Files) => (argv: readonly string[]) =>
    argv[0] === 'grep' ? ({ type: 'timeout' } as const) : answerFrom(files)(argv);
  const { fact, pass, show, stop } = await look(idle, { answer: silent });
  const why = { unreadable: 'the queue of SCST does not answer' };
  assert.deepEqual(fact('scst.session', session, 'activeCommands'), why);
  assert.equal(typeof fact('scst.core', 'scst', 'managementStuckSince'), 'number');
  assert.equal(fact('scst.session', session, 'lunCommands'), 0);
  show(changed(idle, { [`${tgt}/targets/iscsi/${backup1}/enabled`]: '0\n' }));
  await pass(1);
  assert.equal(fact('scst.target', target, 'enabled'), false);
  stop();
});

test('a child that never ends holds neither glances nor walks', async () => {
  const never = () => () => new Promise<never>(() => {});
  const { fact, pass, show, collect, stop } = await look(idle, { answer: never });
  show(changed(idle, { [`${tgt}/suspend`]: '1\n' }));
  await pass(1);
  assert.equal(fact('scst.core', 'scst', 'suspended'), 1);
  assert.equal((await collect()).type, 'complete');
  stop();
});

test('work that stays queued shows since when', async () => {
  const { fact, pass, show, stop, clock } = await look(idle);
  show(changed(idle, { [`${tgt}/last_sysfs_mgmt_res`]: error('EAGAIN') }));
  await pass(1);
  const since = clock.now();
  await pass(60);
  assert.equal(fact('scst.core', 'scst', 'managementStuckSince'), since);
  show(idle);
  await pass(1);
  assert.equal(fact('scst.core', 'scst', 'managementStuckSince'), null);
  stop();
});

test('a configuration that breaks makes declarations unknown, never "not declared"', async () => {
  const { fact, show, collect, stop } = await look(
    changed(idle, { [`${tgt}/targets/iscsi/${backup1}/luns/2`]: undefined }),
  );
  assert.equal(fact('scst.lun', `${target}/2`, 'present'), false);
  show(changed(captureOf('ii-configured'), { '/etc/scst.conf': 'HANDLER a {\n' }));
  await collect();
  const why = { unreadable: '/etc/scst.conf:1: this { is never closed' };
  assert.deepEqual(fact('scst.target', target, 'declared'), why);
  assert.deepEqual(fact('scst.lun', `${target}/2`, 'declared'), why);
  assert.deepEqual(fact('scst.core', 'scst', 'declaredTargets'), why);
  assert.equal(fact('scst.core', 'scst', 'configuration'), 'broken');
  assert.equal(fact('scst.core', 'scst', 'configurationProblem'), why.unreadable);
  show(changed(idle, { '/etc/scst.conf': error('EACCES') }));
  await collect();
  const problem = fact('scst.core', 'scst', 'configurationProblem');
  assert.equal(problem, '/etc/scst.conf cannot be read: EACCES');
  stop();
});

test('iscsi-scstd dies: the driver is closed, and its targets are missing', async () => {
  const { fact, show, pass, stop } = await look(idle);
  const iscsi = `${tgt}/targets/iscsi`;
  show(
    changed(idle, {
      [`${iscsi}/${backup1}`]: undefined,
      [`${iscsi}/enabled`]: undefined,
      [`${iscsi}/open_state`]: 'closed\n',
    }),
  );
  await pass(1);
  assert.equal(fact('scst.driver', 'iscsi', 'openState'), 'closed');
  assert.equal(fact('scst.driver', 'iscsi', 'expected'), true);
  assert.equal(fact('scst.driver', 'iscsi', 'enabled'), null);
  assert.equal(fact('scst.target', target, 'present'), false);
  assert.equal(fact('scst.session', session, 'present'), false);
  show(idle);
  await pass(1);
  assert.equal(fact('scst.driver', 'iscsi', 'enabled'), true);
  assert.equal(fact('scst.target', target, 'present'), true);
  stop();
});

test('without SCST a machine is absent, unless its service is enabled', async () => {
  const none: Capture = new Map();
  const house = open(none);
  assert.equal((await house.collect()).type, 'absent');
  house.show(captureOf('i-core-only'));
  await house.pass(1);
  assert.deepEqual(house.lookedAgain, ['SCST was loaded']);
  house.stop();
  const enabled = open(none, { units: { 'scst.service': 'enabled' } });
  await enabled.collect();
  const { loaded, expected } = enabled.resource('scst.core', 'scst')?.attributes ?? {};
  assert.deepEqual([loaded, expected], [false, true]);
  enabled.stop();
});
