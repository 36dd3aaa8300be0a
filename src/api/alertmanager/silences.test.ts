import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from '../../domain/time.ts';
import { fakeStart } from '../../operations/fake-alerts.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import { valueAt } from '../testing/serve.ts';
import { acknowledgementIdOf } from './acknowledgement.ts';
import { deleteSilence, postSilence } from './silence-acts.ts';
import { listSilences, showSilence } from './silence-view.ts';

const anna = { role: 'operator', name: 'token:anna', door: 'api' } as const;
const at = (minutes: number): string => rfc3339(fakeStart + minutes * 60_000);
const matcher = (name: string, value: string) => ({ name, value, isRegex: false, isEqual: true });
const body = (more: object = {}) => ({
  matchers: [matcher('unit', 'unit-1.service')],
  startsAt: at(0),
  endsAt: at(60),
  createdBy: 'anna',
  comment: 'disk swap',
  ...more,
});
const post = (house: FakeHouse, more: object = {}) => postSilence(house, body(more), anna);
async function made(house: FakeHouse, more: object = {}): Promise<string> {
  const reply = await post(house, more);
  assert.equal(reply.status, 200, JSON.stringify(reply.body));
  return String(valueAt(reply.body, 'silenceID'));
}
const eachOf = (reply: { readonly body?: unknown }, field: string): readonly unknown[] =>
  (reply.body as unknown[]).map((one) => valueAt(one, field));

test('a silence that was made is shown with every field, and mutes', async () => {
  const house = new FakeHouse();
  const alert = house.fire();
  const id = await made(house);
  assert.deepEqual(showSilence(house, id.toUpperCase()).body, {
    id,
    status: { state: 'active' },
    updatedAt: at(0),
    comment: 'disk swap',
    createdBy: 'anna',
    startsAt: at(0),
    endsAt: at(60),
    annotations: {},
    matchers: [matcher('unit', 'unit-1.service')],
  });
  assert.deepEqual((await house.findAlert(alert.id))?.mutedBy, [id]);
});

test('all four signs of matchers go in and come out as they were; isEqual may be missing', async () => {
  const house = new FakeHouse();
  const signs = [true, false].flatMap((isEqual) =>
    [true, false].map((isRegex) => ({ name: 'a', value: 'x.+', isRegex, isEqual })),
  );
  const id = await made(house, { matchers: signs });
  assert.deepEqual(valueAt(showSilence(house, id).body, 'matchers'), signs);
  const bare = await made(house, { matchers: [{ name: 'a', value: 'b', isRegex: false }] });
  assert.equal(valueAt(showSilence(house, bare).body, 'matchers.0.isEqual'), true);
});

test('a comment that is longer than a silence keeps is refused', async () => {
  const house = new FakeHouse();
  const reply = await post(house, { comment: 'x'.repeat(4001) });
  assert.equal(reply.status, 400);
  assert.match(String(reply.body), /at most 4000 characters/);
});

test('silences are sorted: active by end, pending by start, expired by end backwards', async () => {
  const house = new FakeHouse();
  const times = { late: [0, 90], soon: [0, 30], next: [20, 95], after: [40, 50] } as const;
  for (const [comment, [start, end]] of Object.entries(times))
    await made(house, { comment, startsAt: at(start), endsAt: at(end) });
  for (const [comment, minute] of [
    ['first', 1],
    ['second', 2],
  ] as const) {
    const id = await made(house, { comment });
    house.clock = fakeStart + minute * 60_000;
    assert.deepEqual(await deleteSilence(house, id, anna), { status: 200, body: undefined });
  }
  const sorted = ['soon', 'late', 'next', 'after', 'second', 'first'];
  assert.deepEqual(eachOf(listSilences(house, {}), 'comment'), sorted);
  const states = eachOf(listSilences(house, {}), 'status.state');
  assert.deepEqual(states, ['active', 'active', 'pending', 'pending', 'expired', 'expired']);
  for (const [flag, left] of [
    ['active', ['next', 'after', 'second', 'first']],
    ['pending', ['soon', 'late', 'second', 'first']],
    ['expired', ['soon', 'late', 'next', 'after']],
  ] as const) {
    assert.deepEqual(eachOf(listSilences(house, { [flag]: ['false'] }), 'comment'), left);
  }
});

test('a filter finds silences with the very same matcher', async () => {
  const house = new FakeHouse();
  const id = await made(house);
  const found = (filter: string) => eachOf(listSilences(house, { filter: [filter] }), 'id');
  assert.deepEqual(found('unit=unit-1.service'), [id]);
  assert.deepEqual(found('unit=~"unit-1.service"'), []);
  assert.deepEqual(found('unit=other'), []);
  assert.equal(listSilences(house, { filter: ['x'] }).status, 400);
});

test('an update keeps the id when matchers and start are the same, else there is a new one', async () => {
  const house = new FakeHouse();
  const id = await made(house);
  house.clock += 60_000;
  assert.equal(await made(house, { id, endsAt: at(120) }), id);
  const other = await made(house, { id, matchers: [matcher('unit', 'other')] });
  assert.notEqual(other, id);
  assert.equal(valueAt(showSilence(house, id).body, 'status.state'), 'expired');
  const unknown = await post(house, { id: 'ffffffff-0000-4000-8000-000000000000' });
  assert.deepEqual(unknown, { status: 404, body: 'silence not found' });
});

