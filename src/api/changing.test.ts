/** Asking twice and overwriting each other: Idempotency-Key and If-Match. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { RuleSummary } from '../domain/rule.ts';
import { type Asked, type Served, serve, tokenOf } from './testing/serve.ts';

const summary: RuleSummary = {
  id: 'disk-hot',
  kind: 'storage.disk',
  form: 'condition',
  source: 'storage',
  severities: ['warning'],
  title: '{{ disk.id }} is hot',
  enabled: true,
  file: '/usr/lib/tocsin/rules.d/storage.yaml',
  line: 7,
  dropIns: [],
  digest: 'd1',
  definition: { id: 'disk-hot', for: '5m' },
};

let served: Served;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  served = await serve({ after: (close) => closers.push(close as () => unknown) });
  served.house.ruleSummaries.push(summary);
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const post = (key: string, title: string): Asked => ({
  method: 'POST',
  headers: { 'idempotency-key': key },
  body: { severity: 'info', source: 'task', title },
});
const alerts = '/api/v1/monitoring/alerts';
const rule = '/api/v1/rules/disk-hot';

describe('Idempotency-Key', () => {
  test('the same request again is answered again and not done again', async () => {
    const first = await served.ask(alerts, post('"k-1"', 'once'));
    const again = await served.ask(alerts, post('k-1', 'once'));
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.location, first.headers.location);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(served.house.activeAlerts().length, 1);
  });

  test('another request with the same key is refused, and not done', async () => {
    await served.ask(alerts, post('k-2', 'one'));
    const other = await served.ask(alerts, post('k-2', 'two'));
    assert.deepEqual([other.status, other.at('code')], [422, 'key-reused']);
    assert.equal(served.house.activeAlerts().length, 1);
  });

  test('two at once: one is done, the other is told to wait', async () => {
    const both = await Promise.all([
      served.ask(alerts, post('k-3', 'at once')),
      served.ask(alerts, post('k-3', 'at once')),
    ]);
    const statuses = both.map(({ status }) => status).toSorted((a, b) => a - b);
    assert.ok(statuses[0] === 201 && (statuses[1] === 409 || statuses[1] === 201), statuses.join());
    assert.equal(served.house.activeAlerts().length, 1);
  });

  test('a key belongs to its caller: what others were answered is not shown', async () => {
    await served.ask(alerts, post('k-4', 'mine'));
    const headers = { authorization: `Bearer ${tokenOf('operator')}`, 'idempotency-key': 'k-4' };
    const body = { severity: 'info', source: 'task', title: 'theirs' };
    const theirs = await served.askAt('api', alerts, { method: 'POST', headers, body });
    assert.deepEqual([theirs.status, theirs.at('title')], [201, 'theirs']);
  });

  test('who may not do it is refused, and no answer is kept', async () => {
    const headers = { authorization: `Bearer ${tokenOf('viewer')}`, 'idempotency-key': 'k-5' };
    const asked = { ...post('k-5', 'no'), headers };
    assert.equal((await served.askAt('api', alerts, asked)).status, 403);
    assert.deepEqual(served.house.kept, []);
  });

  test('whoever may only read writes nothing, also with a key', async () => {
    const headers = { authorization: `Bearer ${tokenOf('viewer')}`, 'idempotency-key': 'k-6' };
    const asked = { method: 'POST', headers, body: { matchers: ['unit="a"'] } };
    const answer = await served.askAt('api', '/api/v1/silences/preview', asked);
    assert.equal(answer.status, 200);
    assert.deepEqual(served.house.kept, []);
  });

  test('a key that is none is refused', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256)]) {
      const answer = await served.ask(alerts, post(key, 'none'));
      assert.deepEqual([answer.status, answer.at('code')], [400, 'invalid-request'], key);
    }
    assert.equal(served.house.activeAlerts().length, 0);
  });
});

for (const path of ['/api/v1/rules', '/am/api/v2/alerts']) {
  test(`of whoever may not do it no body is held at ${path}`, async () => {
    const headers = { authorization: `Bearer ${tokenOf('viewer')}` };
    const body = [{ labels: { a: 'x'.repeat(5_000_000) } }];
    const answer = await served.askAt('api', path, { method: 'POST', headers, body });
    assert.equal(answer.status, 403);
  });
}

describe('If-Match', () => {
  const patch = (match?: string): Asked => ({
    method: 'PATCH',
    body: { enabled: false },
    headers: match === undefined ? {} : { 'if-match': match },
  });

  test('without it nothing is changed, and the answer says what to send', async () => {
    const answer = await served.ask(rule, patch());
    assert.deepEqual([answer.status, answer.at('code')], [428, 'precondition-required']);
    assert.match(String(answer.at('hint')), /ETag/);
    assert.deepEqual(served.house.ruleDesk.asked, []);
  });

  test('a version that somebody else has replaced is refused', async () => {
    const { headers } = await served.ask(rule);
    const etag = headers.etag ?? '';
    assert.equal((await served.ask(rule, patch(etag))).status, 200);
    const late = await served.ask(rule, patch(etag));
    assert.deepEqual([late.status, late.at('code')], [412, 'precondition-failed']);
    assert.equal(served.house.ruleDesk.asked.length, 1);
  });

  test('the answer carries the ETag for the next change', async () => {
    const { headers } = await served.ask(rule, patch('*'));
    assert.equal((await served.ask(rule, patch(headers.etag))).status, 200);
  });

  test('a weak tag never matches', async () => {
    const { headers } = await served.ask(rule);
    assert.equal((await served.ask(rule, patch(`W/${headers.etag ?? ''}`))).status, 412);
  });

  test('an operator may not change rules, and is not told of versions', async () => {
    const headers = { authorization: `Bearer ${tokenOf('operator')}` };
    const answer = await served.askAt('api', rule, { ...patch(), headers });
    assert.equal(answer.status, 403);
  });
});

describe('rules', () => {
  test('what does not compile is refused with every complaint', async () => {
    const complaint = { file: '90-api.yaml', line: 3, column: 5, level: 'error', message: 'no' };
    served.house.ruleDesk.answer = {
      type: 'wrong',
      complaints: [{ ...complaint, level: 'error' }],
    };
    const answer = await served.ask('/api/v1/rules', { method: 'POST', body: { id: 'new' } });
    assert.deepEqual([answer.status, answer.at('code')], [400, 'invalid-input']);
    assert.equal(answer.at('errors.0.detail'), '90-api.yaml:3:5: error: no');
  });

  test('an id that is taken, and one that is not there, say so', async () => {
    const taken = await served.ask('/api/v1/rules', { method: 'POST', body: { id: 'disk-hot' } });
    assert.deepEqual([taken.status, taken.at('code')], [409, 'rule-exists']);
    const headers = { 'if-match': '*' };
    const none = await served.ask('/api/v1/rules/disk-hut', { method: 'DELETE', headers });
    assert.deepEqual([none.status, none.at('code')], [404, 'rule-unknown']);
    assert.match(String(none.at('detail')), /disk-hot/);
  });

  test('delta is a path of its own, and no rule', async () => {
    assert.deepEqual((await served.ask('/api/v1/rules/delta')).at('items'), []);
  });
});
