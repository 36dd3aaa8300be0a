/**
 * Every route is asked so that it answers in every way that openapi.json promises for it: each
 * status, and each code of a refusal. Each answer is held against the document on its way
 * (testing/serve.ts), so nothing that is not promised passes either.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { FakeHouse } from '../../operations/fake-house.ts';
import { alertIn, furnishedHouse, silenceIn } from '../../operations/furnished-house.fixture.ts';
import type { Operation } from '../../operations/operation.ts';
import { isRefusalCode, type RefusalCode, refusals } from '../../operations/refusals.ts';
import { operations } from '../../operations/registry.ts';
import { inputs } from '../../operations/sample-inputs.fixture.ts';
import { followStream } from '../../operations/stream.ts';
import { listen, listenEvents } from '../testing/listen.ts';
import { promised } from '../testing/promised.ts';
import { type Asked, type Served, serve, type Told, tokenOf } from '../testing/serve.ts';
import { anywhere, codesOf, isKeyed } from './problems.ts';

type Input = Readonly<Record<string, unknown>>;

interface Case {
  /** Prepares the house. */
  readonly before?: (served: Served) => unknown;
  /** In place of fields of the sample. */
  readonly input?: Input;
  readonly headers?: Asked['headers'];
  /** In place of the body. */
  readonly body?: unknown;
}

const contract = promised();
const nobody = { uid: 1000, gid: 1000, groups: [1000] };
const why = 'the disk is full';

const sampleOf = (served: Served, { name }: Operation): Input =>
  (inputs[name]?.(alertIn(served.house)) ?? {}) as Input;

/** Sends an input as the operation's route takes it: path, then query or body. */
function send(
  served: Served,
  operation: Operation,
  input: Input,
  { headers = {}, body }: Case = {},
): Promise<Told> {
  const { method, precondition } = operation;
  const rest = { ...input };
  const path = operation.path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return value;
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest))
    for (const one of [value].flat()) query.append(name, String(one));
  const isRead = method === 'GET';
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? rest);
  const isSession = operation.name.startsWith('session.');
  return served.askAt(
    isSession ? 'api' : 'local',
    query.size > 0 && isRead ? `${path}?${query.toString()}` : path,
    {
      method,
      headers: {
        ...(precondition && { 'if-match': '*' }),
        ...(isSession && { authorization: `Bearer ${tokenOf('admin')}` }),
        // For DELETE Node's client says nothing of a body.
        ...(!isRead && { 'content-length': String(Buffer.byteLength(text)) }),
        ...headers,
      },
      ...(!isRead && { body: text }),
    },
  );
}

/** The operation's own no, by its code; where it differs by the operation, by both. */
const refusing: Readonly<Partial<Record<RefusalCode, Case>>> = {
  'alert-unknown': { input: { id: 'nobody' } },
  'recording-unknown': { input: { id: 'nobody' } },
  'silence-unknown': { input: { id: 'nobody' } },
  'maintenance-unknown': { input: { id: 'nobody' } },
  'task-unknown': { input: { id: 'nobody' } },
  'token-unknown': { input: { id: 'nobody' } },
  'rule-unknown': { input: { id: 'nobody' } },
  'channel-unknown': { input: { name: 'nobody' } },
  'resource-unknown': { input: { kind: 'systemd.unit', id: 'nobody' } },
  'kind-unknown': { input: { kind: 'nobody' } },
  'attribute-unknown': { input: { attribute: 'nobody' } },
  'history-unavailable': {
    before: ({ house }) => Object.assign(house, { numbersAnswer: { type: 'unavailable', why } }),
  },
  'audit-unread': {
    before: ({ house }) => Object.assign(house.audit, { whyUnread: why }),
  },
  'backtest-failed': {
    before: ({ house }) => Object.assign(house.records, { verdict: { type: 'failed', why } }),
  },
  'too-many-alerts': { before: ({ house }) => Object.assign(house, { isFull: true }) },
  'rule-exists': { input: { id: 'unit-failed' } },
  'rule-elsewhere': {
    before: ({ house }) => Object.assign(house.ruleDesk, { answer: { type: 'conflict', why } }),
  },
  'token-exists': { input: { name: 'viewer' } },
  'not-stored': {
    before: ({ house }) => {
      for (const part of [house.mutes, house.tasks, house.access])
        Object.assign(part, { unstored: why });
      Object.assign(house.ruleDesk, { answer: { type: 'unstored', why } });
    },
  },
  'invalid-input': { input: { nonsense: 1 } },
  'invalid-cursor': { input: { cursor: 'nonsense' } },
  'too-large': { body: `"${'x'.repeat(2 * 1024 * 1024)}"` },
  'unsupported-media-type': { headers: { 'content-type': 'text/plain' }, body: 'x' },
  'not-permitted': { before: (served) => Object.assign(served, { peer: nobody }) },
  'precondition-required': { headers: { 'if-match': [] } },
  'precondition-failed': { headers: { 'if-match': '"another"' } },
  'upgrade-required': { headers: { accept: 'application/json' } },
  'configuration-refused': { before: ({ house }) => Object.assign(house, { reloadAnswer: why }) },
};

