import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActiveMute } from '../domain/mute.ts';
import { createInventory } from '../inventory/create.ts';
import { createEngine, emptyMemory } from '../rules/engine/create.ts';
import { beginRecording } from './recorder.ts';

test('a recording begins with the mutes of its first moment, however late its lines are read', () => {
  const inventory = createInventory();
  const engine = createEngine({ rules: [], summaries: [] }, emptyMemory, inventory.past, () => 'x');
  let mutes: readonly ActiveMute[] = [{ id: 'S', type: 'silence', matchers: [] }];
  const parts = {
    judges: { inventory, engine },
    kinds: [],
    version: '0',
    watchingSince: 0,
    rules: () => ({ rules: [], summaries: [] }),
    mutes: () => mutes,
  };
  const lines = beginRecording(parts, 0);
  lines.next();
  mutes = [];
  const memory = [...lines].find(({ name }) => name === 'memory');
  assert.ok(memory?.name === 'memory');
  assert.deepEqual(
    memory.value.mutes.map(({ id }) => id),
    ['S'],
  );
});
