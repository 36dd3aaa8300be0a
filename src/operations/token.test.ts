/** What is asked of tokens: limits of what they may be, and what scopes mean. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHouse } from './fake-house.ts';
import type { Caller } from './house.ts';
import { runOperation } from './run.ts';
import { createToken, rotateToken } from './token.ts';

const admin: Caller = { role: 'admin', name: 'uid:0', door: 'local' };

const wrong: readonly (readonly [json: object, said: RegExp])[] = [
  [{ expires: '3661d' }, /within ten years/],
  [{ expires: '2036-11-30T00:00:00Z' }, /within ten years/],
  [{ expires: '2020-01-01T00:00:00Z' }, /an instant to come/],
  [{ expires: '0s' }, /an instant to come/],
  [{ expires: 'soon' }, /"soon" is not/],
  [{ role: 'admin', scopes: ['monitoring:read'] }, /role or scopes/],
];
for (const [json, said] of wrong)
  test(`a token with ${JSON.stringify(json)} is refused with what is wrong`, async () => {
    const raw = { json: { name: 'ci', role: 'viewer', ...json } };
    const answer = await runOperation(new FakeHouse(), createToken, raw, admin);
    assert.ok(answer.type === 'refused');
    assert.equal(answer.refusal.code, 'invalid-input');
    assert.match(answer.refusal.message, said);
  });

test('a token of scopes has the least role that has all of them', async () => {
  const house = new FakeHouse();
  for (const [scopes, role] of [
    [['monitoring:read'], 'viewer'],
    [['monitoring:write', 'monitoring:read'], 'operator'],
    [['monitoring:admin'], 'admin'],
  ] as const) {
    const answer = await runOperation(
      house,
      createToken,
      { json: { name: `as-${role}`, scopes } },
      admin,
    );
    assert.ok(answer.type === 'done', JSON.stringify(answer));
    assert.equal(answer.output.role, role);
  }
});

test('an old secret is valid for 30 days more at most', async () => {
  const house = new FakeHouse();
  const made = await runOperation(
    house,
    createToken,
    { json: { name: 'ci', role: 'viewer' } },
    admin,
  );
  assert.ok(made.type === 'done');
  const rotate = (overlap: string) =>
    runOperation(house, rotateToken, { json: { id: made.output.id, overlap } }, admin);
  assert.equal((await rotate('31d')).type, 'refused');
  assert.equal((await rotate('30d')).type, 'done');
});