/** Lets the desk of tokens say so, whatever the token. */
const answering = (house: FakeHouse, deed: keyof FakeHouse['access'], type: string): unknown =>
  Object.assign(house.access, { [deed]: async () => ({ type }) });

const conflicts: Readonly<Record<string, Case>> = {
  'rule.backtest': {
    before: ({ house }) => Object.assign(house.records, { verdict: { type: 'busy', by: 'uid:0' } }),
  },
  // A run that has failed does not get well.
  'task.update': {
    before: ({ house }) => house.tasks.update('copy', { exitStatus: 3 }, 'uid:0'),
    input: { exitStatus: 0 },
  },
  'recording.start': { before: ({ house }) => house.records.recordings.start(1000, 'uid:0') },
  'token.create': { before: ({ house }) => answering(house, 'createToken', 'too-many') },
  'token.change': { before: ({ house }) => answering(house, 'changeToken', 'expired') },
  'token.rotate': { before: ({ house }) => answering(house, 'rotateToken', 'expired') },
};

/** An open schema takes any field, but no list. */
const isOpen = ({ input }: Operation): boolean =>
  (input as { additionalProperties?: unknown }).additionalProperties === true;

/** How the operation says no with this code. */
function caseOf(operation: Operation, code: RefusalCode): Case {
  if (isOpen(operation) && code === 'invalid-input') return { body: [] };
  return (code === 'conflict' ? conflicts[operation.name] : refusing[code]) ?? {};
}

/** Whoever its path names is not there. */
const unknownFor = ({ path }: Operation): Input =>
  Object.fromEntries([...path.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, 'nobody']));

/** Asks as the case has it; whatever the answer is, it must be promised. */
function ask(served: Served, operation: Operation, one: Case): Promise<Told> {
  const input = { ...sampleOf(served, operation), ...one.input };
  one.before?.(served);
  const accept = operation.name === followStream.name ? { accept: 'application/json' } : {};
  return send(served, operation, input, { ...one, headers: { ...accept, ...one.headers } });
}

/** A house of its own where something is to be prepared in it; else the one that is there. */
async function provoke(
  t: TestContext,
  operation: Operation,
  code: RefusalCode,
  shared: Served,
): Promise<void> {
  const isByKey = code === 'key-reused' || (code === 'conflict' && isKeyed(operation));
  const one = caseOf(operation, code);
  const isCrowded = code === 'too-many-clients';
  const limits = isCrowded ? { clientsMax: 0 } : {};
  const needsOwn = isByKey || isCrowded || one.before !== undefined;
  const served = needsOwn ? await serve(t, { house: furnishedHouse(), limits }) : shared;
  if (isByKey) {
    await provokeByKey(served, operation, code);
    return;
  }
  const accept = operation.name === followStream.name ? { accept: 'text/event-stream' } : {};
  const told = await ask(served, operation, { ...one, headers: { ...accept, ...one.headers } });
  assert.equal(told.at('code'), code, `${operation.name}: ${told.text}`);
}

