/** The real `stat` and `find` say what the parsers expect. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isUnreadable } from '../../domain/reading.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemCommand } from '../../platform/command.ts';
import { createProbes } from '../../platform/probes.ts';
import { usedRatioOf } from '../statfs.ts';
import { MediaEye } from './media.ts';

test('a home with one whole cartridge and one without meta, and a home that is not there', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'vtl home '));
  t.after(() => rmSync(home, { recursive: true }));
  const put = (barcode: string, ...names: readonly string[]): void => {
    mkdirSync(join(home, barcode));
    for (const name of names) writeFileSync(join(home, barcode, name), '');
  };
  put('E01001L8', 'data', 'indx', 'meta', 'other');
  put('E01002L8', 'data', 'indx');
  writeFileSync(join(home, 'data'), '');
  const missing = join(home, 'none');
  const eye = new MediaEye(createProbes(systemCommand, systemClock), systemClock);
  await eye.refresh([home, missing], new AbortController().signal);
  const store = eye.store(home);
  assert.ok(store.type === 'figures' && store.sizeBytes > 0);
  assert.ok(usedRatioOf(store) >= 0 && usedRatioOf(store) <= 1);
  const cartridges = eye.cartridges(home);
  assert.ok(!isUnreadable(cartridges));
  assert.deepEqual([...cartridges], ['E01001L8']);
  assert.equal(eye.store(missing).type, 'missing');
  assert.deepEqual(eye.cartridges(missing), { unreadable: `${missing} is not there` });
});
