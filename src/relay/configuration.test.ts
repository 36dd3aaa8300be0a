import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemFiles } from '../platform/files.ts';
import { isRelayNeeded, readRelayConfiguration } from './configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-relay-'));
after(() => rmSync(folder, { recursive: true }));

const webhook = '{ type: webhook, url: "http://127.0.0.1:9/" }';
const journal = '{ type: journal }';

/** Settings -> the channels it serves and whether it is needed; null: refused. */
const cases: readonly (readonly [string, string, readonly string[] | null, boolean])[] = [
  ['without settings there is nothing to do', '', [], false],
  ['a channel that needs a network is served', `channels: { hook: ${webhook} }`, ['hook'], true],
  ['a channel of the core is not', `channels: { log: ${journal} }`, [], false],
  [
    'nor is one that is switched off',
    `channels: { hook: ${webhook.replace('}', ', enabled: false }')} }`,
    [],
    false,
  ],
  ['a heartbeat alone is enough', 'heartbeat: { url: "https://hc.example/1" }', [], true],
  [
    'so is one with a secret address',
    'heartbeat: { secretUrl: { credential: tocsin.heartbeat } }',
    [],
    true,
  ],
  [
    'mistakes of others keep no message from being sent',
    `scst: { nonsense: 1 }\nchannels: { hook: ${webhook} }`,
    ['hook'],
    true,
  ],
  ['a mistake of its own is refused', `channels: { hook: { type: fax } }`, null, false],
  ['so is what is no YAML', 'channels: {', null, false],
];
for (const [i, [name, text, channels, needed]] of cases.entries()) {
  test(name, () => {
    const path = join(folder, `${i}.yaml`);
    writeFileSync(path, text);
    const answer = readRelayConfiguration(systemFiles, path);
    if (channels === null || answer.type === 'refused') {
      assert.deepEqual([answer.type, channels], ['refused', null]);
      assert.match(answer.type === 'refused' ? (answer.complaints[0] ?? '') : '', /\.yaml:\d+:\d+/);
      return;
    }
    assert.deepEqual(Object.keys(answer.configuration.channels), channels);
    assert.equal(isRelayNeeded(answer.configuration), needed);
  });
}
