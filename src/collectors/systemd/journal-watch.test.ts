import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import type { Event, ResourceReading } from '../../domain/reading.ts';
import { type EpochMs, seconds } from '../../domain/time.ts';
import type { Journal, JournalAnswer, JournalRecord } from '../../platform/journal.ts';
import type { Watcher } from '../collector.ts';
import { watchJournal } from './journal-watch.ts';
import { messages } from './late.ts';
import { natureOf } from './nature.ts';
import { applyRemoved } from './signals.ts';
import { createState, drain, put, recordOf, type State } from './state.ts';

type Fields = Readonly<Record<string, string>>;

/** A journal of the test's making: what is there is read, what is pushed is followed. */
class FakeJournal implements Journal {
  answer: JournalAnswer = { type: 'records', records: [] };
  #push: (record: JournalRecord) => void = () => {};
  #end: (why: string) => void = () => {};
  readonly asked: unknown[] = [];

  read(query: unknown): Promise<JournalAnswer> {
    this.asked.push(query);
    return Promise.resolve(this.answer);
  }
  follow(): ReturnType<Journal['follow']> {
    const waiting: JournalRecord[] = [];
    let wake: () => void = () => {};
    const end = new Promise<string>((resolve) => {
      this.#end = resolve;
    });
    this.#push = (record) => {
      waiting.push(record);
      wake();
    };
    const ended = end.then(() => true);
    async function* records(): AsyncGenerator<JournalRecord> {
      for (;;) {
        while (waiting.length > 0) yield* waiting.splice(0);
        const woken = new Promise<boolean>((resolve) => {
          wake = () => resolve(false);
        });
        if (await Promise.race([woken, ended])) return;
      }
    }
    return { records: records(), ended: end, stop: () => this.#end('stopped') };
  }
  lastLines(): Promise<JournalAnswer> {
    return Promise.resolve({ type: 'records', records: [] });
  }
  push(record: JournalRecord): void {
    this.#push(record);
  }
  end(why: string): void {
    this.#end(why);
  }
}

let cursors = 0;
const record = (at: EpochMs, fields: Fields): JournalRecord => ({
  cursor: `c${++cursors}`,
  at,
  bootId: 'boot',
  fields,
});
const failedAt = (at: EpochMs, unit: string, run: string, result = 'exit-code'): JournalRecord =>
  record(at, { MESSAGE_ID: messages.failed, UNIT: unit, INVOCATION_ID: run, UNIT_RESULT: result });
const restartedAt = (at: EpochMs, unit: string, run: string): JournalRecord =>
  record(at, { MESSAGE_ID: messages.restartScheduled, UNIT: unit, INVOCATION_ID: run });

const start = Date.UTC(2026, 10, 22, 6, 0, 0);
const stopped = start - seconds(100);

interface Heard {
  readonly state: State;
  readonly clock: FakeClock;
  readonly journal: FakeJournal;
  readonly resources: ResourceReading[];
  readonly events: Event[];
  readonly gone: string[];
  readonly wants: string[];
  readonly eyes: (string | null)[];
  readonly saved: string[];
  recovered: number;
  readonly stop: () => void;
}

