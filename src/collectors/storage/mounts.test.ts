/** Repositories and mounts: what is watched, what is missing, and what does not answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../../test/support/fake-clock.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemCommand } from '../../platform/command.ts';
import { createProbes, type ProbeOutcome } from '../../platform/probes.ts';
import { attributesOf, failed, House, idsOf, pick, said } from './house.fixture.ts';
import { createLooks } from './looks.ts';

const root = '27 1 254:0 / / ro,relatime shared:1 - ext4 /dev/vda rw\n';
const mountinfo = '/proc/self/mountinfo';
const repository = (name: string, place: string, onRoot = false) =>
  ({ name, kind: 'path', place, onRoot }) as const;

test('one file system is one place, however often it is mounted', async () => {
  const house = new House({
    [mountinfo]: [
      root,
      '30 27 8:1 / /srv rw - xfs /dev/sda1 rw\n',
      '31 27 8:1 /a /mnt/bind rw - xfs /dev/sda1 rw\n',
      '32 27 254:0 /tmp/x /var/tmp rw - ext4 /dev/vda rw\n',
      '33 27 0:33 / /var/cache rw - tmpfs tmpfs rw\n',
      '34 27 8:2 / /else rw - xfs /dev/sda2 rw\n',
    ].join(''),
  });
  assert.deepEqual(idsOf(await house.collect()), ['/', '/srv']);
  assert.deepEqual(house.asked.toSorted(), ['mount /', 'mount /srv']);
});

test('a repository of the settings stands for its mount, and the first of two for both', async () => {
  const repositories = [repository('main', '/srv/backup'), repository('other', '/srv/other')];
  const mounts = `${root}30 27 8:1 / /srv rw - xfs /dev/sda1 rw\n`;
  const house = new House({ [mountinfo]: mounts }, { repositories });
  const all = await house.collect();
  assert.deepEqual(idsOf(all), ['main', 'other', '/']);
  const main = attributesOf(all, 'main');
  const names = ['sizeBytes', 'usedBytes', 'availableBytes', 'sharedWith', 'onRootFilesystem'];
  assert.deepEqual(pick(main, ...names), {
    sizeBytes: 1_000_000,
    usedBytes: 500_000,
    availableBytes: 450_000,
    sharedWith: null,
    onRootFilesystem: false,
  });
  // As df: what is reserved for root counts as used up.
  assert.equal(Number(main.usedRatio).toFixed(4), '0.5263');
  assert.equal(attributesOf(all, 'other').sharedWith, 'main');
});

test('what fstab wants is watched, and its figures are not those of the folder below', async () => {
  const repositories = [repository('main', '/backup/jobs')];
  const fstab = '/dev/vda / ext4 rw 0 1\nnas:/b /backup nfs rw 0 0\nUUID=1 /odd xfs rw 0 0\n';
  const house = new House({ [mountinfo]: root, '/etc/fstab': fstab }, { repositories });
  const before = await house.collect();
  assert.deepEqual(idsOf(before), ['main', '/', '/odd', '/backup']);
  const names = ['mounted', 'declaredMounted', 'usedBytes', 'reason', 'mountUnit', 'readOnly'];
  assert.deepEqual(pick(attributesOf(before, 'main'), ...names), {
    mounted: false,
    declaredMounted: true,
    usedBytes: '! not mounted',
    reason: 'not mounted',
    mountUnit: 'backup.mount',
    readOnly: null,
  });
  assert.deepEqual(house.asked, ['mount /']);
  house.change({ [mountinfo]: `${root}40 27 0:40 / /backup rw - nfs4 nas:/b rw\n` });
  const after = await house.collect();
  assert.deepEqual(pick(attributesOf(after, 'main'), 'mounted', 'usedBytes', 'reason'), {
    mounted: true,
    usedBytes: 500_000,
    reason: null,
  });
});

test('an enabled mount unit declares as fstab does, a static one does not', async () => {
  const house = new House({ [mountinfo]: root });
  const unit = (id: string, unitFileState: string) => ({
    kind: 'systemd.unit',
    id,
    collector: 'systemd',
    attributes: { unitFileState },
    changedAt: 0,
    readAt: 0,
    staleSince: null,
  });
  house.units.push(unit('far\\x2daway.mount', 'enabled'), unit('dev-mqueue.mount', 'static'));
  house.units.push(unit('backup.service', 'enabled'));
  const all = await house.collect();
  assert.deepEqual(idsOf(all), ['/', '/far-away']);
  assert.equal(attributesOf(all, '/far-away').mounted, false);
});

test('nobody wakes an automount, or looks below the sandbox', async () => {
  const house = new House(
    {
      [mountinfo]: [
        root,
        '41 27 0:50 / /mnt/auto rw - autofs systemd-1 rw\n',
        '42 27 8:33 / /home rw - ext4 /dev/sdc1 rw\n',
        '43 42 0:25 /systemd/inaccessible/dir /home ro - tmpfs tmpfs rw\n',
      ].join(''),
      '/etc/fstab': 'nas:/x /mnt/auto nfs x-systemd.automount 0 0\n',
    },
    { repositories: [repository('auto', '/mnt/auto/jobs')] },
  );
  const all = await house.collect();
  assert.deepEqual(house.asked, ['mount /']);
  assert.deepEqual(pick(attributesOf(all, 'auto'), 'mounted', 'declaredMounted', 'usedBytes'), {
    mounted: false,
    declaredMounted: false,
    usedBytes: null,
  });
  assert.match(String(attributesOf(all, '/home').usedBytes), /^! hidden by the sandbox/);
});

test('a repository on the root disk is seen, also behind a bind mount', async () => {
  const mounts = `${root}50 27 254:0 /data /backup rw - ext4 /dev/vda rw\n`;
  const repositories = [repository('a', '/backup'), repository('b', '/var/b', true)];
  const house = new House({ [mountinfo]: mounts }, { repositories });
  const all = await house.collect();
  const names = ['onRootFilesystem', 'onRootAllowed'];
  assert.deepEqual(pick(attributesOf(all, 'a'), ...names), {
    onRootFilesystem: true,
    onRootAllowed: false,
  });
  assert.equal(attributesOf(all, 'b').onRootAllowed, true);
});

test('errors of statfs: gone, out of reach, and not allowed are three things', async () => {
  const repositories = ['/gone', '/dead', '/stale', '/secret', '/odd'].map((path) =>
    repository(path, path),
  );
  const house = new House({ [mountinfo]: root }, { repositories });
  const error = (path: string, why: string): void =>
    void house.answers.set(`mount ${path}`, () => failed(`stat: cannot … '${path}': ${why}\n`));
  error('/gone', 'No such file or directory');
  error('/dead', 'Input/output error');
  error('/stale', 'Stale file handle');
  error('/secret', 'Permission denied');
  house.answers.set('mount /odd', () => said('0 0 0 4096 0 0\n'));
  const all = await house.collect();
  const seen = repositories.map(({ name }) => {
    const { present, reachable, usedBytes } = attributesOf(all, name);
    return [name, present, reachable, usedBytes];
  });
  assert.deepEqual(seen, [
    ['/gone', false, null, null],
    ['/dead', '! Input/output error', false, '! Input/output error'],
    ['/stale', '! Stale file handle', false, '! Stale file handle'],
    ['/secret', '! Permission denied', '! Permission denied', '! Permission denied'],
    ['/odd', ...Array.from({ length: 3 }, () => '! its file system tells no size')],
  ]);
});

test('a repository that nobody lets us look at is said to be unseen, until it can be seen', async () => {
  const repositories = ['/home/a', '/home/b', '/srv/c'].map((path) => repository(path, path));
  const house = new House({ [mountinfo]: root }, { repositories });
  void house.watch();
  const refuse = (): ProbeOutcome => failed('stat: cannot … : Permission denied\n');
  for (const path of ['/home/a', '/home/b']) house.answers.set(`mount ${path}`, refuse);
  await house.collect();
  const why = '/home/a: Permission denied; /home/b: Permission denied';
  assert.equal(house.blind.get('repositories'), why);
  house.answers.clear();
  await house.collect();
  assert.equal(house.blind.get('repositories'), null);
});

test('a dead mount costs the others nothing, is not waited for twice, and is told when it is back', async () => {
  const mounts = ['/mnt/dead', '/mnt/a', '/mnt/b'].map(
    (point, i) => `${60 + i} 27 0:${60 + i} / ${point} rw - nfs4 nas:${point} rw\n`,
  );
  const house = new House({ [mountinfo]: root + mounts.join('') });
  void house.watch();
  house.answers.set('mount /mnt/dead', () => ({ type: 'timeout' }));
  const first = await house.collect();
  const names = ['reachable', 'reason', 'usedBytes'];
  const dead = {
    reachable: false,
    reason: 'no answer within 10s',
    usedBytes: '! no answer within 10s',
  };
  assert.deepEqual(pick(attributesOf(first, '/mnt/dead'), ...names), dead);
  assert.equal(attributesOf(first, '/mnt/b').usedBytes, 500_000);
  // From now on it hangs: a look at everything ends all the same.
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  house.answers.set('mount /mnt/dead', () => promise);
  const second = await house.collect();
  assert.deepEqual(pick(attributesOf(second, '/mnt/dead'), ...names), dead);
  assert.equal(attributesOf(second, '/mnt/a').reachable, true);
  resolve(said('1000 500 450 1000 100 90\n'));
  await settled();
  assert.deepEqual(
    house.told.map((reading) => reading.type === 'partial' && idsOf(reading.resources)),
    [['/mnt/dead']],
  );
  assert.equal(attributesOf(await house.collect(), '/mnt/dead').reachable, true);
});

test('a probe that hangs in the kernel says so', async () => {
  const house = new House({ [mountinfo]: root });
  house.answers.set('mount /', () => ({ type: 'busy', since: 0, stuck: true }));
  const { reachable, reason } = attributesOf(await house.collect(), '/');
  assert.deepEqual([reachable, reason], [false, 'a look at it hangs in the kernel']);
});

test('a first look that takes too long is not waited for', async () => {
  const house = new House({ [mountinfo]: `${root}30 27 8:1 / /srv rw - xfs /dev/sda1 rw\n` });
  house.answers.set('mount /srv', () => new Promise<ProbeOutcome>(() => {}));
  const looking = house.collect();
  await house.clock.advance(25_000);
  const all = await looking;
  assert.equal('usedBytes' in attributesOf(all, '/srv'), false);
  assert.equal(attributesOf(all, '/').usedBytes, 500_000);
});

test('the limit holds for a child that ignores SIGTERM', async () => {
  const probes = createProbes(systemCommand, systemClock);
  const stubborn = createLooks(
    {
      ...probes,
      run: (object, _argv, options) =>
        probes.run(object, ['sh', '-c', "trap '' TERM; exec tail -f /dev/null"], options),
    },
    () => {},
    30,
  );
  await stubborn.refresh(['/hung'], new AbortController().signal);
  assert.equal(stubborn.find('/hung')?.type, 'unreachable');
});

test('a remount is told within a second, alone; quiet seconds tell nothing', async () => {
  const data = (options: string): string => `30 27 8:1 / /data rw - ext4 /dev/sda1 ${options}\n`;
  const house = new House({ [mountinfo]: root + data('rw') });
  void house.watch();
  await house.collect();
  await house.clock.advance(5000);
  assert.equal(house.told.length, 0);
  house.change({ [mountinfo]: root + data('ro') });
  await house.clock.advance(1000);
  const told = house.told.at(-1);
  assert.ok(told?.type === 'partial');
  assert.deepEqual(idsOf(told.resources), ['/data']);
  assert.deepEqual(told.resources[0]?.attributes, { readOnly: true });
  house.change({ [mountinfo]: root });
  await house.clock.advance(1000);
  const last = house.told.at(-1);
  assert.deepEqual(last?.type === 'partial' && last.gone, [
    { kind: 'storage.repository', id: '/data' },
  ]);
  assert.equal(house.looks.length, 2);
  house.abort.abort();
});
