/** What the daemon's command line accepts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  optionTable,
  parseOptions,
  parseRelayOptions,
  relayOptionTable,
  renderHelp,
  renderRelayHelp,
} from './options.ts';

test('without arguments everything is where a package puts it', () => {
  const answer = parseOptions([], {});
  assert.ok(answer.type === 'options');
  assert.equal(answer.options.stateDir, '/var/lib/tocsin');
  assert.deepEqual(answer.options.rulesDirs.at(-1), '/etc/tocsin/rules.d');
  assert.equal(answer.options.listen, undefined);
  assert.equal(answer.options.mode, 'run');
});

test('an option wins over its environment variable', () => {
  const answer = parseOptions(['--state-dir', '/a'], {
    TOCSIN_STATE_DIR: '/b',
    TOCSIN_CONFIG: '/c',
  });
  assert.ok(answer.type === 'options');
  assert.equal(answer.options.stateDir, '/a');
  assert.equal(answer.options.config, '/c');
});

test('help names every option', () => {
  for (const name of Object.keys(optionTable)) assert.ok(renderHelp().includes(`--${name}`), name);
});

const refused = [
  { argv: ['--stat-dir', '/a'], says: 'unknown option --stat-dir (did you mean "state-dir"?)' },
  { argv: ['--state-dir'], says: '--state-dir needs a value: DIR' },
  { argv: ['go'], says: 'unexpected argument "go"' },
  {
    argv: ['--listen', '0.0.0.0:80'],
    says: '--listen 0.0.0.0:80: must be a loopback address, such as 127.0.0.1:9470',
  },
  {
    argv: ['--listen', '127.0.0.1:99999'],
    says: '--listen 127.0.0.1:99999: must be a loopback address, such as 127.0.0.1:9470',
  },
];
for (const { argv, says } of refused) {
  test(`${argv.join(' ')} is refused with the remedy`, () => {
    const answer = parseOptions(argv, {});
    assert.ok(answer.type === 'usage');
    assert.equal(answer.message.split('\n')[0], says);
  });
}

test('the relay has options of its own, and knows no others', () => {
  const argv = ['--config', '/a.yaml', '--runtime-dir', '/run/a', '--tied'];
  assert.deepEqual(parseRelayOptions(argv, {}), {
    type: 'options',
    options: { config: '/a.yaml', runtimeDir: '/run/a', tied: true, mode: 'run' },
  });
  const needed = parseRelayOptions(['--needed'], { TOCSIN_CONFIG: '/b.yaml' });
  assert.equal(needed.type === 'options' && needed.options.mode, 'needed');
  assert.equal(needed.type === 'options' && needed.options.config, '/b.yaml');
  const wrong = parseRelayOptions(['--listen', '127.0.0.1:1'], {});
  assert.match(
    wrong.type === 'usage' ? wrong.message : '',
    /^unknown option --listen.*tocsin-relay --help/s,
  );
  for (const name of Object.keys(relayOptionTable)) {
    assert.ok(renderRelayHelp().includes(`--${name}`), name);
  }
});
