/** The contract that all other tests lean on is awake: each way to break it is a failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAsyncApi } from '../src/api/specs/asyncapi.ts';
import { renderOpenApi } from '../src/api/specs/openapi.ts';
import { operations } from '../src/operations/registry.ts';
import { type Answered, Contract } from './support/contract.ts';

const contract = new Contract(renderOpenApi(operations, 'test'), renderAsyncApi('test'));

const problem = {
  type: '/problems/alert-unknown',
  title: 'There is no such alert',
  status: 404,
  detail: 'there is no alert x',
  code: 'alert-unknown',
  instance: '/api/v1/monitoring/alerts/x',
  requestId: 'r-1',
};
const health: Answered = {
  method: 'GET',
  path: '/api/v1/health?since=1h',
  status: 200,
  headers: { 'content-type': 'application/json', 'x-request-id': 'r-1' },
  body: '{"status":"healthy"}',
};
const refused: Answered = {
  method: 'GET',
  path: '/api/v1/monitoring/alerts/x',
  status: 404,
  headers: { 'content-type': 'application/problem+json', 'x-request-id': 'r-1' },
  body: JSON.stringify(problem),
};

test('what is promised passes', () => {
  for (const answered of [health, refused]) contract.check(answered);
  assert.ok(contract.seen.has('health.status 200'));
  assert.ok(contract.seen.has('alert.get 404 alert-unknown'));
});

const broken: Readonly<Record<string, Answered>> = {
  'a field that no schema names': { ...health, body: '{"status":"healthy","more":1}' },
  'a field deep inside that no schema names': {
    ...health,
    body: '{"status":"healthy","blind":[{"source":"x","since":"2026-11-22T06:14:00.123Z","until":null,"why":"y","x":1}]}',
  },
  'a value of the wrong form': { ...health, body: '{"status":"fine"}' },
  'an instant without milliseconds': {
    ...health,
    body: '{"status":"healthy","startedAt":"2026-11-22T06:14:00Z"}',
  },
  'a status that is not named': { ...health, status: 202 },
  'another media type': { ...health, headers: { ...health.headers, 'content-type': 'text/html' } },
  'a path that is not there': { ...health, path: '/api/v1/healthy' },
  'a code that is not named for the operation': {
    ...refused,
    body: JSON.stringify({ ...problem, code: 'task-unknown' }),
  },
  'a problem without a code': { ...refused, body: JSON.stringify({ ...problem, code: undefined }) },
  'a header of the wrong form': {
    ...refused,
    path: '/api/v1/monitoring/alerts',
    status: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': 'r-1', etag: 'bare' },
    body: '{"items":[],"nextCursor":null}',
  },
  'no request id': { ...health, headers: { 'content-type': 'application/json' } },
};

for (const [name, answered] of Object.entries(broken))
  test(`${name} does not pass`, () => {
    assert.throws(() => contract.check(answered), assert.AssertionError);
  });

test('a message of the stream passes as it is described, and not otherwise', () => {
  const hello = { event: 'hello', seq: 1, version: '1' };
  const message = { type: 'system', seq: 1, time: '2026-11-22T06:14:00.123Z', data: hello };
  contract.checkMessage(JSON.stringify(message));
  for (const wrong of [
    { ...message, type: 'nonsense' },
    { ...message, more: 1 },
    { ...message, data: { ...hello, more: 1 } },
    { ...message, data: { event: 'run-failed' } },
  ])
    assert.throws(() => contract.checkMessage(JSON.stringify(wrong)), assert.AssertionError);
});