/** Starts to watch a journal that holds the records, after tocsin was down for 100 s. */
async function listen(
  records: readonly JournalRecord[],
  prepare: (state: State) => void = () => {},
  lastSeenAt: EpochMs | undefined = stopped,
): Promise<Heard> {
  const state = createState({ watch: ['*.service'], ignore: ['run-*'] });
  prepare(state);
  drain(state);
  const abort = new AbortController();
  const journal = new FakeJournal();
  journal.answer = { type: 'records', records };
  const heard: Heard = {
    state,
    clock: new FakeClock(start),
    journal,
    resources: [],
    events: [],
    gone: [],
    wants: [],
    eyes: [],
    saved: [],
    recovered: 0,
    stop: () => abort.abort(),
  };
  const watcher: Watcher = {
    tell: () => {},
    lookAgain: () => {},
    blind: () => {},
    seeing: () => {},
    blindPart: (_, why) => heard.eyes.push(why),
    recovered: () => {},
    saveCursor: (_, value) => heard.saved.push(value),
    cursor: () => undefined,
    lastSeenAt,
    wasStored: ({ at }) => lastSeenAt !== undefined && at < lastSeenAt,
    signal: abort.signal,
  };
  void watchJournal({
    journal,
    clock: heard.clock,
    state,
    watcher,
    bootId: 'boot',
    ready: Promise.resolve(),
    publish: () => {
      const told = drain(state);
      heard.resources.push(...(told?.resources ?? []));
      heard.events.push(...(told?.events ?? []));
      heard.gone.push(...(told?.gone ?? []).map(({ id }) => id));
      heard.wants.push(...(told?.wants ?? []).map(({ type, name }) => `${type} ${name}`));
      heard.recovered += told?.recovered ?? 0;
    },
  });
  await settled();
  return heard;
}

const active =
  (name: string) =>
  (state: State): void => {
    const unit = recordOf(state, name);
    assert.ok(unit);
    unit.nature = natureOf('service', { Type: 'simple', Restart: 'no' });
    put(unit, { activeState: 'active', subState: 'running', stateChangeAt: start - 1 });
  };
const drawn = ({ events }: Heard): string[] =>
  events.map(({ event, id, foundBy, attributes: a }) =>
    [event, id, foundBy, a.willRestart === true ? 'will-restart' : ''].join(' ').trim(),
  );
const states = ({ resources }: Heard, id: string): unknown[] =>
  resources
    .filter((one) => one.id === id)
    .map(({ attributes, at }) => [attributes.activeState, at]);

test('a unit that failed while tocsin was down and runs again is told at its true time', async () => {
  const at = start - seconds(50);
  const heard = await listen([failedAt(at, 'a.service', 'r1')], active('a.service'));
  assert.deepEqual(drawn(heard), ['run-failed a.service journal']);
  assert.equal(heard.events[0]?.at, at);
  assert.deepEqual(states(heard, 'a.service'), [
    ['failed', at],
    ['active', start - 1],
  ]);
  heard.stop();
});

test('a unit that failed meanwhile and is not loaded any more is told, and gone', async () => {
  const heard = await listen([failedAt(start - 9, 'a.service', 'r1')]);
  assert.deepEqual(states(heard, 'a.service'), [['failed', start - 9]]);
  assert.deepEqual(heard.gone, ['a.service']);
  heard.stop();
});

test('failures that systemd followed with a restart are events and raise nothing', async () => {
  const records = [1, 2, 3].flatMap((n) => [
    failedAt(start - 100 + n, 'a.service', `r${n}`),
    restartedAt(start - 99 + n, 'a.service', `r${n}`),
  ]);
  const heard = await listen(records, active('a.service'));
  assert.deepEqual(
    drawn(heard),
    Array.from({ length: 3 }, () => 'run-failed a.service journal will-restart'),
  );
  assert.deepEqual(heard.resources, []);
  heard.stop();
});

test('what was told before the stop is not raised once more', async () => {
  const heard = await listen([failedAt(stopped - 1, 'a.service', 'r1')], active('a.service'));
  assert.deepEqual(heard.resources, []);
  assert.deepEqual(heard.events, []);
  heard.stop();
});

test('the exit status comes from the record before', async () => {
  const ended = {
    MESSAGE_ID: messages.processEnded,
    UNIT: 'a.service',
    EXIT_CODE: 'exited',
    EXIT_STATUS: '7',
  };
  const heard = await listen([record(start - 9, ended), failedAt(start - 8, 'a.service', 'r1')]);
  assert.deepEqual(heard.events[0]?.attributes, {
    result: 'exit-code',
    execMainCode: 'exited',
    execMainStatus: 7,
    invocationId: 'r1',
    willRestart: false,
  });
  heard.stop();
});

