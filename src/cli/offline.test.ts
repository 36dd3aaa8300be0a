/** What works without a daemon: the checks of rules and settings, and the tests of rules. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Said, tocsin } from './cli.fixture.ts';

interface Desk {
  readonly folder: string;
  write(name: string, text: string): string;
  run(...argv: readonly string[]): Promise<Said>;
}

/** A folder that is all there is: its rules.d holds the rules in force, tocsin.yaml the settings. */
function startDesk(t: TestContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const environment = {
    TOCSIN_RULES_DIR: join(folder, 'rules.d'),
    TOCSIN_CONFIG: join(folder, 'tocsin.yaml'),
    TOCSIN_SOCKET: join(folder, 'none.sock'),
  };
  return {
    folder,
    write(name, text) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    async run(...argv) {
      const said = await tocsin(argv, { environment });
      return { ...said, out: said.out.replaceAll(`${folder}/`, '') };
    },
  };
}

const rule = (id: string, when = 'component.health == "unknown"', more = ''): string => `
  - id: ${id}
    kind: tocsin.component
    when: ${when}
    severity: warning
    source: system
    title: "{{ component.id }} is blind"${more}`;
const rules = (...all: readonly string[]): string => `rules:${all.join('')}\n`;
const tests = (name: string, phase: string): string => `
    tests:
      - name: ${name}
        events: [{ at: 0s, set: { id: x, health: unknown } }]
        expect: [{ at: 1s, alerts: [{ rule: a, id: x, phase: ${phase} }] }]`;

test('rule check tells each file apart, with line and column of what is wrong', async (t) => {
  const desk = startDesk(t);
  const good = desk.write('good.yaml', rules(rule('a'), rule('b')));
  const bad = desk.write('bad.yaml', rules(rule('c', 'component.helth == "unknown"')));
  const said = await desk.run('rule', 'check', good, bad);
  const lines = said.out.trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 2), [
    "Checking 'good.yaml'  SUCCESS (2 rules)",
    "Checking 'bad.yaml'  FAILED",
  ]);
  assert.match(lines[2] ?? '', /^ {2}bad\.yaml:4:\d+: error: .*"health"/);
  assert.deepEqual([lines.at(-1), said.status], ['2 files, 1 failed', 3]);
  const json = await desk.run('rule', 'check', bad, '-o', 'json');
  const [verdict] = JSON.parse(json.out) as {
    readonly valid: boolean;
    readonly complaints: unknown[];
  }[];
  assert.deepEqual([json.status, verdict?.valid, verdict?.complaints.length], [3, false, 1]);
});

test('a file is checked beside the rules in force, and only its own faults count', async (t) => {
  const desk = startDesk(t);
  desk.write('rules.d/base.yaml', rules(rule('a'), rule('b', '1 +')));
  const needs = desk.write('needs.yaml', rules(rule('c', undefined, '\n    inhibitedBy: [a]')));
  assert.equal(
    (await desk.run('rule', 'check', needs)).out,
    "Checking 'needs.yaml'  SUCCESS (1 rule)\n1 file, 0 failed\n",
  );
  const lonely = await desk.run('rule', 'check', needs, '--rules-dir=');
  assert.deepEqual([lonely.status, /there is no rule "a"/.test(lonely.out)], [3, true]);
  // An id that is taken is complained of wherever the other one stands.
  const taken = desk.write('aaa.yaml', rules(rule('a')));
  const clash = await desk.run('rule', 'check', taken);
  assert.equal(clash.status, 3);
  assert.match(clash.out, /base\.yaml:\d+:\d+: error: "a" is already at aaa\.yaml/);
});

test('rule check without files checks what is in force', async (t) => {
  const desk = startDesk(t);
  assert.deepEqual([(await desk.run('rule', 'check')).status], [0]);
  desk.write('rules.d/a.yaml', rules(rule('a')));
  desk.write('rules.d/a.yaml.d/50-mine.yaml', 'rules: [{ id: a, severity: awful }]');
  const said = await desk.run('rule', 'check');
  assert.equal(said.status, 3);
  assert.match(
    said.out,
    /Checking 'rules\.d\/a\.yaml\.d\/50-mine\.yaml' {2}FAILED\n {2}rules\.d\/a\.yaml\.d\/50-mine\.yaml:1:/,
  );
});

