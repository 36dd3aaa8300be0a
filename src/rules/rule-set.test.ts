import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeReading } from '../domain/reading.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { CompiledRule, Scope } from './compiled.ts';
import type { RuleFile } from './files/files.ts';
import { complaintsOf, load, oneRule, ruleFile } from './rules.fixture.ts';

function only(...files: readonly RuleFile[]): CompiledRule {
  const { rules, complaints } = load(...files);
  const rule = rules?.rules[0];
  assert.ok(rule, complaints.map(({ message }) => message).join('\n'));
  return rule;
}

const scopeOf = (
  attributes: Readonly<Record<string, AttributeReading>>,
  id = 'a.service',
): Scope => ({
  resource: {
    kind: 'systemd.unit',
    id,
    collector: 'test',
    attributes,
    changedAt: 0,
    readAt: 0,
    staleSince: null,
  },
  past: () => [],
  now: 1_800_000_000_000,
});

test('a rule with one condition has one level and the defaults', () => {
  const rule = only(ruleFile('a.yaml', oneRule()));
  const { id, kind, levels, keepFiringFor, latch, inhibitedBy, labels, every } = rule;
  assert.deepEqual(
    { id, kind, keepFiringFor, latch, inhibitedBy, labels, every },
    {
      id: 'unit-failed',
      kind: 'systemd.unit',
      keepFiringFor: 0,
      latch: 'none',
      inhibitedBy: [],
      labels: {},
      every: minutes(1),
    },
  );
  assert.deepEqual(
    levels.map((level) => [level.severity, level.for, level.clear]),
    [['critical', 0, undefined]],
  );
  const { form, file, line, dropIns, title, severities, enabled } = rule.summary;
  assert.deepEqual(
    [form, file, line, dropIns, title, severities, enabled],
    ['condition', 'a.yaml', 2, [], '{{ unit.id }} failed', ['critical'], true],
  );
  assert.deepEqual([...(rule.reads ?? [])], ['activeState']);
});

const capacity = `rules:
  - id: repository-capacity
    kind: storage.repository
    levels:
      critical: { when: repository.usedRatio > 0.95, clear: repository.usedRatio <= 0.93, for: 1m }
      warning: { when: repository.usedRatio > 0.80, clear: repository.usedRatio <= 0.78 }
    for: 5m
    source: storage
    title: "{{ repository.id }} is {{ percent(repository.usedRatio) }} full"
`;

test('levels go from the least to the most severe, with their own or the common waiting time', () => {
  const { levels, summary } = only(ruleFile('a.yaml', capacity));
  assert.deepEqual(
    levels.map((level) => [level.severity, level.for]),
    [
      ['warning', minutes(5)],
      ['critical', minutes(1)],
    ],
  );
  assert.equal(summary.form, 'levels');
  const scope = scopeOf({ usedRatio: 0.9 });
  assert.deepEqual(levels[0]?.when(scope), { type: 'true', value: 0.9 });
  assert.equal(levels[0]?.clear?.(scope).type, 'false');
  assert.equal(levels[1]?.when(scope).type, 'false');
});

test('a fault whose facts do not apply any more is over, unless a success is waited for', () => {
  const gone = scopeOf({ usedRatio: null, result: null });
  const [level] = only(ruleFile('a.yaml', capacity)).levels;
  assert.deepEqual([level?.when(gone).type, level?.clear?.(gone).type], ['false', 'true']);
  const latched = oneRule({ latch: 'success', clear: 'unit.result == "success"' });
  assert.equal(only(ruleFile('a.yaml', latched)).levels[0]?.clear?.(gone).type, 'false');
});

const dropIn = (text: string, more = {}) =>
  ruleFile('1.yaml', text, { dropInOf: 'a.yaml', ...more });

test('a drop-in changes single fields, also inside levels', () => {
  const rule = only(
    ruleFile('a.yaml', capacity),
    dropIn(
      'rules:\n  - id: repository-capacity\n    for: 30s\n    levels: { critical: { for: 0s } }\n',
    ),
  );
  assert.deepEqual(
    rule.levels.map((level) => level.for),
    [seconds(30), 0],
  );
  assert.equal(rule.levels[1]?.when(scopeOf({ usedRatio: 0.96 })).type, 'true');
  assert.deepEqual(rule.summary.dropIns, ['a.yaml.d/1.yaml']);
});

test('null in a drop-in takes a field away, false disables', () => {
  const waiting = ruleFile('a.yaml', oneRule({ for: '5m' }));
  const changed = only(waiting, dropIn('rules: [{ id: unit-failed, for: null }]\n'));
  assert.equal(changed.levels[0]?.for, 0);
  const { rules } = load(waiting, dropIn('rules: [{ id: unit-failed, enabled: false }]\n'));
  assert.deepEqual([rules?.rules.length, rules?.summaries.length], [0, 1]);
});

