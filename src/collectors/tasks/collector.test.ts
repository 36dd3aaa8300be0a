import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import { type Reading, type ResourceReading, reading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import type { TaskMemory, TaskRun } from '../../domain/task.ts';
import { days, hours, minutes, rfc3339, seconds } from '../../domain/time.ts';
import { createCalendar } from '../../platform/calendar.ts';
import type { ProbeOutcome } from '../../platform/probes.ts';
import type { RunningCollector, Watcher } from '../collector.ts';
import { tasks } from './collector.ts';
import { mayTell, taskRun, unitPrevails } from './kinds.ts';
import { readExpected, taskSettings } from './settings.ts';

const ended = { type: 'ended', signal: null, stderr: '', truncated: false } as const;

/** A systemd that knows one calendar, each day at 06:00 UTC, and one that it refuses. */
function analyze(argv: readonly string[]): ProbeOutcome {
  const numberAfter = (name: string): number =>
    Number(argv.find((one) => one.startsWith(name))?.split(/[=@]+/)[1]);
  if (argv.at(-1) !== '06:00')
    return { ...ended, exitStatus: 1, stdout: '', stderr: 'Failed to parse: Invalid argument\n' };
  const base = numberAfter('--base-time') * 1000;
  const first = Math.floor((base - hours(6)) / days(1) + 1) * days(1) + hours(6);
  const lines = Array.from({ length: numberAfter('--iterations') }, (_, i) => {
    const text = rfc3339(first + i * days(1))
      .replace('T', ' ')
      .slice(0, 19);
    return ` Iter. #${i + 1}: Mon ${text} UTC`;
  });
  return { ...ended, exitStatus: 0, stdout: lines.join('\n') };
}

/** 05:00 on a Sunday. */
const start = Date.UTC(2026, 10, 22, 5);

class House implements Watcher {
  readonly clock = new FakeClock(start);
  readonly lastSeenAt = undefined;
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  readonly told: ResourceReading[] = [];
  readonly eyes: (string | null)[] = [];
  cursors = new Map<string, string>();
  reported: readonly TaskMemory[] = [];
  known = new Map<string, Resource>();
  answer: (argv: readonly string[]) => ProbeOutcome = analyze;
  collector: RunningCollector | undefined;

  tell(said: Reading): void {
    if (said.type === 'partial') this.told.push(...said.resources);
  }
  lookAgain(): void {}
  blind(): void {}
  seeing(): void {}
  blindPart(_: string, why: string | null): void {
    this.eyes.push(why);
  }
  recovered(): void {}
  saveCursor(name: string, value: string): void {
    this.cursors.set(name, value);
  }
  cursor(name: string): string | undefined {
    return this.cursors.get(name);
  }
  wasStored(): boolean {
    return false;
  }

  async begin(...expect: readonly object[]): Promise<void> {
    const ports = {
      clock: this.clock,
      known: {
        find: (_: string, id: string) => this.known.get(id),
        list: () => [...this.known.values()],
      },
      calendar: createCalendar({
        run: async (_: string, argv: readonly string[]) => this.answer(argv),
        stuck: () => [],
      }),
      reports: { list: () => this.reported, since: start },
    };
    const expected = expect.map((one) => readExpected(one) ?? assert.fail('not read'));
    this.collector = tasks.start(ports, { expect: expected });
    void this.collector.watch?.(this);
    await settled();
  }

  /** Time goes on by this; all but the last seconds of it in one leap. */
  async later(by: number): Promise<void> {
    this.clock.jump(Math.max(0, by - seconds(2)));
    await this.clock.advance(Math.min(by, seconds(2)));
  }

  end(): void {
    this.#abort.abort();
  }

  async look(): Promise<readonly ResourceReading[]> {
    const read = await this.collector?.collect(this.signal);
    assert.ok(read?.type === 'complete');
    return read.resources;
  }

  /** Facts of what is expected, as told last. */
  last(): ResourceReading['attributes'] {
    return this.told.findLast(({ kind }) => kind === 'task.expectation')?.attributes ?? {};
  }

  sees(id: string, attributes: Resource['attributes']): void {
    const rest = { collector: 'systemd', changedAt: 0, readAt: 0, staleSince: null };
    this.known.set(id, { kind: 'task.run', id, attributes, ...rest });
  }
}

let house: House;
beforeEach(() => {
  house = new House();
});

const at = (hour: number): number => Date.UTC(2026, 10, 22, hour);
const nightly = { job: 'nightly', calendar: '06:00' };

test('what has not happened by its moment is missed then, and until it happens', async (t) => {
  t.after(() => house.end());
  await house.begin(nightly);
  assert.deepEqual([house.last().met, house.last().nextDueAt], [true, at(6)]);
  await house.later(minutes(59));
  assert.equal(house.last().missedAt, null);
  await house.later(minutes(1));
  const { met, missedAt, lastDueAt, nextDueAt } = house.last();
  assert.deepEqual([met, missedAt, lastDueAt, nextDueAt], [false, at(6), at(6), at(30)]);
  house.sees('nightly', { state: 'running', lastSuccessAt: at(7) - 1000 });
  await house.later(hours(1));
  assert.deepEqual([house.last().met, house.last().missedAt], [true, null]);
});

test('what happened in time is met; what is too old is not, by `within` or since the last moment', async (t) => {
  t.after(() => house.end());
  house.sees('nightly', { state: 'completed', lastSuccessAt: at(1) });
  house.sees('weekly', { state: 'completed', lastSuccessAt: at(1) });
  await house.begin(nightly, { unit: 'weekly.service', calendar: '06:00', within: '4h' });
  await house.later(hours(1));
  const facts = (await house.look()).map(({ id, attributes }) => [id, attributes.met]);
  assert.deepEqual(facts, [
    ['nightly', true],
    ['weekly', false],
  ]);
  await house.later(days(1));
  assert.deepEqual(
    (await house.look()).map(({ attributes }) => attributes.missedAt),
    [at(30), at(30)],
  );
});

test('a run that ended anyhow counts only where a run is expected', async (t) => {
  t.after(() => house.end());
  house.sees('nightly', { state: 'failed', endedAt: at(5), lastSuccessAt: null });
  await house.begin({ ...nightly, result: 'run' }, { ...nightly, calendar: '06:00 ' });
  await house.later(hours(1) + seconds(1));
  const [any, broken] = await house.look();
  assert.deepEqual([any?.id, any?.attributes.met], ['nightly@06:00', true]);
  assert.equal(broken?.attributes.problem, 'Failed to parse: Invalid argument');
});

test('a moment that passed while tocsin was down is judged; one before it was expected is not', async (t) => {
  t.after(() => house.end());
  await house.begin(nightly);
  await house.later(minutes(1));
  const before = house;
  house = new House();
  house.cursors = before.cursors;
  before.end();
  await house.later(hours(3));
  await house.begin(nightly, { job: 'new', calendar: '06:00' });
  const [old, fresh] = await house.look();
  assert.deepEqual([old?.attributes.missedAt, fresh?.attributes.missedAt], [at(6), null]);
});

test('a wrong calendar is said with the name of its setting, and hides no other', async (t) => {
  t.after(() => house.end());
  await house.begin({ job: 'a', calendar: 'soon' }, nightly);
  await house.later(hours(1));
  assert.deepEqual(house.eyes, ['tasks.expect[0].calendar: Failed to parse: Invalid argument']);
  const [broken, good] = await house.look();
  assert.equal(broken?.attributes.problem, 'Failed to parse: Invalid argument');
  assert.equal(good?.attributes.missedAt, at(6));
});

test('a systemd that does not answer delays no judgement, and is asked again', async (t) => {
  t.after(() => house.end());
  await house.begin(nightly);
  house.answer = () => ({ type: 'timeout' });
  await house.later(hours(1));
  assert.equal(house.last().missedAt, at(6));
  assert.match(String(house.eyes.at(-1)), /does not answer/);
  house.answer = analyze;
  await house.later(minutes(2));
  assert.deepEqual([house.last().nextDueAt, house.eyes.at(-1)], [at(30), null]);
});

test('after a restart without an answer of systemd it is not known, and not met', async (t) => {
  t.after(() => house.end());
  await house.begin(nightly);
  await house.later(hours(1));
  const before = house;
  house = new House();
  house.cursors = before.cursors;
  before.end();
  house.answer = () => ({ type: 'timeout' });
  await house.begin(nightly);
  const [doubted] = await house.look();
  const doubt = { unreadable: 'systemd-analyze does not answer' };
  assert.deepEqual([doubted?.attributes.met, doubted?.attributes.missedAt], [doubt, doubt]);
});

test('a clock that is set back judges by the moments that are behind it again', async (t) => {
  t.after(() => house.end());
  await house.begin(nightly);
  await house.later(hours(2));
  assert.equal(house.last().missedAt, at(6));
  house.clock.jump(-hours(2));
  await house.later(seconds(2));
  assert.deepEqual([house.last().missedAt, house.last().nextDueAt], [null, at(6)]);
});

const run: TaskRun = {
  id: '01K',
  job: 'copy',
  key: null,
  state: 'running',
  startedAt: start,
  endedAt: null,
  progress: 0.5,
  exitStatus: null,
  message: null,
  heartbeat: minutes(1),
  reportedBy: 'uid:0',
  firstReportAt: start,
  lastReportAt: start + 1000,
};
const took = [hours(1), hours(2), hours(3)];

test('a look tells what was reported, with when it is stuck and when it is lost', async (t) => {
  t.after(() => house.end());
  house.reported = [{ run, took, lastSuccessAt: null }];
  await house.begin();
  const [told] = await house.look();
  const { usualSeconds, stuckAt, silentAt, source } = told?.attributes ?? {};
  assert.deepEqual([usualSeconds, source], [7200, 'report']);
  assert.equal(stuckAt, start + hours(8));
  assert.equal(silentAt, start + 1000 + minutes(3));
});

test('a program is not lost because nobody was there to hear it', async (t) => {
  t.after(() => house.end());
  house.reported = [{ run: { ...run, lastReportAt: start - days(1) }, took, lastSuccessAt: null }];
  await house.begin();
  assert.equal((await house.look())[0]?.attributes.silentAt, start + minutes(3));
});

const unit = (more: object) => ({ source: 'systemd', state: 'running', startedAt: 100, ...more });
const report = (more: object) => ({ source: 'report', state: 'running', startedAt: 200, ...more });
const contests = [
  ['a report from within the unit', unit({}), report({}), false],
  ['a report that ended before the unit began anew', unit({ startedAt: 300 }), report({}), true],
  [
    'a unit that ended after its report did',
    unit({ endedAt: 400 }),
    report({ state: 'completed' }),
    false,
  ],
  ['a unit that ended under a report that has not', unit({ endedAt: 400 }), report({}), true],
  ['a report that began after the unit had ended', unit({ endedAt: 150 }), report({}), false],
] as const;
for (const [name, one, other, isUnit] of contests)
  test(`${name}: the ${isUnit ? 'unit' : 'report'} is shown`, () => {
    assert.equal(unitPrevails(one, other), isUnit);
    const rest = { kind: 'task.run', id: 'x', collector: '', changedAt: 0, readAt: 0 };
    const shown = { ...rest, attributes: other, staleSince: null };
    assert.equal(mayTell({ ...reading(taskRun, 'x', {}), attributes: one }, shown), isUnit);
  });

for (const wrong of [
  {},
  { job: 'a' },
  { job: 'a', unit: 'b', calendar: 'daily' },
  { job: 'a', calendar: 'daily', within: 'long' },
  { job: 'a', calendar: 'daily', result: 'fail' },
  { job: 'a', calendar: 'daily', calender: 'daily' },
  { job: 'a\n', calendar: 'daily' },
  ['a'],
  null,
])
  test(`the settings refuse ${JSON.stringify(wrong)}`, () => {
    assert.equal(readExpected(wrong), undefined);
  });

test('the settings refuse one job twice by one calendar, as only one of them could be judged', () => {
  const daily = { job: 'a', calendar: 'daily' };
  assert.equal(taskSettings.expect.read([daily, { ...daily, within: '2h' }]), undefined);
  assert.equal(
    taskSettings.expect.read([daily, { ...daily, calendar: 'weekly' }])?.value.length,
    2,
  );
});
