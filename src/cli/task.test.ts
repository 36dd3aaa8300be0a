/** Tasks on the command line: what is known of them, and what is read of a running one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../test/support/texts.ts';
import { readingOf } from '../collectors/tasks/readings.ts';
import type { TaskRun } from '../domain/task.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import { listSpool, readFromSpool, setAsideInSpool } from '../platform/spool.ts';
import { startBox, tocsin } from './cli.fixture.ts';
import { createLineReader } from './job/copy.ts';
import { readProgress } from './job/progress.ts';
import { Reporter } from './job/reporter.ts';

async function houseWith(...jobs: readonly string[]): Promise<FakeHouse> {
  const house = new FakeHouse();
  for (const job of jobs) {
    const exitStatus = job === 'bad' ? 2 : 0;
    const report = { job, key: null, startedAt: fakeStart - 61_000, exitStatus };
    const answer = await house.tasks.report(report, 'uid:0');
    assert.ok(answer.type === 'done');
    const reading = readingOf(answer.memory, 0);
    const rest = { collector: 'tasks', changedAt: 0, readAt: 0, staleSince: null };
    house.inventory.push({ ...reading, ...rest });
  }
  return house;
}

test('the list shows each job, its state, how long it took and why it failed', async (t) => {
  const box = await startBox(t, await houseWith('good', 'bad'));
  const { out } = await box.run('task list');
  assert.match(out, /^good +completed .* 61s +- +0$/m);
  assert.match(out, /^bad +failed .* exit status 2$/m);
  assert.match(out, /2 tasks, 1 failed, 0 running/);
  assert.doesNotMatch((await box.run('task list --failed')).out, /good/);
  const [one] = JSON.parse((await box.run('task list bad -o json')).out) as TaskRun[];
  assert.deepEqual([one?.job, one?.state, one?.exitStatus], ['bad', 'failed', 2]);
});

test('one job is shown with its runs, as its unit too, and an unknown one is said to be so', async (t) => {
  const box = await startBox(t, await houseWith('bad'));
  for (const name of ['bad', 'bad.service']) {
    const { out } = await box.run(`task show ${name}`);
    assert.match(out, /^bad: failed\nMessage +exit status 2$/m);
    assert.match(out, /Latest reported runs\n.* failed {2}61s {2}exit status 2/);
  }
  assert.equal((await box.run('task show nobody')).status, 4);
});

for (const line of ['run true', 'run --name', 'run --name x'])
  test(`tocsin ${line} is wrong and runs nothing`, async () => {
    assert.equal((await tocsin(line.split(' '))).status, 2);
  });

for (const [line, progress] of [
  [' 42% of 3 GB', 0.42],
  ['  1,234,567  99%   10.00MB/s', 0.99],
  ['12.5 % done', 0.125],
  ['10% then 20%', 0.2],
  ['grown by 250%', undefined],
  ['no number', undefined],
] as const)
  test(`"${line}" is ${progress ?? 'no progress'}`, () => {
    assert.equal(readProgress(line).progress, progress);
  });

test('lines are the same however the output is cut, and progress is never out of bounds', () => {
  fc.assert(
    fc.property(fc.array(anyText()), (parts) => {
      const lines: string[] = [];
      const read = createLineReader((line) => lines.push(line));
      for (const part of parts) read(part);
      read('\n');
      const whole = parts
        .join('')
        .split(/[\r\n]+/)
        .filter((line) => line.trim() !== '');
      assert.deepEqual(lines, whole);
      for (const line of lines) {
        const { progress = 0, message = '' } = readProgress(line);
        assert.ok(progress >= 0 && progress <= 1);
        assert.doesNotMatch(message, /\p{Cc}/u);
      }
    }),
  );
});

test('what cannot be delivered waits, goes with a later run, and what is refused is set aside', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-spool-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const notes: string[] = [];
  const sent: string[] = [];
  let isAway = true;
  const reporterOf = (key: string): Reporter =>
    new Reporter({
      job: 'copy',
      key,
      clock: { now: () => fakeStart, after: () => ({ cancel() {} }) },
      send: async (body) => {
        if (isAway) return { type: 'away', why: 'nobody listens' };
        const text = JSON.stringify(body);
        if (text.includes('"bad"')) return { type: 'refused', why: 'no' };
        sent.push(text.replace(/.*"key":"(.*?)".*"state":"(.*?)".*/, '$1 $2'));
        return { type: 'delivered' };
      },
      spools: [folder, join(folder, 'none')],
      note: async (text) => void notes.push(text),
    });
  await reporterOf('a').end(1, 'exit status 1');
  assert.equal(listSpool(folder).length, 1);
  assert.match(readFromSpool(folder, `${fakeStart}-a`) ?? '', /"state":"failed"/);
  writeFileSync(join(folder, '0-x.json'), '{"job":"bad"}');
  isAway = false;
  await reporterOf('b').end(0, null);
  assert.deepEqual(sent, ['b running', 'b completed', 'a failed']);
  assert.deepEqual(readdirSync(folder), ['0-x.refused']);
  assert.deepEqual(notes, []);
  assert.throws(() => setAsideInSpool(folder, 'gone'), { code: 'ENOENT' });
});