const misfits: readonly (readonly [name: string, body: unknown, message: RegExp])[] = [
  ['no body', undefined, /^silence in body is required$/],
  ['nothing', {}, /^comment in body is required$/],
  ['no start', body({ startsAt: undefined }), /^startsAt in body is required$/],
  ['null for the author', body({ createdBy: null }), /^createdBy in body is required$/],
  ['no matchers', body({ matchers: [] }), /^matchers in body should have at least 1 items$/],
  [
    'a matcher without isRegex',
    body({ matchers: [{ name: 'a', value: 'b' }] }),
    /^matchers\.0\.isRegex in body is required$/,
  ],
];
for (const [name, given, message] of misfits) {
  test(`a silence with ${name} does not fit, and is told as an object with a code`, async () => {
    const reply = await postSilence(new FakeHouse(), given, anna);
    assert.equal(reply.status, 422);
    assert.match(String(valueAt(reply.body, 'message')), message);
    assert.equal(valueAt(reply.body, 'code'), name === 'no matchers' ? 612 : 602);
  });
}

const start = 'Failed to create silence: ';
const refusals: readonly (readonly [name: string, body: unknown, says: string | RegExp])[] = [
  [
    'in the past',
    body({ startsAt: at(-60), endsAt: at(-1) }),
    `${start}end time can't be in the past`,
  ],
  [
    'that ends before it begins',
    body({ startsAt: at(9), endsAt: at(8) }),
    `${start}start time must be before end time`,
  ],
  [
    'that matches everything',
    body({ matchers: [matcher('a', '')] }),
    /matchers: at least one must not/,
  ],
  ['longer than may be', body({ endsAt: at(60 * 24 * 31) }), /endsAt: too long: at most 30d/],
  ['without a reason', body({ comment: ' ' }), /comment: must say why/],
  ['with a bad time', body({ endsAt: 'tomorrow' }), /endsAt: "tomorrow" is no RFC 3339 time/],
  ['of another shape', [], /must be a JSON object/],
  ['on a label without a name', body({ matchers: [matcher('', 'x')] }), /a matcher has/],
];
for (const [name, given, says] of refusals) {
  test(`a silence ${name} is refused with a text`, async () => {
    const reply = await postSilence(new FakeHouse(), given, anna);
    assert.equal(reply.status, 400);
    if (typeof says === 'string') assert.equal(reply.body, says);
    else assert.match(String(reply.body), says);
  });
}

test('a silence that cannot be stored is an error, not a success', async () => {
  const house = new FakeHouse();
  house.mutes.unstored = 'disk full';
  assert.deepEqual(await post(house), { status: 500, body: 'disk full' });
});

test('an unknown silence is 404 without a body', async () => {
  const id = 'ffffffff-0000-4000-8000-000000000000';
  assert.deepEqual(await deleteSilence(new FakeHouse(), id, anna), { status: 404 });
  assert.deepEqual(showSilence(new FakeHouse(), id), { status: 404 });
});

async function acknowledged() {
  const house = new FakeHouse();
  const alert = house.fire();
  await house.act(alert.id, { type: 'acknowledge', comment: 'on it' }, 'uid:0');
  const reload = async () => house.findAlert(alert.id);
  return { house, id: acknowledgementIdOf(alert.id), reload };
}

test('an acknowledgement is listed as a silence of exactly that alert', async () => {
  const { house, id } = await acknowledged();
  const listed = listSilences(house, {});
  assert.deepEqual(eachOf(listed, 'id'), [id]);
  assert.partialDeepStrictEqual(listed.body, [
    { status: { state: 'active' }, createdBy: 'uid:0', comment: 'on it' },
  ]);
  assert.deepEqual(showSilence(house, id).body, valueAt(listed.body, '0'));
});

test('ending it takes the acknowledgement back, and it is no longer listed', async () => {
  const { house, id, reload } = await acknowledged();
  assert.equal((await deleteSilence(house, id, anna)).status, 200);
  assert.equal((await reload())?.acknowledged, false);
  assert.deepEqual(listSilences(house, {}).body, []);
  assert.equal((await deleteSilence(house, id, anna)).status, 404);
});

test('other matchers make a silence of it, and nothing is lost when that is refused', async () => {
  const { house, id, reload } = await acknowledged();
  assert.equal((await post(house, { id, comment: '' })).status, 400);
  assert.equal((await reload())?.acknowledged, true);
  const made = await post(house, { id });
  assert.equal((await reload())?.acknowledged, false);
  assert.deepEqual((await reload())?.mutedBy, [valueAt(made.body, 'silenceID')]);
});

test('the same matchers with another end change the acknowledgement', async () => {
  const { house, id } = await acknowledged();
  const asked: unknown[] = [];
  house.act = async (alertId, deed) => {
    asked.push(deed);
    const alert = await house.findAlert(alertId);
    return alert === undefined ? { type: 'unknown' } : { type: 'done', alert, changed: true };
  };
  const matchers = valueAt(showSilence(house, id).body, 'matchers');
  assert.deepEqual(await post(house, { id, matchers }), { status: 200, body: { silenceID: id } });
  const until = fakeStart + 60 * 60_000;
  assert.deepEqual(asked, [{ type: 'acknowledge', comment: 'disk swap', until, door: 'api' }]);
});
