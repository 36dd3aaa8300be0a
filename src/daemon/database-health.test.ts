/** The health of the database: two words, one state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseHealth } from './database-health.ts';
import type { ComponentState } from './health.ts';

test('a commit that works again does not hide that the reserve is spent', () => {
  const told: ComponentState[] = [];
  const silent = { error() {}, warning() {}, notice() {}, info() {} };
  const health = new DatabaseHealth((state) => told.push(state), silent);
  health.tell();
  health.commits({ type: 'full', why: 'no space', eventsDropped: 3 });
  health.condition('the reserve is spent');
  health.commits({ type: 'ok' });
  health.condition(null);
  health.commits({ type: 'broken', why: 'I/O error' });
  assert.deepEqual(told, [
    { status: 'healthy', reason: null },
    { status: 'degraded', reason: 'cannot write: no space; 3 events dropped' },
    { status: 'degraded', reason: 'cannot write: no space; 3 events dropped' },
    { status: 'degraded', reason: 'the reserve is spent' },
    { status: 'healthy', reason: null },
    { status: 'unhealthy', reason: 'I/O error' },
  ]);
});
