/** The runner of rule tests says what differs; and the tests of the shipped rules pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectors } from '../src/collectors/registry.ts';
import { selfKinds } from '../src/collectors/self/kinds.ts';
import { renderComplaint } from '../src/domain/rule.ts';
import { createInventory } from '../src/inventory/create.ts';
import { systemFiles } from '../src/platform/files.ts';
import { createEngine, emptyMemory } from '../src/rules/engine/create.ts';
import { type LoadedRules, loadRules } from '../src/rules/files/load.ts';
import { readTestFile, type WrittenTests } from '../src/rules/trial/test-file.ts';
import { renderFailure, runRuleTests, type TestHouse } from '../src/rules/trial/test-runner.ts';

const kinds = [...collectors.flatMap((collector) => collector.kinds), ...selfKinds].filter(
  (kind, i, all) => all.findIndex(({ name }) => name === kind.name) === i,
);
const variableOf = (name: string): string =>
  kinds.find((kind) => kind.name === name)?.variable ?? name;
const house: TestHouse = {
  inventory: () => createInventory(),
  engine: (rules, past) => createEngine(rules, emptyMemory, past, variableOf),
};

function load(text: string): LoadedRules {
  const loaded = loadRules([{ folder: 0, name: 'a.yaml', path: 'a.yaml', text }], kinds);
  assert.deepEqual(loaded.complaints.map(renderComplaint), []);
  return loaded;
}

/** What the tests of a rule file say, one line each. */
function report(loaded: LoadedRules, written: readonly WrittenTests[] = loaded.tests): string[] {
  const { results, complaints } = runRuleTests(written, loaded.compiled, kinds, house);
  return [
    ...complaints.map(renderComplaint),
    ...results.flatMap(({ name, failures }) =>
      failures.length === 0
        ? [`${name}: good`]
        : failures.map((failure) => `${name}: line ${failure.line}: ${renderFailure(failure)}`),
    ),
  ];
}

const rule = `rules:
  - id: blind
    kind: tocsin.component
    when: component.health == "unknown"
    for: 30s
    severity: warning
    source: system
    title: "{{ component.id }} is blind: {{ component.reason }}"
    tests:
      - name: script
        events:
`;
const scripted = (...lines: readonly string[]): string[] =>
  report(load(`${rule}${lines.map((line) => `        ${line}\n`).join('')}`));

const set = '  - { at: 0s, set: { id: x, health: unknown, reason: lost } }';

test('a test that holds is good', () => {
  const lines = [
    set,
    '  - { at: 60s, set: { id: x, health: healthy } }',
    'expect:',
    '  - { at: 0s, alerts: [{ rule: blind, id: x, phase: pending }] }',
    '  - { at: 30s, alerts: [{ rule: blind, id: x, severity: warning, title: "x is blind: lost" }] }',
    '  - { at: 60s, alerts: [] }',
  ];
  assert.deepEqual(scripted(...lines), ['script: good']);
});

test('unreadable holds, stale is marked, gone ends', () => {
  const lines = [
    set,
    '  - { at: 40s, unreadable: { id: x, health: EIO } }',
    '  - { at: 50s, set: { id: x, health: unknown } }',
    '  - { at: 60s, stale: bus lost }',
    '  - { at: 70s, fresh: true }',
    '  - { at: 80s, gone: x }',
    'expect:',
    '  - { at: 45s, alerts: [{ rule: blind, id: x, stale: true }] }',
    '  - { at: 55s, alerts: [{ rule: blind, id: x, stale: false }] }',
    '  - { at: 65s, alerts: [{ rule: blind, id: x, stale: true }] }',
    '  - { at: 75s, alerts: [{ rule: blind, id: x, stale: false }] }',
    '  - { at: 80s, alerts: [] }',
  ];
  assert.deepEqual(scripted(...lines), ['script: good']);
});

