/** What the settings loader accepts, and what it says of what it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadSettings } from './load.ts';
import { defaultsOf, patterns } from './readers.ts';
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

const refused = [
  {
    name: 'an unknown section',
    text: 'sytemd: {}',
    says: '0.yaml:1:1: unknown setting "sytemd" (did you mean "systemd"?); known here: systemd, retention, history, stream',
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
    says: '0.yaml:1:1: must hold settings: systemd, retention, history, stream',
  },
  {
    name: 'the same setting twice',
    text: 'stream: {clients: 1, clients: 2}',
    says: '0.yaml:1:22: Map keys must be unique',
  },
  {
    name: 'a name every object has',
    text: 'constructor: 1',
    says: '0.yaml:1:1: unknown setting "constructor"; known here: systemd, retention, history, stream',
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
