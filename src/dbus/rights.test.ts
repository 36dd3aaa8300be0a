/** Who may do what: by polkit's word, and without it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { seconds } from '../domain/time.ts';
import type { BusCredentials } from '../platform/bus/serving.ts';
import { callTo } from './fake-service.ts';
import { type Action, actions, roleFor } from './member.ts';
import type { PolkitAnswer } from './polkit.ts';
import { Rights } from './rights.ts';

const adminGroup = 990;
const ownUid = 997;
const user: BusCredentials = { uid: 1000, groups: [1000] };

const allowed: PolkitAnswer = { type: 'allowed' };
const denied: PolkitAnswer = { type: 'denied', afterPassword: true };
const hung: PolkitAnswer = { type: 'unanswered', absent: false, why: 'polkit does not answer' };
const absent: PolkitAnswer = { type: 'unanswered', absent: true, why: 'no such name' };

function rightsWith(answer: PolkitAnswer, credentials: BusCredentials | undefined = user) {
  const clock = new FakeClock();
  let asked = 0;
  let known = 0;
  const rights = new Rights({
    check: async () => {
      asked += 1;
      return answer;
    },
    credentialsOf: async () => {
      known += 1;
      return credentials;
    },
    clock,
    adminGroup: () => adminGroup,
    ownUid,
  });
  return { rights, clock, counts: () => ({ asked, known }) };
}

const call = callTo('/org/tocsin1', 'org.tocsin1.Manager', 'Any');

interface Case {
  readonly name: string;
  readonly answer: PolkitAnswer;
  readonly of: BusCredentials;
  /** Of the five actions. */
  readonly may: readonly Action[];
}

const root: BusCredentials = { uid: 0, groups: [0] };
const admin: BusCredentials = { uid: 1001, groups: [1001, adminGroup] };
const cases: readonly Case[] = [
  { name: 'whom polkit allows', answer: allowed, of: user, may: actions },
  { name: 'whom polkit denies', answer: denied, of: user, may: [] },
  { name: 'root, denied by polkit', answer: denied, of: root, may: [] },
  { name: 'anybody, while polkit hangs', answer: hung, of: user, may: [] },
  { name: 'root, while polkit hangs', answer: hung, of: root, may: actions },
  { name: 'an administrator, while polkit hangs', answer: hung, of: admin, may: actions },
  {
    name: 'our own user, while polkit hangs',
    answer: hung,
    of: { uid: ownUid, groups: [] },
    may: [],
  },
  { name: 'anybody, without polkit', answer: absent, of: user, may: ['read'] },
  { name: 'root, without polkit', answer: absent, of: root, may: actions },
  {
    name: 'our own user, without polkit',
    answer: absent,
    of: { uid: ownUid, groups: [] },
    may: actions,
  },
];
for (const { name, answer, of, may } of cases)
  test(`${name} may ${may.length === 0 ? 'do nothing' : may.join(', ')}`, async () => {
    for (const action of actions) {
      const { caller } = await rightsWith(answer, of).rights.know(call, action);
      assert.equal(caller.role, may.includes(action) ? roleFor[action] : 'none', action);
      assert.deepEqual(
        { ...caller, role: '' },
        { role: '', name: `uid:${of.uid}`, door: 'dbus', client: ':1.7' },
      );
    }
  });

test('a caller of whom the bus knows nothing is nobody, and polkit is not asked (CVE-2021-3560)', async () => {
  for (const answer of [allowed, absent, hung]) {
    const clock = new FakeClock();
    const rights = new Rights({
      check: async () => assert.fail('polkit was asked'),
      credentialsOf: async () => undefined,
      clock,
      adminGroup: () => undefined,
      ownUid: 0,
    });
    const { caller } = await rights.know(call, 'read');
    assert.deepEqual(
      caller,
      { role: 'none', name: 'uid:unknown', door: 'dbus', client: ':1.7' },
      answer.type,
    );
  }
});

test('a caller who leaves while polkit thinks is allowed nothing', async () => {
  const leaving = new AbortController();
  const rights = new Rights({
    check: async () => {
      leaving.abort();
      return allowed;
    },
    credentialsOf: async () => root,
    clock: new FakeClock(),
    adminGroup: () => adminGroup,
    ownUid,
  });
  const { caller } = await rights.know({ ...call, gone: leaving.signal }, 'acknowledge');
  assert.equal(caller.role, 'none');
});

test('a yes to read counts five seconds for that connection, a yes to a change once', async () => {
  const { rights, clock, counts } = rightsWith(allowed);
  for (let i = 0; i < 10; i++) await rights.know(call, 'read');
  assert.deepEqual(counts(), { asked: 1, known: 1 });
  await rights.know({ ...call, sender: ':1.8' }, 'read');
  assert.deepEqual(counts(), { asked: 2, known: 2 });
  await clock.advance(seconds(5));
  await rights.know(call, 'read');
  assert.deepEqual(counts(), { asked: 3, known: 2 });
  await rights.know(call, 'acknowledge');
  await rights.know(call, 'acknowledge');
  assert.equal(counts().asked, 5);
  rights.forget(':1.7');
  await rights.know(call, 'read');
  assert.deepEqual(counts(), { asked: 6, known: 3 });
});

test('a no to read is asked again each time', async () => {
  const { rights, counts } = rightsWith(denied);
  await rights.know(call, 'read');
  const { afterPassword } = await rights.know(call, 'read');
  assert.equal(counts().asked, 2);
  assert.equal(afterPassword, true);
});

test('connections without number do not fill the memory', async () => {
  const { rights, counts } = rightsWith(allowed);
  for (let i = 0; i < 3000; i++) await rights.know({ ...call, sender: `:1.${i}` }, 'read');
  assert.equal(counts().asked, 3000);
});

test('however many connections ask, no more than a thousand or so are remembered', async () => {
  const { rights, counts } = rightsWith(allowed);
  const ask = (i: number) => rights.know({ ...call, sender: `:1.${i}` }, 'read');
  for (let i = 0; i < 1024; i++) await ask(i);
  await ask(0);
  assert.deepEqual(counts(), { asked: 1024, known: 1024 });
  await ask(1024);
  await ask(0);
  assert.deepEqual(counts(), { asked: 1026, known: 1026 });
});
