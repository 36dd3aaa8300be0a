import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { OpenReport } from '../store/store.ts';
import { DiskWatch } from './disk-watch.ts';

const report: OpenReport = { setAside: null, why: null, schema: 4, migrated: null };

/** `answers`: what the store says at each look; the last one stays. */
function setUp(answers: readonly (boolean | Error)[], opened: OpenReport = report) {
  const clock = new FakeClock();
  const said: string[] = [];
  let looks = 0;
  let writable = 0;
  const watch = new DiskWatch({
    clock,
    log: { notice: (line) => said.push(line), warning: (line) => said.push(line) },
    store: {
      opened,
      async canFlush() {
        const answer = answers[Math.min(looks++, answers.length - 1)];
        if (answer instanceof Error) throw answer;
        return answer === true;
      },
    },
    onWritable: () => {
      writable += 1;
    },
  });
  watch.start();
  return { clock, watch, said, looks: () => looks, writable: () => writable };
}

test('a disk that takes writing again is noticed within ten seconds, and told once', async () => {
  const { clock, said, looks, writable } = setUp([false, false, true]);
  await clock.advance(seconds(20));
  assert.deepEqual([looks(), writable()], [2, 0]);
  await clock.advance(seconds(10));
  assert.equal(writable(), 1);
  assert.match(said.join('\n'), /^database: the disk takes writing again; starting anew/);
  await clock.advance(minutes(10));
  assert.deepEqual([looks(), writable()], [3, 1]);
});

test('after a flush that failed the disk is given ten minutes, so that nothing starts over and over', async () => {
  const failed = { type: 'failed', why: 'ENOSPC' } as const;
  const { clock, looks, writable } = setUp([true], { ...report, volatile: failed });
  await clock.advance(minutes(10) - 1);
  assert.equal(looks(), 0);
  await clock.advance(1);
  assert.equal(writable(), 1);
});

test('a look that fails is told, and made again', async () => {
  const { clock, said, writable } = setUp([new Error('the thread ended'), true]);
  await clock.advance(seconds(20));
  assert.equal(writable(), 1);
  assert.equal(said[0], 'database: the thread ended, trying again');
});

test('nothing is looked at after the end', async () => {
  const { clock, watch, looks } = setUp([true]);
  watch.stop();
  await clock.advance(minutes(1));
  assert.equal(looks(), 0);
});
