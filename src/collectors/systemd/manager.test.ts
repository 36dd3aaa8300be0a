import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf } from '../../config/readers.ts';
import { managerProperties, tellManager } from './manager.ts';
import { systemdSettings } from './settings.ts';
import { createState, drain } from './state.ts';

test('systemd says when it was started, in realtime microseconds', () => {
  const state = createState(defaultsOf(systemdSettings));
  assert.ok(managerProperties.includes('UserspaceTimestamp'));
  tellManager(state, { SystemState: 'starting', UserspaceTimestamp: 1_795_342_452_123_456n });
  assert.deepEqual(drain(state)?.resources, [
    {
      kind: 'systemd.manager',
      id: 'system',
      attributes: { systemState: 'starting', startedAt: 1_795_342_452_123.456 },
    },
  ]);
  tellManager(state, { SystemState: 'starting' });
  assert.equal(drain(state), undefined, 'nothing is new');
});
