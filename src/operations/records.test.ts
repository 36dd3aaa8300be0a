import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { kinds } from '../collectors/registry.ts';
import { backtestRules } from './backtest.ts';
import { bundleAlert } from './bundle.ts';
import { FakeHouse } from './fake-house.ts';
import type { Caller } from './house.ts';
import type { Operation } from './operation.ts';
import { readRecording, startRecording, stopRecording } from './record.ts';
import { runOperation } from './run.ts';

const admin: Caller = { role: 'admin', name: 'uid:0' };
const operator: Caller = { role: 'operator', name: 'uid:7' };

async function ask(house: FakeHouse, operation: Operation, json: unknown, caller = admin) {
  const answer = await runOperation(house, operation, { texts: {}, json }, caller);
  if (answer.type === 'refused') return answer.refusal.code;
  return answer.type === 'done' ? (answer.output as Record<string, unknown>) : answer.type;
}

test('records are for admins alone', async () => {
  const house = new FakeHouse(kinds);
  const { id } = house.fire();
  for (const [operation, json] of [
    [startRecording, {}],
    [readRecording, { id: 'x' }],
    [stopRecording, { id: 'x' }],
    [backtestRules, {}],
    [bundleAlert, { id }],
  ] as const) {
    assert.equal(await ask(house, operation, json, operator), 'not-permitted', operation.name);
  }
});

test('one recording at a time; one that is not there cannot be read or stopped', async () => {
  const house = new FakeHouse();
  house.records.pieces = ['one\n', 'two\n'];
  assert.equal(await ask(house, stopRecording, { id: 'x' }), 'recording-unknown');
  const started = await ask(house, startRecording, { duration: '10m' });
  assert.ok(typeof started === 'object');
  assert.equal(await ask(house, startRecording, {}), 'conflict');
  assert.equal(await ask(house, startRecording, { duration: '25h' }), 'invalid-input');
  const { id } = started;
  assert.deepEqual(await ask(house, readRecording, { id }), {
    text: 'one\n',
    next: 1,
    ended: false,
  });
  assert.deepEqual(await ask(house, readRecording, { id, piece: 1 }), {
    text: 'two\n',
    next: 2,
    ended: true,
  });
  assert.equal(await ask(house, readRecording, { id: 'other' }), 'recording-unknown');
});

test('a backtest asks for what was meant, and says why there is no answer', async () => {
  const house = new FakeHouse();
  const { records } = house;
  const body = { text: 'rules: []', since: '2d', silences: [{ matchers: ['unit="a"'] }] };
  assert.equal(await ask(house, backtestRules, body), 'backtest-failed');
  assert.deepEqual(records.asked[0], {
    since: house.now() - 2 * 86_400_000,
    silences: [{ matchers: [{ name: 'unit', operator: '=', value: 'a' }] }],
    whole: false,
    channels: false,
    text: 'rules: []',
  });
  records.verdict = { type: 'busy', by: 'uid:0' };
  assert.equal(await ask(house, backtestRules, {}), 'conflict');
  assert.equal(records.asked[1]?.whole, true, 'without candidates all rules are asked for');
  records.verdict = { type: 'empty', why: 'nothing is kept', took: 1 };
  assert.equal(await ask(house, backtestRules, {}), 'conflict');
  const complaint = {
    file: 'request.yaml',
    line: 3,
    column: 1,
    level: 'error',
    message: 'no',
  } as const;
  records.verdict = { type: 'refused', complaints: [complaint], took: 1 };
  assert.equal(await ask(house, backtestRules, {}), 'invalid-input');
  assert.equal(
    await ask(house, backtestRules, { silences: [{ matchers: ['='] }] }),
    'invalid-input',
  );
});

test('no planted secret is in a bundle, and the manifest names every file', async () => {
  const house = new FakeHouse(kinds);
  const secret = 'hunter2x99';
  const { id } = house.fire({
    title: `login with password=${secret} failed`,
    message: `https://user:${secret}@example.org/x?token=${secret}`,
    evidence: [{ type: 'journal', title: 'Journal', lines: [`--token ${secret}`, 'all is lost'] }],
  });
  house.records.settingsAnswer = {
    channels: { hook: { url: `https://hooks.example.org/${secret}`, password: secret } },
    relay: { token: { file: '/etc/tocsin/token' } },
  };
  const answer = await ask(house, bundleAlert, { id });
  assert.ok(typeof answer === 'object');
  assert.equal(answer.name, `tocsin-${id}.tar.gz`);
  const text = gunzipSync(Buffer.from(String(answer.archive), 'base64')).toString();
  assert.ok(!text.includes(secret));
  assert.ok(text.includes('all is lost') && text.includes('/etc/tocsin/token'));
  const files = answer.files as readonly { readonly name: string; readonly redacted: object }[];
  for (const { name } of files) assert.ok(text.includes(`tocsin-${id}/${name}`), name);
  const manifest = text.slice(text.indexOf('{'), text.indexOf('\n}\n') + 2);
  assert.deepEqual(
    (JSON.parse(manifest) as { readonly files: readonly { readonly name: string }[] }).files.map(
      ({ name }) => name,
    ),
    files.map(({ name }) => name),
  );
  const settings = files.find(({ name }) => name === 'settings.json');
  assert.deepEqual(settings?.redacted, { password: 1 });
});
