/** What is frozen into an alert of a unit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Resource } from '../../domain/resource.ts';
import { seconds } from '../../domain/time.ts';
import type { Journal, JournalAnswer, JournalRecord } from '../../platform/journal.ts';
import { readEvidence } from './evidence.ts';

const record = (pid: string, text: string): JournalRecord => ({
  cursor: '',
  at: 0,
  bootId: '',
  fields: { _PID: pid, MESSAGE: text },
});
const records = (...found: JournalRecord[]): JournalAnswer => ({ type: 'records', records: found });

/** A journal that gives one answer after the other, and the last one for ever. */
function setUp(answers: readonly JournalAnswer[], ended: number) {
  const clock = new FakeClock();
  let asked = 0;
  const lastLines = async (): Promise<JournalAnswer> =>
    answers[Math.min(asked++, answers.length - 1)] ?? records();
  const resource = {
    kind: 'systemd.unit',
    id: 'a.service',
    changedAt: clock.now() - ended,
    attributes: { result: 'exit-code', invocationId: 'i', tasks: null },
  } as object as Resource;
  const evidence = readEvidence({ lastLines } as object as Journal, clock, resource);
  return { clock, evidence, asked: () => asked };
}

test('the state and the last lines are kept', async () => {
  const { evidence } = setUp([records(record('1', 'Started.'), record('7', 'no disk'))], 0);
  const [state, journal] = await evidence;
  assert.deepEqual(state?.lines, ['result=exit-code', 'invocationId=i']);
  assert.deepEqual(journal?.lines, [
    '1970-01-01T00:00:00.000Z unknown[1]: Started.',
    '1970-01-01T00:00:00.000Z unknown[7]: no disk',
  ]);
});

test('last words that are still on their way are waited for, once', async () => {
  const late = [records(record('1', 'Started.')), records(record('7', 'no disk'))];
  const { clock, evidence, asked } = setUp(late, 0);
  await clock.advance(seconds(1));
  assert.match((await evidence).at(-1)?.lines[0] ?? '', /no disk/);
  assert.equal(asked(), 2);
});

test('a unit that said nothing some time ago is not asked twice', async () => {
  const { evidence, asked } = setUp([records()], seconds(3));
  assert.deepEqual(
    (await evidence).map(({ type }) => type),
    ['attributes'],
  );
  assert.equal(asked(), 1);
});

test('a journal that cannot be read is a note with the reason', async () => {
  const { evidence } = setUp([{ type: 'unreadable', why: 'no permission' }], 0);
  const note = (await evidence).at(-1);
  assert.deepEqual([note?.type, note?.lines], ['note', ['no permission']]);
});