/** The same key for another request; and for one that is still at work. */
async function provokeByKey(served: Served, operation: Operation, code: string): Promise<void> {
  const sample = sampleOf(served, operation);
  const headers = { 'idempotency-key': 'k' };
  if (code === 'key-reused') {
    await send(served, operation, sample, { headers });
    const other = await send(served, operation, { ...sample, nonsense: 1 }, { headers });
    assert.equal(other.at('code'), code, other.text);
    return;
  }
  const { replies } = served.house;
  const find = replies.find.bind(replies);
  const atWork = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  Object.assign(served.house.replies, {
    find: async (...asked: Parameters<typeof find>) => {
      atWork.resolve();
      await goOn.promise;
      return find(...asked);
    },
  });
  const first = send(served, operation, sample, { headers });
  await atWork.promise;
  const second = await send(served, operation, sample, { headers });
  goOn.resolve();
  await first;
  assert.equal(second.at('code'), 'conflict', second.text);
}

for (const operation of operations) {
  const { name, method } = operation;
  const hasVersion = operation.version !== undefined;
  test(`${name} answers in every way that is promised`, async (t) => {
    const served = await serve(t, { house: furnishedHouse() });
    // What it does not name is found too: an answer that is not promised does not pass.
    if (operation.path.includes(':'))
      await ask(served, operation, { input: unknownFor(operation) });
    if (method !== 'GET') {
      const full = await serve(t, { house: furnishedHouse() });
      await ask(full, operation, refusing['not-stored'] ?? {});
    }
    // Refusals first: they change nothing.
    const codes = new Set(codesOf(operation));
    // Also where it does not promise one.
    if (conflicts[name] !== undefined) codes.add('conflict');
    for (const code of codes)
      if (!anywhere.includes(code)) await provoke(t, operation, code, served);
    if (name === followStream.name) return;
    const sample = sampleOf(served, operation);
    const told = await send(served, operation, sample);
    assert.ok(told.status < 300, told.text);
    const known = { headers: { 'if-none-match': '*' } };
    if (hasVersion && method === 'GET')
      assert.equal((await send(served, operation, sample, known)).status, 304);
  });
}

test('what has more than one good answer gives each of them', async (t) => {
  const served = await serve(t, { house: furnishedHouse() });
  const named = (wanted: string): Operation => {
    const found = operations.find(({ name }) => name === wanted);
    assert.ok(found, wanted);
    return found;
  };
  const raise = { ...sampleOf(served, named('alert.raise')), key: 'k' };
  assert.equal((await send(served, named('alert.raise'), raise)).status, 201);
  served.house.clock += 1000;
  assert.equal((await send(served, named('alert.raise'), raise)).status, 200);
  const save = { ...sampleOf(served, named('silence.save')), id: silenceIn(served.house) };
  const changed = { ...save, matchers: ['unit=none'], comment: 'longer' };
  assert.equal((await send(served, named('silence.save'), changed)).status, 200);
  served.house.healthAnswer = { status: 'unhealthy', components: {} };
  assert.equal((await send(served, named('health.status'), {})).status, 503);
});

test('the stream opens as a WebSocket and as server-sent events, with every kind of message', async (t) => {
  const served = await serve(t, { house: furnishedHouse() });
  const both = [await listen(served), await listenEvents(served)];
  for (const one of both) assert.equal(one.heard[0]?.type, 'system');
  for (const status of [101, 200]) contract.seen.add(`${followStream.name} ${status}`);
});