test('complaints about a drop-in are at the drop-in', () => {
  const good = ruleFile('a.yaml', oneRule());
  const unknown = 'rules: [{ id: unit-faild, for: 1m }]\n';
  assert.deepEqual(complaintsOf(good, dropIn(unknown)), [
    'a.yaml.d/1.yaml:1:9: error: a.yaml has no rule "unit-faild" that could be changed (did you mean "unit-failed"?)',
  ]);
  const wrong = 'rules:\n  - id: unit-failed\n    when: unit.wached\n';
  assert.deepEqual(complaintsOf(good, dropIn(wrong)), [
    'a.yaml.d/1.yaml:3:16: error: systemd.unit has no attribute "wached" (did you mean "watched"?)',
  ]);
  const orphan = ruleFile('1.yaml', wrong, { dropInOf: 'b.yaml' });
  assert.deepEqual(complaintsOf(good, orphan), [
    'b.yaml.d/1.yaml:0:0: warning: changes nothing: there is no rule file b.yaml',
  ]);
});

test('a file that cannot be read is an error', () => {
  const unreadable = ruleFile('a.yaml', '', { unreadable: 'EACCES' });
  assert.deepEqual(complaintsOf(unreadable), ['a.yaml:0:0: error: cannot be read: EACCES']);
});

test('rules are in order of file name, then position', () => {
  const two = `${oneRule({ id: 'z' })}${oneRule({ id: 'b' }).replace('rules:\n', '')}`;
  const { rules } = load(ruleFile('b.yaml', oneRule({ id: 'a' })), ruleFile('a.yaml', two));
  assert.deepEqual(
    rules?.rules.map(({ id }) => id),
    ['z', 'b', 'a'],
  );
});

const digestOf = (changes: Readonly<Record<string, string>>, ...more: readonly RuleFile[]) =>
  only(ruleFile('a.yaml', oneRule(changes)), ...more).summary.digest;

test('the digest follows what decides when a rule fires, and nothing else', () => {
  const before = digestOf({});
  assert.match(before, /^[0-9a-f]{16}$/);
  assert.equal(digestOf({ title: 'another', message: 'x', advice: 'y' }), before);
  assert.equal(digestOf({ when: '\'unit.activeState == "failed"\' # why' }), before);
  const reversed = oneRule().split('\n').slice(2, -1).reverse().join('\n');
  const other = only(ruleFile('a.yaml', `rules:\n  -\n${reversed}\n    id: unit-failed\n`));
  assert.equal(other.summary.digest, before);
  assert.notEqual(digestOf({ for: '1s' }), before);
  assert.notEqual(digestOf({ severity: 'info' }), before);
  assert.notEqual(digestOf({}, dropIn('rules: [{ id: unit-failed, for: 2s }]\n')), before);
});

test('texts are rendered with what is known, and with words for what is not', () => {
  const rule = only(
    ruleFile(
      'a.yaml',
      oneRule({
        title: '"{{ unit.id }}: {{ unit.result }} }} {{ unit.nRestarts / 3 }} {{ unit.watched }}"',
        message: `'{{ "}}" + unit.id }} {{ age(unit.stateChangeAt) }} {{ unit.stateChangeAt }}'`,
      }),
    ),
  );
  const scope = scopeOf({
    result: 'x',
    nRestarts: 7,
    watched: true,
    stateChangeAt: 1_799_999_000_000,
  });
  assert.equal(rule.render('title', scope), 'a.service: x }} 2.33 yes');
  assert.equal(rule.render('message', scope), '}}a.service 16m40s 2027-01-15T07:43:20.000Z');
  assert.equal(rule.render('advice', scope), '');
  const blind = scopeOf({ result: null, nRestarts: { unreadable: 'EIO' } });
  assert.equal(rule.render('title', blind), 'a.service: none }} unknown unknown');
  assert.equal(rule.render('title', scopeOf({ result: 'x'.repeat(9999) })).length < 600, true);
});

test('an inhibitor can name the resource that is to blame', () => {
  const parent = oneRule({ inhibitedBy: '[{ rule: unit-failed, resource: unit.blockedBy }]' });
  const [inhibitor] = only(ruleFile('a.yaml', parent)).inhibitedBy;
  assert.equal(inhibitor?.rule, 'unit-failed');
  assert.equal(inhibitor?.resource?.(scopeOf({ blockedBy: 'nfs.service' })), 'nfs.service');
  assert.equal(inhibitor?.resource?.(scopeOf({ blockedBy: null })), undefined);
});

test('an inhibitor can name one resource for all: the system', () => {
  const late = oneRule({ inhibitedBy: `[{ rule: unit-failed, resource: "'system'" }]` });
  const [inhibitor] = only(ruleFile('a.yaml', late)).inhibitedBy;
  assert.equal(inhibitor?.resource?.(scopeOf({})), 'system');
  assert.equal(inhibitor?.resource?.(scopeOf({}, 'another.service')), 'system');
});

test('an event rule judges the event', () => {
  const text = oneRule({ on: 'run-failed', when: 'event.result != "x"', keepFiringFor: '1h' });
  const rule = only(ruleFile('a.yaml', text));
  assert.deepEqual([rule.on, rule.summary.form], ['run-failed', 'event']);
  const base = { event: 'run-failed', kind: rule.kind, id: 'a', at: 0, key: '' };
  const event = { ...base, foundBy: 'signal', attributes: { result: 'oom' } } as const;
  const condition = rule.levels[0]?.when;
  assert.deepEqual(condition?.({ ...scopeOf({}), event }), { type: 'true', value: 'oom' });
  const always = oneRule({ on: 'run-failed', when: '', keepFiringFor: '1h' });
  assert.equal(only(ruleFile('a.yaml', always)).levels[0]?.when(scopeOf({})).type, 'true');
});