test('each difference is told with its line, its time and what there is', () => {
  const lines = [
    set,
    'expect:',
    '  - { at: 1s, alerts: [] }',
    '  - { at: 31s, alerts: [{ rule: blind, id: x, severity: critical, title: y, mutedBy: [z] }] }',
    '  - { at: 32s, alerts: [{ rule: blind, id: x }, { rule: blind, id: y }] }',
  ];
  assert.deepEqual(scripted(...lines), [
    'script: line 14: 1s: expected no such alert; there is blind x pending, warning',
    'script: line 15: 31s: expected blind x: severity "critical"; there is "warning"',
    'script: line 15: 31s: expected blind x: title "y"; there is "x is blind: lost"',
    'script: line 15: 31s: expected blind x: mutedBy z; there is nothing',
    'script: line 16: 32s: expected blind y firing; there is no such alert',
  ]);
});

test('a test that is written wrongly is not run', () => {
  const lines = [
    '  - { at: 0s, set: { id: x, helth: unknown } }',
    '  - { at: soon, set: { id: x } }',
    '  - { at: 1s, set: { id: x, blindSince: yesterday } }',
    '  - { at: 1s, event: { id: x, event: burned } }',
    '  - { at: 1s, sett: { id: x } }',
    'expect: [{ at: 1s, alerts: [{ rule: blind, id: x, phse: firing }] }]',
  ];
  const [first = '', ...others] = scripted(...lines);
  assert.match(
    first,
    /^a\.yaml:12:\d+: error: there is no attribute "helth" \(did you mean "health"\?\)$/,
  );
  const messages = others.map((text) => text.replace(/^\S+ error: /, ''));
  assert.deepEqual(messages, [
    '"at" must be a time such as 0s or 5m',
    '"blindSince" must be an instant: RFC 3339, or 90s or -5m on the clock of the test',
    'tocsin.component has no event "burned"',
    'unknown field "sett" (did you mean "set"?)',
    'a step has one of set, unreadable, event, gone, stale, fresh',
    'unknown field "phse" (did you mean "phase"?)',
  ]);
});

test('a file of tests alone judges all rules, or those it names', () => {
  const one = rule.slice(rule.indexOf('  - id'), rule.indexOf('    tests:'));
  const loaded = load(`rules:\n${one}${one.replace('id: blind', 'id: other')}`);
  const tests = `tests:
  - name: alone
    start: 2026-03-01T00:00:00Z
    events: [{ at: 0s, set: { kind: tocsin.component, id: x, health: unknown } }]
    expect: [{ at: 30s, alerts: [{ rule: blind, id: x }] }]
`;
  const all = readTestFile('t.yaml', tests);
  assert.deepEqual(report(loaded, [all.written]), [
    'alone: line 5: 30s: expected no such alert; there is other x firing, warning',
  ]);
  const some = readTestFile('t.yaml', `rule_files: [/a/*.yaml]\nrules: [blind]\n${tests}`);
  assert.deepEqual(some.ruleFiles, ['/a/*.yaml']);
  assert.deepEqual(report(loaded, [some.written]), ['alone: good']);
});

const folder = `${import.meta.dirname}/../src/collectors`;
const shipped = (systemFiles.list(folder) ?? []).flatMap(({ name }) => {
  const path = `src/collectors/${name}/rules.yaml`;
  const text = systemFiles.readText(`${folder}/${name}/rules.yaml`);
  return text === undefined ? [] : [{ folder: 0, name: `${name}.yaml`, path, text }];
});
const loaded = loadRules(shipped, kinds);

test('the shipped rules load without a complaint', () => {
  assert.deepEqual(loaded.complaints.map(renderComplaint), []);
  assert.ok(loaded.compiled.length > 0);
});

test('every shipped rule has a test', () => {
  const tested = new Set(loaded.tests.flatMap(({ rules }) => rules ?? []));
  const untested = loaded.compiled.filter(({ id }) => !tested.has(id));
  assert.deepEqual(
    untested.map(({ id }) => id),
    [],
  );
});

test('every shipped rule has advice', () => {
  const silent = loaded.compiled.filter(({ summary }) => summary.definition.advice === undefined);
  assert.deepEqual(
    silent.map(({ id }) => id),
    [],
  );
});

test('the tests of the shipped rules pass', () => {
  assert.deepEqual(
    report(loaded).filter((line) => !line.endsWith(': good')),
    [],
  );
});