test('the pages that are no operations answer as they are described', async (t) => {
  const served = await serve(t, { house: furnishedHouse() });
  const statusOf = async (path: string): Promise<number> => (await served.ask(path)).status;
  for (const path of ['/problems', '/problems/conflict', '/readyz?verbose', '/livez', '/metrics'])
    assert.equal(await statusOf(path), 200, path);
  for (const name of ['openapi', 'asyncapi']) {
    assert.equal(await statusOf(`/api/v1/${name}.json`), 200);
  }
  assert.equal(await statusOf('/problems/nonsense'), 404);
  served.house.isReady = false;
  served.house.notAlive = 'stuck';
  assert.deepEqual([await statusOf('/readyz'), await statusOf('/livez')], [503, 503]);
  served.peer = nobody;
  assert.equal(await statusOf('/metrics'), 403);
});

/** So many connections of somebody who has asked, and keeps them. */
const crowd = (path: string, count: number): Promise<readonly Socket[]> =>
  Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(path).on('error', reject);
          socket.once('data', () => resolve(socket));
          const bearer = `Authorization: Bearer ${tokenOf('viewer')}`;
          socket.write(`GET /livez HTTP/1.1\r\nHost: a\r\n${bearer}\r\n\r\n`);
        }),
    ),
  );

test('what any request can meet before a route is met', async (t) => {
  const served = await serve(t, {
    house: furnishedHouse(),
    access: { requestsPerSecond: () => 1 },
  });
  const path = '/api/v1/monitoring/alerts';
  const codeOf = async (answer: Promise<Told>): Promise<unknown> => (await answer).at('code');
  const origin = { origin: 'https://elsewhere.example' };
  assert.equal(await codeOf(served.ask(path, { headers: origin })), 'origin-refused');
  const twice = { headers: { origin: ['https://a.example', 'https://b.example'] } };
  assert.equal(await codeOf(served.ask(path, twice)), 'invalid-request');
  assert.equal(await codeOf(served.ask(`${path}?q=${'x'.repeat(9000)}`)), 'uri-too-long');
  assert.equal(await codeOf(served.askAt('api', path)), 'unauthenticated');
  const headers = { authorization: `Bearer ${tokenOf('viewer')}` };
  const many = Array.from({ length: 100 }, () => codeOf(served.askAt('api', path, { headers })));
  assert.ok((await Promise.all(many)).includes('too-many-requests'));
  const crowded = await serve(t, { house: furnishedHouse(), limits: { clientsMax: 1 } });
  const sockets = await crowd(crowded.socketOf('api'), 257);
  assert.equal(await codeOf(crowded.askAt('api', path, { headers })), 'too-busy');
  for (const socket of sockets) socket.destroy();
  Object.assign(served.house, {
    activeAlerts: () => {
      throw new Error('a bug');
    },
  });
  assert.equal(await codeOf(served.ask(path)), 'internal');
});

test('every refusal of the table is promised by an operation, or met where there is none', () => {
  const promisedCodes = new Set(operations.flatMap((operation) => codesOf(operation)));
  const elsewhere = ['not-found', 'problem-unknown', 'method-not-allowed', 'not-ready'];
  const dead = Object.keys(refusals).filter(
    (code) => isRefusalCode(code) && !promisedCodes.has(code),
  );
  assert.deepEqual(dead, elsewhere);
});

test('every answer that is promised was given', () => {
  const met = new Set(
    [...contract.seen].map((one) => one.split(' ')[2]).filter((code) => code !== undefined),
  );
  // What is met before a route is the same for all of them.
  const isMetAnywhere = (promise: string): boolean => {
    const code = anywhere.find((one) => one === promise.split(' ')[2]);
    return code !== undefined && met.has(code);
  };
  const never = contract.promised.filter((one) => !contract.seen.has(one) && !isMetAnywhere(one));
  assert.deepEqual(never, []);
  assert.ok(contract.promised.length > 600, 'the document promises little');
});
