import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taskExpectation, taskRun } from '../collectors/tasks/kinds.ts';
import { Settling } from './settling.ts';

test('a kind of two collectors is seen as a whole when both have looked, whoever is first', () => {
  for (const first of ['systemd', 'tasks']) {
    const second = first === 'tasks' ? 'systemd' : 'tasks';
    const settling = new Settling([
      { name: 'systemd', kinds: [taskRun] },
      { name: 'tasks', kinds: [taskRun, taskExpectation] },
    ]);
    assert.ok(!settling.settled(first).includes('task.run'), `${first} alone`);
    assert.ok(settling.settled(second).includes('task.run'));
    assert.deepEqual(settling.settled(second), [], 'settled twice');
  }
});
