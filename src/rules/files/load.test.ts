import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, load, oneRule, ruleFile } from '../rules.fixture.ts';

const file = (text: string): readonly string[] => complaintsOf(ruleFile('a.yaml', text));
const rule = (changes: Readonly<Record<string, string>>): readonly string[] =>
  file(oneRule(changes));

// The good rule has its fields on lines 2 to 7, what is added stands on line 8.
const bad: readonly [string, Readonly<Record<string, string>>, string][] = [
  [
    'an unknown kind',
    { kind: 'systemd.unti' },
    '3:11: error: unknown kind "systemd.unti" (did you mean "systemd.unit"?)',
  ],
  [
    'an unknown attribute',
    { when: 'unit.activeSate == "failed"' },
    '4:16: error: systemd.unit has no attribute "activeSate" (did you mean "activeState"?)',
  ],
  [
    'an unknown function',
    { when: 'incrase(unit.nRestarts, "5m") > 1' },
    '4:11: error: unknown function "incrase" (did you mean "increase"?); known: increase, rate, average, minimum, maximum, changes, predict, age, duration, seconds, percent, bytes, matches, string, size, has',
  ],
  [
    'an unknown severity',
    { severity: 'critcal' },
    '5:15: error: "severity" must be one of info, warning, critical, not "critcal" (did you mean "critical"?)',
  ],
  [
    'an unknown source',
    { source: 'sytem' },
    '6:13: error: "source" must be one of system, storage, scst, tape, vtl, task, not "sytem" (did you mean "system"?)',
  ],
  ['an unknown field', { tilte: 'x' }, '8:5: error: unknown field "tilte" (did you mean "title"?)'],
  [
    'wrong types',
    { when: 'unit.nRestarts > "3"' },
    '4:11: error: a number cannot be compared with a word by >: numbers stand without quotes, words with them',
  ],
  [
    'a condition that is none',
    { when: 'unit.nRestarts' },
    '4:11: error: it must be true or false, and is a number',
  ],
  [
    'a condition that YAML takes for a flag',
    { when: 'true && unit' },
    '4:19: error: "unit" needs an attribute behind it: unit.NAME',
  ],
  [
    'an error in quotes',
    { when: '"unit.activeState == \\"failed\\" && unit.x"' },
    '4:51: error: systemd.unit has no attribute "x"; it has id, activeState, result, watched, nRestarts, stateChangeAt, blockedBy',
  ],
  [
    'an error in single quotes',
    { when: "'unit.result == ''x'' && unit.wached'" },
    '4:41: error: systemd.unit has no attribute "wached" (did you mean "watched"?)',
  ],
  [
    'an error in folded text',
    { when: '>-\n      unit.activeState == "failed"\n        && unit.wached' },
    '6:17: error: systemd.unit has no attribute "wached" (did you mean "watched"?)',
  ],
  [
    'an error in literal text',
    { when: '|\n      unit.activeState == "failed" &&\n      unit.wached' },
    '6:12: error: systemd.unit has no attribute "wached" (did you mean "watched"?)',
  ],
  [
    'an error over two plain lines',
    { when: 'unit.activeState == "failed" &&\n      unit.wached' },
    '5:12: error: systemd.unit has no attribute "wached" (did you mean "watched"?)',
  ],
  [
    'a bad duration',
    { for: '5 minutes' },
    '8:10: error: "for" must be a duration such as 30s, 5m or 1h30m, not "5 minutes"',
  ],
  [
    'a number for a duration',
    { for: '30' },
    '8:10: error: "for" must be a duration such as 30s, 5m or 1h30m, not "30"',
  ],
  [
    'a looking interval that is too short',
    { every: '10ms' },
    '8:12: error: "every" must be a duration of one second at least such as 30s, 5m or 1h30m, not "10ms"',
  ],
  [
    'an unknown event',
    { on: 'run-faild', latch: 'operator' },
    '8:9: error: systemd.unit has no event "run-faild" (did you mean "run-failed"?)',
  ],
  [
    'an event rule without an end',
    { on: 'run-failed' },
    '8:9: error: an event rule needs an end: "keepFiringFor", "clear" or "latch: operator"',
  ],
  [
    'the event in the clear of an event rule',
    { on: 'run-failed', clear: 'event.result == "x"' },
    '9:12: error: "event" is known in event rules only (those with "on")',
  ],
  [
    'a latch without the success',
    { latch: 'success' },
    '2:5: error: "latch: success" needs "clear": what the later success is',
  ],
  [
    'an unknown latch',
    { latch: 'sucess' },
    '8:12: error: "latch" must be one of none, operator, success, not "sucess" (did you mean "success"?)',
  ],
  ['no title', { title: '' }, '2:5: error: rule "unit-failed" has no "title"'],
  ['no kind', { kind: '' }, '2:5: error: rule "unit-failed" has no "kind"'],
  ['no condition', { when: '' }, '2:5: error: rule "unit-failed" has no "when"'],
  [
    'neither severity nor levels',
    { severity: '' },
    '2:5: error: rule "unit-failed" has neither "severity" nor "levels"',
  ],
  [
    'levels that are none',
    { severity: '', when: '', levels: '{}' },
    '6:13: error: "levels" is empty',
  ],
  [
    'an error in a title',
    { title: '"{{ unit.id }}: {{ unit.rsult }}"' },
    '7:36: error: systemd.unit has no attribute "rsult" (did you mean "result"?)',
  ],
  ['a template without an end', { title: '"{{ unit.id }"' }, '7:13: error: "{{" without "}}"'],
  [
    'a title that YAML takes for a map',
    { title: '{{ unit.id }}' },
    '7:12: error: "title" must be text: a text that begins with { or [ needs quotes',
  ],
  [
    'a title that is a number',
    { title: '5' },
    '7:12: error: "title" must be text: write "5" with quotes',
  ],
  [
    'an unknown inhibitor',
    { inhibitedBy: '[{ rule: unit-faild }]' },
    '8:27: error: there is no rule "unit-faild" (did you mean "unit-failed"?)',
  ],
  [
    'an inhibitor that is itself',
    { inhibitedBy: '[unit-failed]' },
    '8:19: error: "unit-failed" would be muted by itself: inhibitors go in a circle',
  ],
  [
    'an inhibitor with a wrong resource',
    { inhibitedBy: '[{ rule: unit-failed, resource: unit.nRestarts }]' },
    '8:50: error: it must be a word, and is a number',
  ],
  [
    'a label that is none',
    { labels: '{ "a b": x }' },
    '8:15: error: "a b" cannot be the name of a label',
  ],
  ['a flag that is none', { enabled: 'no' }, '8:14: error: "enabled" must be true or false'],
  [
    'a pattern that cannot be',
    { when: 'matches(unit.id, "(a")' },
    '4:28: error: the pattern cannot be used: error parsing regexp: missing closing ): `(a`',
  ],
  [
    'an id of ours',
    { id: 'flapping' },
    '2:9: error: "flapping" is what tocsin calls its own alerts; choose another id',
  ],
  [
    'an id that could not be asked for',
    { id: 'delta' },
    '2:9: error: "delta" is a path of the API, not a rule; choose another id',
  ],
  [
    'an id that is none',
    { id: 'Unit Failed' },
    '2:9: error: an id is made of small letters, digits and hyphens, at most 100, not "Unit Failed"',
  ],
  [
    'a ! that YAML takes for a tag',
    { when: '!unit.watched' },
    '4:11: error: Unresolved tag: !unit.watched: a text that begins with ! needs quotes',
  ],
  [
    'a ? : that YAML takes for a map',
    { when: 'unit.watched ? true : false' },
    '4:11: error: Nested mappings are not allowed in compact mappings: a text with ": " in it needs quotes',
  ],
  [
    'a word that it never is',
    { when: 'unit.activeState == "faild"' },
    '4:31: warning: it is never "faild" (did you mean "failed"?)',
  ],
  [
    'a condition that is never true',
    { when: 'false' },
    '4:11: warning: this is never true: the rule matches nothing',
  ],
];
for (const [name, changes, complaint] of bad) {
  test(`complains of ${name}`, () => {
    const complaints = rule(changes);
    assert.ok(complaints.includes(`a.yaml:${complaint}`), complaints.join('\n'));
    assert.equal(complaints.length, 1, complaints.join('\n'));
    const { rules } = load(ruleFile('a.yaml', oneRule(changes)));
    assert.equal(rules === undefined, complaint.includes(' error: '));
  });
}

test('two rules with one id are refused, in one file and in two', () => {
  const twice = complaintsOf(ruleFile('a.yaml', oneRule()), ruleFile('b.yaml', oneRule()));
  assert.deepEqual(twice, ['b.yaml:2:9: error: "unit-failed" is already at a.yaml:2']);
});

test('inhibitors in a circle are refused, parents of another resource are not', () => {
  const a = oneRule({ id: 'a', inhibitedBy: '[b]' });
  const b = oneRule({ id: 'b', inhibitedBy: '[a]' });
  const circle = complaintsOf(ruleFile('a.yaml', a), ruleFile('b.yaml', b));
  assert.equal(circle.length, 2);
  const parent = oneRule({ inhibitedBy: '[{ rule: unit-failed, resource: unit.blockedBy }]' });
  assert.deepEqual(file(parent), []);
});

test('an inhibitor that is disabled is reported', () => {
  const a = ruleFile('a.yaml', oneRule({ id: 'a', enabled: 'false' }));
  const b = ruleFile('b.yaml', oneRule({ id: 'b', inhibitedBy: '[a]' }));
  assert.deepEqual(complaintsOf(a, b), [
    'b.yaml:8:19: warning: rule "a" is disabled: it inhibits nothing',
  ]);
});
