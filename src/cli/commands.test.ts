/** The table of commands against the operations, and what is made from it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { days, hours, minutes, seconds } from '../domain/time.ts';
import { operations } from '../operations/registry.ts';
import { tocsin } from './cli.fixture.ts';
import { optionsOf } from './command.ts';
import { commands } from './commands.ts';
import { renderBash } from './completion/bash.ts';
import { synopsis } from './help.ts';
import { optionNames, optionOf, spell } from './options.ts';
import { readWhen, renderAge, renderMoment } from './output/moments.ts';

/** Operations without a command, each with its reason. */
const withoutCommand: Readonly<Record<string, string>> = {
  'alert.acknowledge': 'many at once: alert.acknowledgeMany',
  'alert.unacknowledgeMany': 'one after the other, each with its own answer',
  'alert.resolveMany': 'as above',
  'alert.commentMany': 'as above',
  'metrics.history': 'for charts',
  'resource.get': 'ids may hold what no path may: resource.list',
  'rule.replace': 'a rule is changed field by field, or its file is edited',
  'rule.validate': 'rule check does it without tocsind',
  'silence.get': 'silence.list has all',
  'maintenance.get': 'maintenance.list has all',
  'task.get': 'task.list has all',
  'task.update': 'task.report with a key does it',
  'session.show': 'for browsers',
  'session.open': 'for browsers',
  'session.close': 'for browsers',
  'stream.ticket': 'for browsers',
};

test('every operation has a command, or a reason why not', () => {
  const used = new Set<string>(commands.flatMap((command) => command.operations));
  const idle = operations.map(({ name }) => name).filter((name) => !used.has(name));
  assert.deepEqual(idle.sort(), Object.keys(withoutCommand).sort());
});

test('every option is taken by a command', () => {
  const taken = new Set(commands.flatMap(optionsOf));
  assert.deepEqual(
    optionNames.filter((name) => !taken.has(name)),
    [],
  );
});

test('no two options have the same letter', () => {
  const letters = optionNames.flatMap((name) => optionOf(name).short ?? []);
  assert.equal(new Set(letters).size, letters.length);
});

test('help names every command, and each help its options', async () => {
  const { out } = await tocsin(['help']);
  for (const command of commands) {
    assert.ok(out.includes(`  ${synopsis(command).slice('tocsin '.length)}`), command.name);
    const own = (await tocsin(['help', ...command.name.split(' ')])).out;
    for (const name of command.name === 'help' ? [] : optionsOf(command)) {
      assert.ok(own.includes(spell(name)), `${command.name} ${name}`);
    }
  }
  assert.equal((await tocsin(['--help'])).out, out);
  assert.equal(
    (await tocsin(['alert', 'ack', '--help'])).out,
    (await tocsin(['help', 'alert', 'ack'])).out,
  );
  assert.match((await tocsin(['help', 'exit-codes'])).out, / {2}124 +No answer/);
});

/** What bash would offer for the last of these words; `tocsin` is a script that answers `live`. */
function complete(words: readonly string[], live: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  const program = join(folder, 'tocsin');
  writeFileSync(join(folder, 'live'), live);
  writeFileSync(program, `#!/bin/sh\necho "$*" >>'${folder}/asked'\ncat '${folder}/live'\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'completion'), renderBash(commands));
  const list = [program, ...words].map((word) => `'${word}'`).join(' ');
  const script = `cd '${folder}'; source ./completion; COMP_WORDS=(${list})
    COMP_CWORD=${words.length}; _tocsin; printf '%s\\n' "\${COMPREPLY[@]}"; test ! -e owned`;
  // On a socket and at the first level bash takes itself for one of rshd, and reads its rc files.
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-u', '-c', script], {
    encoding: 'utf8',
  });
  assert.deepEqual([stderr, status, existsSync(join(folder, 'owned'))], ['', 0, false]);
  rmSync(folder, { recursive: true });
  return stdout.trimEnd().split('\n');
}

test('bash completes nouns, verbs, options, words and live values', () => {
  const live = '01AAA\n01BBB\n';
  assert.deepEqual(complete(['al'], live), ['alert']);
  assert.deepEqual(complete(['alert', 'un'], live), ['unack']);
  assert.deepEqual(complete(['alert', 'list', '--se'], live), ['--severity']);
  assert.deepEqual(complete(['alert', 'list', '--severity', 'w'], live), ['warning']);
  assert.deepEqual(complete(['alert', '-o', 'json', 'sh'], live), ['show']);
  assert.deepEqual(complete(['alert', 'show', ''], live), ['01AAA', '01BBB']);
  assert.deepEqual(complete(['--socket', '/x', 'alert', 'ack', '01AAA', '01B'], live), ['01BBB']);
  assert.deepEqual(complete(['event', '-u', 'a'], 'a.service\nb.service\n'), ['a.service']);
  assert.deepEqual(complete(['completion', ''], live), ['bash', 'zsh', 'fish']);
  assert.deepEqual(complete(['help', 'ex'], live), ['exit-codes']);
});

test('a name that is a shell command is offered quoted, and never run', () => {
  const offered = complete(['unit', 'show', ''], '$(touch owned)\n`touch owned`;touch owned\n');
  assert.deepEqual(offered, ['\\$\\(touch\\ owned\\)', '\\`touch\\ owned\\`\\;touch\\ owned']);
});

const now = Date.parse('2026-11-22T06:14:00Z');

test('ages have one number and one unit', () => {
  const ages = [0, seconds(119), minutes(2), minutes(119), hours(2), hours(47), days(2), -5];
  assert.deepEqual(ages.map(renderAge), ['0s', '119s', '2m', '119m', '2h', '47h', '2d', '0s']);
});

test('times are read as journalctl reads them', () => {
  const local = (...parts: readonly [number, number, number, number?, number?]): number =>
    new Date(...parts).getTime();
  const read = (text: string): number => readWhen('since', text, now);
  assert.equal(read('1h30m'), now - minutes(90));
  assert.equal(read('2d ago'), now - days(2));
  assert.equal(read('1h 5m ago'), now - minutes(65));
  assert.equal(read('now'), now);
  assert.equal(read('2026-11-22T07:14:00+01:00'), now);
  assert.equal(read('2026-11-20'), local(2026, 10, 20));
  assert.equal(read('2026-11-20 07:05'), local(2026, 10, 20, 7, 5));
  const today = new Date(now).setHours(0, 0, 0, 0);
  assert.equal(read('today'), today);
  assert.equal(new Date(read('yesterday')).getHours(), 0);
});

test('an instant is told in UTC, or in local time with its offset', () => {
  assert.equal(renderMoment(now, true), '2026-11-22 06:14:00Z');
  const script = `import { renderMoment } from '${import.meta.dirname}/output/moments.ts';
    console.log(renderMoment(${now}, false));`;
  const inZone = (zone: string): string =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, TZ: zone },
    }).stdout;
  assert.equal(inZone('Asia/Kolkata'), '2026-11-22 11:44:00 +0530\n');
  assert.equal(inZone('America/St_Johns'), '2026-11-22 02:44:00 -0330\n');
});
