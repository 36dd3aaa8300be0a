/**
 * What tocsin answers below /am, held against Alertmanager's own description of its API: the Swagger
 * document that the installed program carries inside. We describe that API nowhere ourselves.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { alertmanagerOperations } from '../../src/api/alertmanager/operations.ts';
import { type Answer, ask, startDaemon, type TestDaemon } from '../support/daemon.ts';
import type { Json } from '../support/gathering.ts';

const program = '/usr/bin/prometheus-alertmanager';

/** The first JSON object in the bytes that says it is Swagger. */
function findDocument(bytes: Buffer): Json {
  const begin = bytes.lastIndexOf('{', bytes.indexOf('"swagger": "2.0"'));
  for (let end = bytes.indexOf('}', begin); end >= 0; end = bytes.indexOf('}', end + 1)) {
    const text = bytes.subarray(begin, end + 1).toString('latin1');
    // It ends where a line begins with the bracket.
    if (!text.endsWith('\n}')) continue;
    return JSON.parse(Buffer.from(text, 'latin1').toString('utf8'));
  }
  throw new Error(`${program} carries no description of its API`);
}

const document = findDocument(readFileSync(program));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

/** Parts of others: what is not theirs is the whole's. */
const bases = ['alert', 'silence'];

/** Definitions are $defs today; an object has no fields but those that are described. */
function modern(value: Json): Json {
  if (Array.isArray(value)) return value.map(modern);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    key === '$ref' ? String(one).replace('#/definitions/', 'am:#/$defs/') : modern(one),
  ]);
  return Object.fromEntries(entries);
}
// What later versions than Debian's have added; tocsin answers as 0.34 does.
const { alertStatus, alertGroup, receiver, silence } = document.definitions;
const labelSet = { $ref: '#/definitions/labelSet' };
alertStatus.properties.mutedBy ??= { type: 'array', items: { type: 'string' } };
alertGroup.properties.routeLabels ??= labelSet;
receiver.properties.labels ??= labelSet;
silence.properties.annotations ??= labelSet;

const definitions = Object.entries<Json>(document.definitions).map(([name, schema]) => {
  const isWhole = schema.type === 'object' || schema.allOf !== undefined;
  const isClosed = isWhole && !bases.includes(name) && schema.additionalProperties === undefined;
  return [name, { ...modern(schema), ...(isClosed && { unevaluatedProperties: false }) }];
});
ajv.addSchema({ $id: 'am:', $defs: Object.fromEntries(definitions) });

/** `GET /silence/{silenceID}` */
const described: readonly string[] = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
  Object.keys(item)
    .filter((method) => /^(get|post|put|delete|patch)$/.test(method))
    .map((method) => `${method.toUpperCase()} ${path}`),
);
const asked = new Set<string>();

let daemon: TestDaemon;
before(async () => {
  daemon = await startDaemon();
});
after(() => daemon.end());

/** The answer, which must be described, under its status, as it came. */
async function answerOf(
  method: string,
  template: string,
  { path = template, body }: { readonly path?: string; readonly body?: unknown } = {},
): Promise<Answer> {
  const answer = await ask(daemon.socket, method, `/am/api/v2${path}`, body);
  const responses = document.paths[template][method.toLowerCase()].responses;
  const found = responses[String(answer.status)];
  assert.ok(found, `${method} ${path} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
  const response = found.$ref ? document.responses[found.$ref.split('/').at(-1)] : found;
  if (response.schema === undefined) assert.equal(answer.body, '', `${method} ${path} has a body`);
  else {
    const validate = ajv.compile(modern(response.schema));
    const isRight = validate(answer.body);
    const shown = JSON.stringify(answer.body).slice(0, 1000);
    assert.ok(isRight, `${method} ${path}: ${ajv.errorsText(validate.errors)} in ${shown}`);
  }
  asked.add(`${method} ${template}`);
  return answer;
}

test('each operation that Alertmanager describes is one of ours', () => {
  const ours = alertmanagerOperations.map(
    ({ method, path }) =>
      `${method} ${path.replace('/am/api/v2', '').replace(':id', '{silenceID}')}`,
  );
  assert.deepEqual(
    described.filter((one) => !ours.includes(one)),
    [],
  );
});

test('what it answers is what Alertmanager describes, with nothing beside it', async () => {
  const alert = { labels: { alertname: 'DiskHot', node: 'a' }, annotations: { summary: 'hot' } };
  await answerOf('POST', '/alerts', { body: [alert] });
  const matchers = [{ name: 'node', value: 'a', isRegex: false, isEqual: true }];
  const [startsAt, endsAt] = [0, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
  const silence = { matchers, startsAt, endsAt, createdBy: 'anna', comment: 'moved' };
  const { body: made } = await answerOf('POST', '/silences', { body: silence });
  const { body: alerts } = await answerOf('GET', '/alerts');
  assert.deepEqual(alerts[0].status.silencedBy, [made.silenceID]);
  await answerOf('GET', '/alerts/groups');
  for (const path of ['/status', '/receivers', '/silences']) await answerOf('GET', path);
  const one = { path: `/silence/${made.silenceID}` };
  await answerOf('GET', '/silence/{silenceID}', one);
  await answerOf('DELETE', '/silence/{silenceID}', one);
  const { body: after } = await answerOf('GET', '/silence/{silenceID}', one);
  assert.equal(after.status.state, 'expired');
});

test('and so are its refusals', async () => {
  const wrong = { path: '/alerts?filter=%7B%7B' };
  assert.equal((await answerOf('GET', '/alerts', wrong)).status, 400);
  const gone = { path: '/silence/00000000-0000-4000-8000-000000000000' };
  assert.equal((await answerOf('GET', '/silence/{silenceID}', gone)).status, 404);
});

test('every operation that is described was asked', () => {
  assert.deepEqual(
    described.filter((one) => !asked.has(one)),
    [],
  );
});