test('units that nobody watches are left alone', async () => {
  const heard = await listen([failedAt(start - 9, 'run-x.service', 'r1')]);
  assert.deepEqual(heard.events, []);
  heard.stop();
});

test('a signal is believed first: what it told is not told again', async () => {
  const heard = await listen([], active('a.service'));
  heard.journal.push(failedAt(start, 'a.service', 'r1'));
  heard.state.counted.set('r1', true);
  await heard.clock.advance(seconds(3));
  assert.deepEqual(heard.events, []);
  assert.equal(heard.recovered, 0);
  heard.stop();
});

test('what only the journal saw is told after a moment, and counted', async () => {
  const heard = await listen([], active('a.service'));
  applyRemoved(heard.state, 'a.service');
  drain(heard.state);
  heard.journal.push(failedAt(start, 'a.service', 'r1', 'core-dump'));
  await heard.clock.advance(seconds(1));
  assert.deepEqual(heard.events, []);
  await heard.clock.advance(seconds(2));
  assert.deepEqual(drawn(heard), ['run-failed a.service journal', 'core-dumped a.service journal']);
  assert.equal(heard.recovered, 1);
  heard.stop();
});

test('the position is stored now and then, and at the end', async () => {
  const heard = await listen([failedAt(start - 9, 'a.service', 'r1')]);
  for (let n = 0; n < 10; n++) heard.journal.push(failedAt(start + n, 'b.service', `s${n}`));
  const last = `c${cursors}`;
  await heard.clock.advance(seconds(20));
  assert.equal(heard.saved.at(-1), last);
  assert.ok(heard.saved.length <= 2, `${heard.saved.length} times`);
  heard.stop();
});

test('a journal that cannot be read is said, tried again, and read from where it stopped', async () => {
  const heard = await listen([failedAt(start - 9, 'a.service', 'r1')]);
  heard.journal.answer = { type: 'unreadable', why: 'no permission' };
  heard.journal.end('journald was stopped');
  await heard.clock.advance(seconds(2));
  assert.deepEqual(heard.eyes, [null, 'journald was stopped', 'no permission']);
  heard.journal.answer = { type: 'records', records: [] };
  await heard.clock.advance(seconds(10));
  assert.equal(heard.eyes.at(-1), null);
  assert.deepEqual(
    (heard.journal.asked.at(-1) as { afterCursor: string }).afterCursor,
    `c${cursors}`,
  );
  heard.stop();
});

test('an unloaded job that failed meanwhile is asked for once: was it a task?', async () => {
  const heard = await listen([failedAt(start - 9, 'job.service', 'r1')]);
  assert.equal(heard.state.departed.has('job.service'), true);
  heard.stop();
});

const blocked = (at: EpochMs, job: string): JournalRecord =>
  record(at, {
    MESSAGE_ID: messages.jobFailed,
    UNIT: 'b.service',
    JOB_RESULT: 'dependency',
    JOB_ID: job,
  });

test('a unit that was blocked while tocsin was down, and still is, is asked whom to blame', async () => {
  const idle = (state: State): void => {
    const unit = recordOf(state, 'b.service');
    assert.ok(unit);
    put(unit, { activeState: 'inactive', subState: 'dead', stateChangeAt: null });
  };
  const heard = await listen([blocked(start - 9, '7')], idle);
  assert.equal(heard.state.units.get('b.service')?.attributes.jobResult, 'dependency');
  assert.deepEqual(heard.wants, ['blame b.service']);
  heard.stop();
});

test('a blocked unit that has been started since is an event and nothing more', async () => {
  const heard = await listen([blocked(start - 9, '7')], active('b.service'));
  assert.equal(heard.state.units.get('b.service')?.attributes.jobResult, undefined);
  assert.deepEqual(
    heard.events.map(({ key }) => key),
    ['7@boot'],
  );
  heard.stop();
});
