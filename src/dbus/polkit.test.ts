import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import type { BusAnswer, BusCall, SystemBus } from '../platform/system-bus.ts';
import { neverGone } from './fake-service.ts';
import { askedAtOnceMax, Polkit, type PolkitQuestion, sparedAfterHang } from './polkit.ts';

const question: PolkitQuestion = {
  action: 'acknowledge',
  sender: ':1.7',
  isInteractive: false,
  gone: neverGone,
};
const said = (isAllowed: boolean, isChallenge: boolean): BusAnswer => ({
  type: 'returned',
  body: [[isAllowed, isChallenge, {}]],
});

function polkitWith(answer: (call: BusCall) => Promise<BusAnswer>) {
  const calls: BusCall[] = [];
  const state = { connects: 0, closed: 0, refusal: '' };
  const bus: SystemBus = {
    async connect() {
      state.connects += 1;
      if (state.refusal !== '') return { type: 'refused', why: state.refusal };
      const { promise: lost, resolve } = Promise.withResolvers<string>();
      const close = (): void => {
        state.closed += 1;
        resolve('closed');
      };
      const call = (one: BusCall): Promise<BusAnswer> => {
        calls.push(one);
        return answer(one);
      };
      const connection = { call, lost, close, addMatch: async () => said(true, false) };
      return { type: 'connected', connection };
    },
  };
  const clock = new FakeClock();
  return { polkit: new Polkit(bus, clock), calls, state, clock };
}

test('polkit is asked about the bus name of the caller, and nobody is bothered', async () => {
  const { polkit, calls } = polkitWith(async () => said(true, false));
  assert.deepEqual(await polkit.check(question), { type: 'allowed' });
  assert.partialDeepStrictEqual(calls[0], {
    member: 'CheckAuthorization',
    signature: '(sa{sv})sa{ss}us',
    body: [
      ['system-bus-name', { name: { signature: 's', value: ':1.7' } }],
      'org.tocsin1.acknowledge',
      {},
      0,
      '',
    ],
    timeout: 5000,
  });
});

const answers: readonly (readonly [string, BusAnswer, unknown])[] = [
  ['a no', said(false, false), { type: 'denied', afterPassword: false }],
  ['a no without a password', said(false, true), { type: 'denied', afterPassword: true }],
  ['nonsense', { type: 'returned', body: [['yes']] }, { type: 'denied', afterPassword: false }],
  ['nothing at all', { type: 'returned', body: [] }, { type: 'denied', afterPassword: false }],
];
for (const [name, answer, expected] of answers)
  test(`${name} is no yes`, async () => {
    assert.deepEqual(await polkitWith(async () => answer).polkit.check(question), expected);
  });

const errors: readonly (readonly [string, boolean])[] = [
  ['org.freedesktop.DBus.Error.ServiceUnknown', true],
  ['org.freedesktop.systemd1.UnitMasked', true],
  ['org.freedesktop.DBus.Error.TimedOut', false],
  ['org.freedesktop.PolicyKit1.Error.Failed', false],
  ['org.freedesktop.PolicyKit1.Error.NotAuthorized', false],
];
for (const [name, absent] of errors)
  test(`${name} is no answer, of a polkit that is ${absent ? 'not there' : 'there'}`, async () => {
    const { polkit } = polkitWith(async () => ({ type: 'error', name, message: 'x' }));
    const answer = await polkit.check(question);
    assert.deepEqual(answer, { type: 'unanswered', absent, why: 'polkit: x' });
  });

test('a polkit that hangs is waited for once, and then spared with its connection', async () => {
  const { polkit, calls, state, clock } = polkitWith(async () => ({ type: 'timeout' }));
  const first = await polkit.check(question);
  assert.ok(first.type === 'unanswered' && !first.absent);
  for (let i = 0; i < 1000; i++) await polkit.check(question);
  assert.equal(calls.length, 1);
  assert.equal(state.closed, 1);
  await clock.advance(sparedAfterHang);
  await polkit.check(question);
  assert.equal(calls.length, 2);
  assert.equal(state.connects, 2);
});

test('without a bus there is no answer, and the next question tries again', async () => {
  const { polkit, state } = polkitWith(async () => said(true, false));
  state.refusal = 'no bus';
  assert.equal((await polkit.check(question)).type, 'unanswered');
  state.refusal = '';
  assert.equal((await polkit.check(question)).type, 'allowed');
});

test('people are asked at most so many at once, and others are told that they would be', async () => {
  const { polkit, calls } = polkitWith(() => new Promise(() => {}));
  for (let i = 0; i < askedAtOnceMax + 1; i++)
    void polkit.check({ ...question, isInteractive: true });
  await settled();
  const flags = calls.map(({ body }) => body?.[3]);
  assert.deepEqual(flags, [...Array.from({ length: askedAtOnceMax }, () => 1), 0]);
});

test('a caller who leaves takes the question back, and the window goes', async () => {
  const leaving = new AbortController();
  const { polkit, calls } = polkitWith((call) =>
    call.member === 'CheckAuthorization'
      ? new Promise(() => {})
      : Promise.resolve(said(true, false)),
  );
  void polkit.check({ ...question, isInteractive: true, gone: leaving.signal });
  await settled();
  leaving.abort();
  await settled();
  assert.partialDeepStrictEqual(calls[1], { member: 'CancelCheckAuthorization', signature: 's' });
  assert.deepEqual(calls[1]?.body, [calls[0]?.body?.[4]]);
});

test('a question that nobody answers in time is taken back, and polkit is asked on', async () => {
  const { polkit, calls, state } = polkitWith(async ({ member }) =>
    member === 'CheckAuthorization' ? { type: 'timeout' } : said(true, false),
  );
  const answer = await polkit.check({ ...question, isInteractive: true });
  assert.equal(answer.type, 'unanswered');
  assert.deepEqual(
    calls.map(({ member }) => member),
    ['CheckAuthorization', 'CancelCheckAuthorization'],
  );
  assert.equal(state.closed, 0);
});

test('nobody is asked for a password for a caller who left while the bus was connected', async () => {
  const leaving = new AbortController();
  const { polkit, calls } = polkitWith(async () => said(true, false));
  const asked = polkit.check({ ...question, isInteractive: true, gone: leaving.signal });
  leaving.abort();
  assert.deepEqual(await asked, { type: 'denied', afterPassword: false });
  assert.deepEqual(calls, []);
});

test('questions beyond the limit are answered without polkit', async () => {
  const { polkit, calls } = polkitWith(() => new Promise(() => {}));
  const many = Array.from({ length: 100 }, () => polkit.check(question));
  await settled();
  assert.equal(calls.length, 64);
  assert.equal((await many.at(-1))?.type, 'unanswered');
});