test('rule test says what was expected, when, and what there was', async (t) => {
  const desk = startDesk(t);
  const file = desk.write('a.yaml', rules(rule('a', undefined, tests('it fires', 'firing'))));
  const good = await desk.run('rule', 'test', file);
  assert.deepEqual(
    [good.status, good.out],
    [0, "Testing 'a.yaml'  SUCCESS (1 of 1 tests)\n1 test, 0 failed\n"],
  );
  const bad = desk.write('b.yaml', rules(rule('a', undefined, tests('it waits', 'pending'))));
  const said = await desk.run('rule', 'test', bad);
  assert.deepEqual(said.out.split('\n'), [
    "Testing 'b.yaml'  FAILED (0 of 1 tests)",
    '  b.yaml:11: it waits, at 1s',
    '    expected: a x: phase "pending"',
    '    actual:   "firing"',
    '1 test, 1 failed',
    '',
  ]);
  assert.equal(said.status, 3);
  assert.equal((await desk.run('rule', 'test', bad, '--run', '^other')).status, 0);
  assert.equal((await desk.run('rule', 'test', bad, '--run', '(')).status, 2);
});

test('rule test runs files of tests alone, with the rules that they name', async (t) => {
  const desk = startDesk(t);
  desk.write('mine/a.yaml', rules(rule('a')));
  const script = (expected: string): string => `rule_files: [mine/*.yaml]
tests:
  - name: alone
    events: [{ at: 0s, set: { kind: tocsin.component, id: x, health: unknown } }]
    expect: [{ at: 1s, alerts: [${expected}] }]
`;
  const good = desk.write('good.yaml', script('{ rule: a, id: x }'));
  assert.equal((await desk.run('rule', 'test', good)).status, 0);
  const bad = desk.write('bad.yaml', script(''));
  assert.match((await desk.run('rule', 'test', bad)).out, /bad\.yaml:5: alone, at 1s/);
  const broken = desk.write('broken.yaml', 'tests: [{ name: x, evnts: [] }]');
  const said = await desk.run('rule', 'test', broken);
  assert.equal(said.status, 3);
  assert.match(said.out, /broken\.yaml:1:\d+: error: unknown field "evnts"/);
});

test('rules that do not load are not tested', async (t) => {
  const desk = startDesk(t);
  const file = desk.write('a.yaml', rules(rule('a', '1 +', tests('it fires', 'firing'))));
  const said = await desk.run('rule', 'test', file);
  assert.equal(said.status, 3);
  assert.match(said.out, /FAILED\n {2}a\.yaml:4:/);
});

test('the shipped rules pass their check and their tests', async (t) => {
  const desk = startDesk(t);
  const shipped = ['systemd', 'self'].map((name) =>
    join(import.meta.dirname, `../collectors/${name}/rules.yaml`),
  );
  assert.equal((await desk.run('rule', 'check', ...shipped)).status, 0);
  assert.equal((await desk.run('rule', 'test', ...shipped)).status, 0);
});

test('config check tells file, line and column, and the nearest name', async (t) => {
  const desk = startDesk(t);
  assert.deepEqual((await desk.run('config', 'check')).status, 0);
  desk.write('tocsin.yaml', 'retention:\n  age: 90d\n');
  desk.write('tocsin.yaml.d/50-mine.yaml', 'retention:\n  agee: 1d\n');
  const said = await desk.run('config', 'check');
  const lines = said.out.trimEnd().split('\n');
  assert.deepEqual(
    [lines[0], lines[1], lines.at(-1), said.status],
    [
      "Checking 'tocsin.yaml'  SUCCESS",
      "Checking 'tocsin.yaml.d/50-mine.yaml'  FAILED",
      '2 files, 1 failed',
      3,
    ],
  );
  assert.match(
    lines[2] ?? '',
    /50-mine\.yaml:2:3: error: unknown setting "retention\.agee" \(did you mean "age"\?\)/,
  );
  assert.equal((await desk.run('config', 'check', join(desk.folder, 'tocsin.yaml'))).status, 0);
});
