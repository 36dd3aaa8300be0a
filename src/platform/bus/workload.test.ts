import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsInWorkMax, callsPerSenderMax, Workload } from './workload.ts';

test('a caller has so many calls in work, and each that ends makes room', () => {
  const work = new Workload();
  for (let i = 0; i < callsPerSenderMax; i++) assert.ok(work.take(':1.1'));
  assert.equal(work.take(':1.1'), undefined);
  assert.ok(work.take(':1.2'), 'another caller is not hindered');
  work.finish(':1.1');
  assert.ok(work.take(':1.1'));
});

test('all callers together have so many', () => {
  const work = new Workload();
  for (let i = 0; i < callsInWorkMax; i++) assert.ok(work.take(`:1.${i}`));
  assert.equal(work.take(':1.new'), undefined);
  work.finish(':1.0');
  assert.ok(work.take(':1.new'));
});

test('who leaves is waited for no longer, and leaves nothing behind', () => {
  const work = new Workload();
  const gone = work.take(':1.1');
  const stays = work.take(':1.2');
  assert.ok(gone && stays);
  work.leave(':1.1');
  assert.equal(gone.aborted, true);
  assert.equal(stays.aborted, false);
  work.finish(':1.1');
  work.leaveAll();
  assert.equal(stays.aborted, true);
  work.finish(':1.2');
  assert.equal(work.count, 0);
});
