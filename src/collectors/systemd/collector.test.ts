import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { capturedFiles, changed } from '../../../test/support/captures.ts';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import type { Event, Reading, ResourceReading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { minutes, seconds } from '../../domain/time.ts';
import type { Journal } from '../../platform/journal.ts';
import type { RunningCollector, Watcher } from '../collector.ts';
import { systemd } from './collector.ts';
import { FakeSystemd } from './fake-systemd.fixture.ts';

const noJournal: Journal = {
  read: () => Promise.resolve({ type: 'unreadable', why: 'no journal here' }),
  follow: () => assert.fail('nothing to follow'),
  lastLines: () => Promise.resolve({ type: 'unreadable', why: 'no journal here' }),
};

/** Everything that one start of the collector said. */
class House implements Watcher {
  readonly fake = new FakeSystemd();
  readonly clock = new FakeClock();
  readonly lastSeenAt = undefined;
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  readonly resources: ResourceReading[] = [];
  readonly events: Event[] = [];
  readonly gone: string[] = [];
  readonly sight: string[] = [];
  readonly eyes: string[] = [];
  found = 0;
  /** What stands under every name, as told by others. */
  reported: Resource | undefined;
  readonly cursors = new Map<string, string>();
  collector: RunningCollector | undefined;

  tell(reading: Reading): void {
    if (reading.type !== 'partial') return;
    this.resources.push(...reading.resources);
    this.events.push(...reading.events);
    this.gone.push(...reading.gone.map(({ id }) => id));
  }
  lookAgain(): void {}
  blind(why: string): void {
    this.sight.push(`blind: ${why}`);
  }
  seeing(): void {
    this.sight.push('seeing');
  }
  blindPart(part: string, why: string | null): void {
    this.eyes.push(`${part}: ${why ?? 'seeing'}`);
  }
  recovered(): void {
    this.found += 1;
  }
  saveCursor(name: string, value: string): void {
    this.cursors.set(name, value);
  }
  wasStored(): boolean {
    return false;
  }
  cursor(name: string): string | undefined {
    return this.cursors.get(name);
  }

  async start(watch: readonly string[] = ['*.service', '*.timer']): Promise<Reading> {
    const files = capturedFiles(
      changed(new Map(), { '/proc/sys/kernel/random/boot_id': 'ab-cd\n' }),
    );
    const known = { find: () => this.reported, list: () => [] };
    const ports = { systemBus: this.fake, clock: this.clock, journal: noJournal, files, known };
    this.collector = systemd.start(ports, { watch, ignore: ['run-*'] });
    void this.collector.watch?.(this);
    return this.look();
  }
  async look(): Promise<Reading> {
    const reading = await this.collector?.collect(this.signal);
    assert.ok(reading);
    return reading;
  }
  stop(): void {
    this.#abort.abort();
  }
  /** States of a unit as they were told, one word each: `failed!` is final. */
  states(id: string): string[] {
    return this.resources
      .filter((one) => one.kind === 'systemd.unit' && one.id === id)
      .map(({ attributes: a }) => `${a.activeState as string}${final(a) ? '!' : ''}`)
      .filter((state, i, all) => state !== all[i - 1]);
  }
  happened(): string[] {
    return this.events.map(({ event, id, foundBy }) => `${event} ${id} ${foundBy}`);
  }
  forget(): void {
    this.resources.length = 0;
    this.events.length = 0;
    this.fake.calls.length = 0;
  }
}

const final = (a: ResourceReading['attributes']): boolean =>
  a.activeState === 'failed' && a.restarting === false;

const find = (reading: Reading, kind: string, id: string): ResourceReading['attributes'] => {
  const all = reading.type === 'complete' ? reading.resources : [];
  return all.find((one) => one.kind === kind && one.id === id)?.attributes ?? {};
};

let house: House;
beforeEach((context) => {
  house = new House();
  if ('after' in context) context.after(() => house.stop());
});

test('the first look knows every unit in full, and subscribes before it asks', async () => {
  house.fake.add('a.service', { NRestarts: 2, MemoryCurrent: 4096n, MainPID: 7 });
  house.fake.add('dev-sda.device');
  const first = await house.start();
  const unit = find(first, 'systemd.unit', 'a.service');
  assert.deepEqual([unit.nRestarts, unit.memoryBytes, unit.mainPid], [2, 4096, 7]);
  assert.deepEqual(find(first, 'systemd.unit', 'dev-sda.device'), {});
  assert.equal(find(first, 'systemd.manager', 'system').systemState, 'running');
  const { calls } = house.fake;
  assert.ok(calls.indexOf('Subscribe') < calls.indexOf('ListUnits'), calls.join());
});

test('without a bus a look fails with the reason, and watching goes on until there is one', async () => {
  house.fake.refuses = 'no such file';
  const first = await house.start();
  assert.deepEqual(first, { type: 'failed', why: 'no system bus: no such file' });
  assert.deepEqual(house.sight, ['blind: no system bus: no such file']);
  assert.deepEqual(house.eyes, ['journal: no journal here']);
  house.fake.refuses = undefined;
  house.fake.add('a.service');
  await house.clock.advance(seconds(1));
  assert.ok(house.sight.includes('seeing'));
  assert.equal((await house.look()).type, 'complete');
});

test('a unit that was failed before tocsin came is told with its own time', async () => {
  house.fake.add('a.service', { ActiveState: 'failed', SubState: 'failed', Result: 'signal' });
  const first = await house.start();
  const told =
    first.type === 'complete' ? first.resources.find(({ id }) => id === 'a.service') : undefined;
  assert.equal(told?.attributes.restarting, false);
  assert.equal(told?.at, told?.attributes.stateChangeAt);
  assert.deepEqual(house.happened(), ['run-failed a.service reconciliation']);
});

test('a failure with Restart=no is told in the same turn, without a question', async () => {
  house.fake.add('a.service');
  await house.start();
  house.fake.begins('a.service');
  house.forget();
  house.fake.fails('a.service');
  assert.deepEqual(house.states('a.service'), ['failed!']);
  assert.deepEqual(house.fake.calls, []);
});

test('a restart passes through failed and is never final', async () => {
  house.fake.add('a.service', { Restart: 'always' });
  await house.start();
  for (let n = 1; n <= 3; n++) {
    house.fake.begins('a.service');
    house.fake.fails('a.service');
    house.fake.change('a.service', { ActiveState: 'activating', SubState: 'auto-restart' });
    house.fake.change('a.service', { NRestarts: n });
    await settled();
  }
  assert.ok(!house.states('a.service').includes('failed!'), house.states('a.service').join());
  const failures = house.events.filter(({ event }) => event === 'run-failed');
  assert.deepEqual(
    failures.map(({ attributes }) => attributes.willRestart),
    [true, true, true],
  );
  assert.equal(house.events.filter(({ event }) => event === 'restarted').length, 3);
});

test('a failed unit that is about to start again keeps the reason of its failure until it does', async () => {
  house.fake.add('a.service');
  await house.start();
  house.fake.begins('a.service');
  house.fake.fails('a.service');
  const of = (name: string): unknown => house.resources.at(-1)?.attributes[name];
  const failedRun = of('invocationId');
  house.forget();
  // In this order, as systemd 252 says it: the result, the run, then the state.
  const unit = house.fake.units.get('a.service') ?? {};
  Object.assign(unit, { Result: 'success', InvocationID: Array.from({ length: 16 }, () => 7) });
  house.fake.announce('a.service');
  await house.look();
  assert.deepEqual(house.states('a.service').concat(house.happened()), []);
  house.fake.change('a.service', { ActiveState: 'activating', SubState: 'start' });
  assert.deepEqual([of('activeState'), of('result')], ['activating', 'success']);
  assert.notEqual(of('invocationId'), failedRun);
  house.fake.fails('a.service');
  assert.deepEqual(house.happened(), ['run-failed a.service signal']);
});

test('a failure that stays, of a unit that could be restarted, is final after one question', async () => {
  house.fake.add('a.service', { Restart: 'on-failure' });
  await house.start();
  house.fake.begins('a.service');
  house.forget();
  house.fake.fails('a.service');
  await settled();
  assert.deepEqual(house.states('a.service'), ['failed', 'failed!']);
  assert.deepEqual(house.fake.calls, ['Get a.service org.freedesktop.systemd1.Unit ActiveState']);
  assert.equal(house.events[0]?.attributes.willRestart, false);
});

test('a question without an answer keeps no failure back', async () => {
  house.fake.add('a.service', { Restart: 'on-failure' });
  await house.start();
  house.fake.begins('a.service');
  house.fake.hangs.add('Get');
  house.fake.fails('a.service');
  await settled();
  house.fake.hangs.clear();
  house.fake.lose();
  await house.clock.advance(seconds(1));
  assert.equal(house.states('a.service').at(-1), 'failed!');
});

test('a forged signal changes nothing', async () => {
  house.fake.add('a.service', { ActiveState: 'active', SubState: 'running' });
  await house.start();
  house.fake.silently('a.service', { ActiveState: 'failed', SubState: 'failed' });
  house.forget();
  house.fake.announce('a.service', ':1.666');
  assert.deepEqual(house.resources, []);
});

test('what no signal announced is found by the next look, counted, and told with its time', async () => {
  house.fake.add('a.service', { ActiveState: 'active', SubState: 'running' });
  await house.start();
  house.fake.silently('a.service', { ActiveState: 'failed', SubState: 'failed', Result: 'signal' });
  const look = await house.look();
  assert.equal(find(look, 'systemd.unit', 'a.service').activeState, 'failed');
  assert.equal(house.found, 1);
  assert.deepEqual(house.happened(), ['run-failed a.service reconciliation']);
});

test('a look at a quiet system costs one listing, five numbers and a slice of details', async () => {
  for (let i = 0; i < 300; i++) house.fake.add(`u${i}.service`);
  await house.start();
  await settled();
  house.forget();
  await house.look();
  await settled();
  const count = (member: string) => house.fake.calls.filter((c) => c.startsWith(member)).length;
  assert.deepEqual([count('ListUnits'), count('GetAll'), count('Get ')], [1, 64, 5]);
  assert.equal(house.found, 0);
});

test('a lost bus is blind time; what happened meanwhile is found when it is back', async () => {
  house.fake.add('a.service', { ActiveState: 'active', SubState: 'running' });
  house.fake.add('b.service', { ActiveState: 'active', SubState: 'running' });
  await house.start();
  house.fake.lose('gone');
  await settled();
  house.fake.silently('a.service', { ActiveState: 'failed', SubState: 'failed', Result: 'signal' });
  house.fake.units.delete('b.service');
  await house.clock.advance(seconds(1));
  assert.deepEqual(house.sight, ['blind: gone', 'seeing']);
  assert.equal(house.states('a.service').at(-1), 'failed!');
  assert.deepEqual(house.gone, ['b.service']);
  assert.ok(house.happened().includes('bus-restarted system signal'));
  house.fake.begins('a.service');
  assert.equal(house.states('a.service').at(-1), 'active');
});

test('a daemon-reload is blind time, and what it leaves alone is not touched', async () => {
  house.fake.add('a.service', { ActiveState: 'failed', SubState: 'failed', Result: 'signal' });
  house.fake.add('b.service', { ActiveState: 'active', SubState: 'running' });
  await house.start();
  house.forget();
  house.fake.reload(() =>
    house.fake.silently('b.service', {
      ActiveState: 'failed',
      SubState: 'failed',
      Result: 'signal',
    }),
  );
  await settled();
  assert.deepEqual(house.sight, ['blind: systemd reads its unit files anew', 'seeing']);
  assert.deepEqual(house.gone, []);
  assert.deepEqual(house.states('a.service'), []);
  assert.deepEqual(house.states('b.service'), ['failed!']);
});

test('reloads without end are followed by one listing in two seconds, and it sees after the last', async () => {
  house.fake.add('a.service', { ActiveState: 'active', SubState: 'running' });
  await house.start();
  house.forget();
  for (let n = 0; n < 40; n++) {
    house.fake.reload(() => {});
    await house.clock.advance(seconds(0.25));
  }
  const listings = () => house.fake.calls.filter((call) => call === 'ListUnits').length;
  assert.ok(listings() <= 6, `${listings()} listings in 10 s`);
  const failed = { ActiveState: 'failed', SubState: 'failed', Result: 'signal' };
  house.fake.reload(() => house.fake.silently('a.service', failed));
  await house.clock.advance(seconds(2));
  assert.equal(house.sight.at(-1), 'seeing');
  assert.equal(house.states('a.service').at(-1), 'failed!');
});

test('after daemon-reexec the new systemd is heard and the old one is not', async () => {
  house.fake.add('a.service', { ActiveState: 'active', SubState: 'running' });
  await house.start();
  const old = house.fake.owner;
  house.fake.reexecute();
  await settled();
  assert.deepEqual(house.gone, []);
  assert.equal(house.sight.at(-1), 'seeing');
  assert.ok(house.happened().includes('reexecuted system signal'));
  house.forget();
  house.fake.silently('a.service', { ActiveState: 'failed', SubState: 'failed', Result: 'signal' });
  house.fake.announce('a.service', old);
  assert.deepEqual(house.states('a.service'), []);
  house.fake.announce('a.service');
  await settled();
  assert.equal(house.states('a.service').at(-1), 'failed!');
});

test('a declared unit that does not exist is there, and is asked for once', async () => {
  const first = await house.start(['*.service', 'must.service']);
  const unit = find(first, 'systemd.unit', 'must.service');
  assert.deepEqual([unit.present, unit.loadState, unit.declared], [false, 'not-found', true]);
  await house.look();
  await house.clock.advance(minutes(3));
  await house.look();
  const asked = house.fake.calls.filter((call) => call.startsWith('GetAll must.service'));
  assert.equal(asked.length, 1);
});

test('units that are loaded and dropped by questions never make an endless loop', async () => {
  house.fake.add('a.service', { ActiveState: 'active', SubState: 'running' });
  house.fake.files.set('b.service', { LoadState: 'loaded', ActiveState: 'inactive' });
  await house.start(['*.service', 'b.service']);
  house.forget();
  for (let n = 0; n < 100; n++) {
    house.fake.say('UnitNew', 'b.service', '/');
    house.fake.say('UnitRemoved', 'b.service', '/');
    house.fake.say('UnitNew', 'c.service', '/');
    house.fake.say('UnitRemoved', 'c.service', '/');
  }
  await house.clock.advance(minutes(1));
  assert.deepEqual(house.fake.calls, []);
});

test('a unit that says nothing after it was loaded is found by one listing soon after', async () => {
  await house.start();
  house.forget();
  house.fake.add('quiet.service', { ActiveState: 'active', SubState: 'running' });
  house.fake.say('UnitNew', 'quiet.service', '/');
  await house.clock.advance(seconds(3));
  assert.deepEqual(house.states('quiet.service'), ['active']);
  assert.equal(house.fake.calls.filter((call) => call === 'ListUnits').length, 1);
});

test('a transient unit that fails and is collected at once leaves its failure and a failed task', async () => {
  await house.start();
  house.fake.add('job.service', { Transient: true });
  house.fake.begins('job.service');
  house.fake.fails('job.service', { ExecMainStatus: 3 });
  house.fake.unload('job.service');
  await settled();
  assert.deepEqual(house.happened(), ['run-failed job.service signal']);
  assert.equal(house.states('job.service').at(-1), 'failed!');
  assert.deepEqual(house.gone, ['job.service']);
  const run = house.resources.findLast(({ kind }) => kind === 'task.run');
  assert.deepEqual(
    [run?.id, run?.attributes.state, run?.attributes.exitStatus],
    ['job', 'failed', 3],
  );
  assert.equal(find(await house.look(), 'task.run', 'job').state, 'failed');
});

test('a run that was reported from within a unit is not told over, unless it was lost with it', async () => {
  await house.start();
  house.fake.add('job.service', { Transient: true });
  const attributes = { source: 'report', state: 'running', startedAt: 1_795_000_000_500 };
  const known = { kind: 'task.run', id: 'job', collector: 'tasks', attributes };
  house.reported = { ...known, changedAt: 0, readAt: 0, staleSince: null };
  house.fake.begins('job.service', { InactiveExitTimestamp: 1_795_000_000_000_000n });
  await settled();
  const runs = () => house.resources.filter(({ kind }) => kind === 'task.run');
  assert.deepEqual(runs(), []);
  house.fake.fails('job.service', { ExecMainStatus: 3 });
  await settled();
  assert.deepEqual(
    runs().map(({ attributes }) => attributes.state),
    ['failed'],
  );
});

test('the victim of a failed dependency knows whom to blame, and stays when it is unloaded', async () => {
  house.fake.add('a.service', { ActiveState: 'failed', SubState: 'failed', Result: 'exit-code' });
  house.fake.add('b.service', { Requires: ['a.service', 'sysinit.target'] });
  house.fake.add('c.service', { Requires: ['b.service'] });
  await house.start();
  house.forget();
  house.fake.say('JobRemoved', 7, '/', 'c.service', 'dependency');
  house.fake.files.set('c.service', { LoadState: 'loaded', Requires: ['b.service'] });
  house.fake.unload('c.service');
  await settled();
  assert.deepEqual(
    house.events.map(({ event, attributes }) => [event, attributes.blockedBy]),
    [['job-failed', 'a.service']],
  );
  const victim = find(await house.look(), 'systemd.unit', 'c.service');
  assert.deepEqual(
    [victim.jobResult, victim.blockedBy, victim.activeState],
    ['dependency', 'a.service', 'inactive'],
  );
  house.fake.add('c.service');
  house.fake.begins('c.service');
  await settled();
  assert.equal(find(await house.look(), 'systemd.unit', 'c.service').jobResult, null);
});

test('5,000 failures in one turn are all told', async () => {
  for (let i = 0; i < 5000; i++)
    house.fake.add(`u${i}.service`, { ActiveState: 'active', SubState: 'running' });
  await house.start();
  await house.clock.advance(seconds(1));
  for (let i = 0; i < 5000; i++) house.fake.fails(`u${i}.service`);
  await settled();
  const failed = new Set(
    house.resources.filter((one) => final(one.attributes)).map(({ id }) => id),
  );
  assert.equal(failed.size, 5000);
  assert.equal(house.events.filter(({ event }) => event === 'run-failed').length, 5000);
});

test('a timer that is active and plans no run is dead', async () => {
  house.fake.add('a.timer', {
    ActiveState: 'active',
    SubState: 'elapsed',
    Unit: 'a.service',
    NextElapseUSecRealtime: 0n,
    NextElapseUSecMonotonic: 2n ** 64n - 1n,
    LastTriggerUSec: 1_794_000_000_000_000n,
    TimersMonotonic: [['OnUnitActiveUSec', 60_000_000n, 0n]],
  });
  const timer = find(await house.start(), 'systemd.timer', 'a.timer');
  assert.deepEqual([timer.dead, timer.nextElapseAt, timer.activates], [true, null, 'a.service']);
});
