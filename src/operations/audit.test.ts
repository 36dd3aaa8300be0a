/** What the audit keeps of a call, and of which calls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import type { Deed } from '../domain/audit.ts';
import { deedOf } from './audit-deed.ts';
import { FakeHouse } from './fake-house.ts';
import { callerOf, outputOf, run } from './furnished-house.fixture.ts';
import type { Caller } from './house.ts';
import { defineOperation, type Operation } from './operation.ts';
import { refuse } from './refusals.ts';
import { anonymous, runOperation } from './run.ts';

const operator: Caller = { ...callerOf('operator'), door: 'api' };

const openSafe = defineOperation({
  name: 'safe.open',
  summary: 'For these tests.',
  permission: 'write',
  method: 'POST',
  path: '/safes/:room/:id',
  input: Type.Object({ room: Type.String(), id: Type.String() }),
  output: Type.Object({}),
  run: async () => ({}),
});

const rowFor = (json: unknown, operation: Operation = openSafe, output: unknown = {}): Deed =>
  deedOf(operation, { json }, operator, { type: 'done', output }, 7);

test('a row names who, the door, the deed, what it was done to and what was asked for', () => {
  const raw = { texts: { room: ['a'], id: ['b'] }, json: { comment: 'c' } };
  const caller = { ...operator, client: ':1.9' };
  assert.deepEqual(deedOf(openSafe, raw, caller, { type: 'done', output: {} }, 7), {
    at: 7,
    by: 'uid:1000',
    door: 'api',
    client: ':1.9',
    operation: 'safe.open',
    subject: 'a/b',
    input: '{"comment":"c","room":"a","id":"b"}',
    outcome: 'done',
  });
});

test('what is made anew is named by the id that it got', () => {
  const create = { ...openSafe, path: '/safes' };
  assert.equal(rowFor({}, create, { id: '01K' }).subject, '01K');
  assert.equal(rowFor({}, create, {}).subject, null);
});

for (const name of ['password', 'clientSecret', 'TOKEN', 'credentials', 'Authorization', 'cookie'])
  test(`a field named ${name} is left out, however deep it lies`, () => {
    const { input } = rowFor({ id: 'x', deep: [{ [name]: 'hunter2' }], [name]: { a: 'hunter2' } });
    assert.doesNotMatch(input, /hunter2/);
    assert.match(input, /"\(secret\)"/);
  });

test('a long input is cut, and its hash tells whether a copy is what was sent', () => {
  const { input } = rowFor({ text: `${'x'.repeat(5000)}\ud800` });
  assert.equal(input.length, 1000);
  assert.match(input, /xxx… \(50\d\d characters, SHA-256 [0-9a-f]{64}\)$/);
  const { input: other } = rowFor({ text: `${'x'.repeat(5000)}y` });
  assert.notEqual(input, other);
});

test('no field of a row is longer than its limit', () => {
  const long = 'n'.repeat(10_000);
  const caller = { ...operator, name: long, client: long };
  const deed = deedOf(openSafe, { json: { id: long } }, caller, { type: 'done', output: {} }, 7);
  const lengths = [deed.by, deed.client, deed.subject, deed.input].map((text) => text?.length);
  assert.deepEqual(lengths, [128, 128, 512, 1000]);
});

test('whatever is sent makes a row within its limits, and nothing of a secret', () => {
  const secret = fc.jsonValue().map((value) => ({ token: ['hunter2', value] }));
  const body = fc.oneof(fc.jsonValue(), secret, fc.dictionary(fc.string(), secret));
  fc.assert(
    fc.property(body, fc.dictionary(fc.string(), fc.array(fc.string())), (sent, texts) => {
      const raw = { json: sent, texts };
      const deed = deedOf(openSafe, raw, operator, { type: 'done', output: { id: sent } }, 7);
      assert.ok(deed.input.length <= 1000 && (deed.subject?.length ?? 0) <= 512);
      assert.doesNotMatch(deed.input, /hunter2/);
    }),
    { numRuns: 300 },
  );
});

for (const { name, json } of [
  { name: 'a list', json: [1, 2] },
  { name: 'a text', json: 'x' },
  { name: 'null', json: null },
  { name: 'a number', json: 7 },
])
  test(`a body that is ${name} makes a row too`, () => {
    assert.ok(JSON.parse(rowFor(json).input));
  });

test('a body that is nested beyond what can be rendered makes a row without it', () => {
  let json: unknown = {};
  for (let i = 0; i < 50_000; i++) json = { json };
  assert.equal(rowFor(json).input, '{}');
});

const refusing = (error: Error): Operation => ({
  ...openSafe,
  run: async () => {
    throw error;
  },
});
const json = { room: 'a', id: 'b' };

for (const { name, operation = openSafe, input = json, caller = operator, rows } of [
  { name: 'what a viewer may not do', caller: callerOf('viewer'), rows: ['not-permitted'] },
  {
    name: 'what somebody without a role may not do',
    caller: callerOf('none'),
    rows: ['not-permitted'],
  },
  { name: 'what nobody asked for', caller: anonymous, rows: [] },
  { name: 'what was not understood', input: { room: 'a' }, rows: [] },
  {
    name: 'what was refused by the state of things',
    operation: refusing(refuse('conflict', 'too late')),
    rows: ['conflict'],
  },
  { name: 'what was done', rows: ['done'] },
] as const satisfies readonly {
  readonly name: string;
  readonly operation?: Operation;
  readonly input?: unknown;
  readonly caller?: Caller;
  readonly rows: readonly string[];
}[])
  test(`${name} leaves ${rows.length === 0 ? 'no row' : `a row that says ${rows[0]}`}`, async () => {
    const house = new FakeHouse();
    await runOperation(house, operation, { json: input }, caller);
    assert.deepEqual(
      house.audit.rows.map(({ outcome }) => outcome),
      rows,
    );
  });

test('who has done too much is told when to come again, and may still look and log in', async () => {
  const house = new FakeHouse();
  house.audit.waits.set(operator.name, 3600);
  const answer = await runOperation(house, openSafe, { json }, operator);
  assert.ok(answer.type === 'refused');
  const { code, retryAfter } = answer.refusal;
  assert.deepEqual([code, retryAfter], ['too-many-requests', 3600]);
  assert.deepEqual(
    house.audit.rows.map(({ outcome }) => outcome),
    ['too-many-requests'],
  );
  for (const may of [
    { ...openSafe, method: 'GET' } as const,
    { ...openSafe, permission: 'none', audited: true } as const,
    { ...openSafe, audited: false },
  ])
    assert.equal((await runOperation(house, may, { json }, operator)).type, 'done');
  const other = { ...operator, name: 'uid:1001' };
  assert.equal((await runOperation(house, openSafe, { json }, other)).type, 'done');
  const viewer = { ...callerOf('viewer'), name: operator.name };
  const refused = await runOperation(house, openSafe, { json }, viewer);
  assert.ok(refused.type === 'refused' && refused.refusal.code === 'not-permitted');
});

test('a bug leaves a row: nobody knows how far the deed came', async () => {
  const house = new FakeHouse();
  const asked = runOperation(house, refusing(new TypeError('oops')), { json }, operator);
  await assert.rejects(asked, /oops/);
  assert.deepEqual(
    house.audit.rows.map(({ outcome }) => outcome),
    ['internal'],
  );
});

test('the row is there before the answer, and the answer comes without it too', async () => {
  const house = new FakeHouse();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  house.audit.write = () => promise;
  let hasAnswered = false;
  const asked = runOperation(house, openSafe, { json }, operator).then((answer) => {
    hasAnswered = true;
    return answer;
  });
  await new Promise((turn) => setImmediate(turn));
  assert.equal(hasAnswered, false);
  resolve(false);
  assert.equal((await asked).type, 'done');
});

test('the audit is listed in pages, and verified', async () => {
  const house = new FakeHouse();
  for (let i = 0; i < 5; i++) await runOperation(house, openSafe, { json }, operator);
  const first = (await outputOf(house, 'audit.list', { limit: 3 })) as {
    readonly items: readonly { readonly number: number }[];
    readonly nextCursor: string;
  };
  assert.deepEqual(
    first.items.map(({ number }) => number),
    [5, 4, 3],
  );
  const rest = await outputOf(house, 'audit.list', { limit: 3, cursor: first.nextCursor });
  assert.partialDeepStrictEqual(rest, { items: [{ number: 2 }, { number: 1 }], nextCursor: null });
  assert.partialDeepStrictEqual(await outputOf(house, 'audit.verify', {}), {
    result: 'sound',
    rows: 5,
    number: null,
  });
  const [, second] = house.audit.rows;
  assert.ok(second);
  house.audit.rows[1] = { ...second, by: 'uid:7' };
  assert.partialDeepStrictEqual(await outputOf(house, 'audit.verify', {}), {
    result: 'broken',
    number: 2,
  });
});

test('an instant of the audit may be relative, and must be one', async () => {
  const house = new FakeHouse();
  await runOperation(house, openSafe, { json }, operator);
  house.clock += 60_000;
  assert.partialDeepStrictEqual(await outputOf(house, 'audit.list', { since: '30s' }), {
    items: [],
  });
  const refused = await run(house, 'audit.list', { since: 'soon' });
  assert.equal(refused.type, 'refused');
});
