/** What the settings loader accepts, and what it says of what it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadSettings } from './load.ts';
import { count, defaultsOf, patterns, required, secret } from './readers.ts';
import { settingsTable } from './settings.ts';

const sections = {
  systemd: {
    watch: patterns(['*.service'], 'Units to watch.', '[a]'),
    ignore: patterns(['run-*'], 'Units not to watch.', '[a]'),
  },
};
const defaults = defaultsOf({ ...sections, ...settingsTable });

const load = (...texts: string[]) =>
  loadSettings(
    texts.map((text, i) => ({ path: `${i}.yaml`, text })),
    sections,
  );

test('no file at all gives the defaults', () => {
  assert.deepEqual(load().settings, defaults);
  assert.deepEqual(load('', '# nothing\n', 'systemd:\n').settings, defaults);
});

test('a drop-in changes one setting and leaves the others', () => {
  const { settings } = load(
    'systemd: {watch: [a.service]}\nretention: {age: 30d}',
    'retention:\n  age: 7d\n',
  );
  assert.deepEqual(settings?.systemd, { watch: ['a.service'], ignore: ['run-*'] });
  assert.equal(settings?.retention.age, 7 * 86_400_000);
});

/** Of all sections, as complaints list them. */
const names = Object.keys({ ...sections, ...settingsTable }).join(', ');
const refused = [
  {
    name: 'an unknown section',
    text: 'sytemd: {}',
    says: `0.yaml:1:1: unknown setting "sytemd" (did you mean "systemd"?); known here: ${names}`,
  },
  {
    name: 'an unknown setting',
    text: 'systemd:\n  wach: []',
    says: '0.yaml:2:3: unknown setting "systemd.wach" (did you mean "watch"?); known here: watch, ignore',
  },
  {
    name: 'a number where a duration belongs',
    text: 'retention:\n  age: 30',
    says: '0.yaml:2:8: "retention.age" must be a duration such as 30s, 5m or 90d',
  },
  {
    name: 'a size below the least',
    text: 'retention: {size: 1MiB}',
    says: '0.yaml:1:19: "retention.size" must be a size such as 512MiB, at least 16MiB',
  },
  {
    name: 'a list item that is no text',
    text: 'systemd: {watch: [1]}',
    says: '0.yaml:1:18: "systemd.watch" must be a list of names or patterns such as [a]',
  },
  {
    name: 'a section that is a number',
    text: 'stream: 5',
    says: '0.yaml:1:9: "stream" must hold settings: clients, clientBuffer',
  },
  {
    name: 'a file that is a list',
    text: '- a',
    says: `0.yaml:1:1: must hold settings: ${names}`,
  },
  {
    name: 'the same setting twice',
    text: 'stream: {clients: 1, clients: 2}',
    says: '0.yaml:1:22: Map keys must be unique',
  },
  {
    name: 'a name every object has',
    text: 'constructor: 1',
    says: `0.yaml:1:1: unknown setting "constructor"; known here: ${names}`,
  },
];
for (const { name, text, says } of refused) {
  test(`${name} is refused at its place`, () => {
    const { settings, complaints } = load(text);
    assert.equal(settings, undefined);
    assert.deepEqual(
      complaints.map((c) => `${c.file}:${c.line}:${c.column}: ${c.message.split(' at line')[0]}`),
      [says],
    );
  });
}

test('no text crashes the loader', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((s) => `systemd: {watch: [${s}]}`),
      ),
      (text) => {
        const { settings, complaints } = load(text);
        assert.equal(settings === undefined, complaints.length > 0);
      },
    ),
  );
});

const family = {
  channels: {
    help: 'Who is told.',
    common: { budget: count(60, 'Messages an hour.', 1, 1000) },
    types: {
      mail: { to: required(patterns([], 'Who.', '[a@b]')), port: count(587, 'Port.', 1, 65_535) },
      wall: {},
    },
  },
};
const loadFamily = (...texts: string[]) =>
  loadSettings(
    texts.map((text, i) => ({ path: `${i}.yaml`, text })),
    family,
  );

test('a named thing has the settings of its type over the defaults', () => {
  const { settings } = loadFamily(
    'channels:\n  ops: {type: mail, to: [a@b]}\n  here: {type: wall}',
  );
  assert.deepEqual(settings?.channels, {
    ops: { type: 'mail', budget: 60, to: ['a@b'], port: 587 },
    here: { type: 'wall', budget: 60 },
  });
});

test('a drop-in changes one setting of a named thing, and another type begins anew', () => {
  const first = 'channels: {ops: {type: mail, to: [a@b], port: 25}}';
  assert.deepEqual(loadFamily(first, 'channels: {ops: {budget: 5}}').settings?.channels, {
    ops: { type: 'mail', budget: 5, to: ['a@b'], port: 25 },
  });
  assert.deepEqual(loadFamily(first, 'channels: {ops: {type: wall}}').settings?.channels, {
    ops: { type: 'wall', budget: 60 },
  });
});

const refusedMembers = [
  {
    name: 'no type',
    text: 'channels:\n  ops: {to: [a]}',
    says: '0.yaml:2:8: "channels.ops.type" must be one of mail, wall',
  },
  {
    name: 'a type that is none',
    text: 'channels:\n  ops: {type: mial, to: [a]}',
    says: '0.yaml:2:15: "channels.ops.type" must be one of mail, wall (did you mean "mail"?)',
  },
  {
    name: 'a type without a value',
    text: 'channels:\n  ops:\n    type:\n    to: [a]',
    says: '0.yaml:3:10: "channels.ops.type" must be one of mail, wall',
  },
  {
    name: 'what its type does not have',
    text: 'channels: {ops: {type: wall, to: [a]}}',
    says: '0.yaml:1:30: unknown setting "channels.ops.to"; known here: type, budget',
  },
  {
    name: 'a setting that must be there',
    text: 'channels: {ops: {type: mail}}',
    says: '0.yaml:1:17: "channels.ops.to" is missing; it must be a list of names or patterns such as [a@b]',
  },
  {
    name: 'a name with a blank',
    text: 'channels: {"o p": {type: wall}}',
    says: '0.yaml:1:12: "channels.o p": a name is of a-z, 0-9 and -, at most 63 characters',
  },
  {
    name: 'a list of them',
    text: 'channels: [ops]',
    says: '0.yaml:1:11: "channels" must hold named entries',
  },
];

for (const { name, text, says } of refusedMembers) {
  test(`${name} is refused where it stands`, () => {
    const { settings, complaints } = loadFamily(text);
    const [first] = complaints;
    assert.ok(first);
    assert.equal(`${first.file}:${first.line}:${first.column}: ${first.message}`, says);
    assert.equal(settings, undefined);
  });
}

test('a secret is named by its place; written out it is refused', () => {
  const setting = secret('Password.');
  const read = (given: unknown) => setting.read(given);
  assert.deepEqual(read({ credential: 'smtp' }), { value: { credential: 'smtp' } });
  assert.deepEqual(read({ file: '/etc/x' }), { value: { file: '/etc/x' } });
  const wrong = [
    'hunter2',
    { file: 'x' },
    { credential: '../x' },
    {},
    { file: '/a', credential: 'b' },
  ];
  for (const given of wrong) assert.equal(read(given), undefined, JSON.stringify(given));
});
