import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from './testing/serve.ts';

const path = '/api/v1/monitoring/alerts';

test('a token that is not valid leaves a row that does not hold it', async (t) => {
  const box = await serve(t);
  const headers = { authorization: 'Bearer toc_abc_hunter2' };
  const { status } = await box.askAt('api', path, { headers });
  assert.equal(status, 401);
  const [row, ...others] = box.house.audit.rows;
  assert.deepEqual(others, []);
  assert.deepEqual(
    [row?.by, row?.door, row?.operation, row?.outcome],
    ['anonymous', 'api', 'access.refuse', 'unauthenticated'],
  );
  assert.doesNotMatch(JSON.stringify(row), /hunter2|toc_abc/);
});

test('whoever shows nothing leaves nothing', async (t) => {
  const box = await serve(t);
  for (const method of ['GET', 'POST', 'DELETE'])
    assert.equal((await box.askAt('api', `${path}/x`, { method })).status >= 400, true);
  const closed = await box.askAt('api', '/api/v1/session', { method: 'DELETE' });
  assert.ok(closed.status < 500);
  assert.deepEqual(box.house.audit.rows, []);
});
