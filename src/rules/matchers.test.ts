import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { fakeAlert } from '../operations/fake-alerts.ts';
import { compileMatchers, matchesAlert, parseMatchers } from './matchers.ts';

const alert = fakeAlert(1, {
  severity: 'critical',
  labels: { unit: 'backup.service', note: 'a "b"\nc', disk: 'a,b' },
});

const matching: readonly { name: string; text: string; matches: boolean }[] = [
  { name: 'a quoted value matches', text: 'unit="backup.service"', matches: true },
  { name: 'an unquoted value matches', text: 'unit=backup.service', matches: true },
  { name: 'spaces around all parts are let be', text: ' unit = "backup.service" ', matches: true },
  { name: 'another value does not match', text: 'unit="other.service"', matches: false },
  { name: 'unequal is the opposite', text: 'unit!="other.service"', matches: true },
  { name: 'a regular expression matches', text: 'severity=~"crit.*"', matches: true },
  { name: 'it must match the whole value', text: 'severity=~"crit"', matches: false },
  { name: 'its alternatives are anchored both', text: 'severity=~"x|crit"', matches: false },
  { name: 'its negation holds', text: 'severity!~"warn.*"', matches: true },
  { name: 'an unquoted expression matches', text: 'unit=~backup.*', matches: true },
  { name: 'a dot matches a line break', text: 'note=~"a.*c"', matches: true },
  { name: 'escapes are taken out', text: 'note="a \\"b\\"\\nc"', matches: true },
  { name: 'a backslash of the expression stays', text: 'unit=~"backup\\.service"', matches: true },
  { name: 'two must both hold', text: 'unit="backup.service",severity="info"', matches: false },
  {
    name: 'braces are taken off',
    text: '{unit="backup.service",severity="critical"}',
    matches: true,
  },
  { name: 'a comma may end the list', text: '{unit="backup.service",}', matches: true },
  {
    name: 'a comma in quotes is no separator',
    text: 'disk="a,b",severity=critical',
    matches: true,
  },
  { name: 'a missing label is the empty text', text: 'nothing=""', matches: true },
  { name: 'a missing label has no value', text: 'nothing=~".+"', matches: false },
  { name: 'no field of the object is a label', text: 'constructor=~".+"', matches: false },
  { name: 'the rule is the alertname', text: 'alertname="unit-failed"', matches: true },
  { name: 'a quoted name matches', text: '"unit"="backup.service"', matches: true },
  { name: 'empty braces hold for all', text: '{}', matches: true },
];

for (const { name, text, matches } of matching) {
  test(name, () => {
    const answer = parseMatchers([text]);
    assert.ok(answer.type === 'ok', JSON.stringify(answer));
    assert.equal(matchesAlert(answer.matchers, alert), matches);
  });
}

test('what was pushed is known by the labels it came with', () => {
  const labels = { alertname: 'X', severity: 'page', source: 'node' };
  const pushed = fakeAlert(1, { origin: 'pushed', severity: 'critical', labels });
  const holds = (text: string): boolean => {
    const answer = parseMatchers([text]);
    return answer.type === 'ok' && matchesAlert(answer.matchers, pushed);
  };
  assert.ok(holds('severity=page,source=node,alertname=X'));
  assert.ok(!holds('severity=critical'));
  assert.ok(holds('resourceKind=systemd.unit'), 'what it does not name is what tocsin knows');
});

const wrong: readonly { name: string; text: string; says: RegExp }[] = [
  { name: 'an empty text is no matcher', text: '', says: /no matcher/ },
  { name: 'a name alone is refused', text: 'unit', says: /=, !=, =~ or !~ .*character 5/ },
  { name: 'an operator alone is refused', text: '="x"', says: /label name .*character 1/ },
  { name: 'an open quote is refused', text: 'unit="x', says: /comma .*character 6/ },
  { name: 'two values are refused', text: 'unit="x" "y"', says: /comma .*character 10/ },
  { name: 'look-around is refused', text: 'unit=~"x(?=y)"', says: /Perl syntax/ },
  { name: 'a broken expression is refused', text: 'unit=~"("', says: /missing closing/ },
  { name: 'a huge repetition is refused', text: 'a=~"((x{100}){100}){100}"', says: /repeat/ },
  { name: 'a long text is refused', text: `a="${'x'.repeat(1000)}"`, says: /longer than 1000/ },
  { name: 'many matchers are refused', text: 'a=b,'.repeat(21), says: /more than 20/ },
];

for (const { name, text, says } of wrong) {
  test(name, () => {
    const answer = parseMatchers([text]);
    assert.ok(answer.type === 'wrong');
    assert.match(answer.why, says);
  });
}

test('an expression that would run away elsewhere takes linear time', () => {
  const answer = parseMatchers(['unit=~"(a+)+x"']);
  assert.ok(answer.type === 'ok');
  const long = fakeAlert(1, { labels: { unit: 'a'.repeat(5000) } });
  const before = process.cpuUsage();
  assert.equal(matchesAlert(answer.matchers, long), false);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 1_000_000, `${user} us`);
});

test('what a pattern begins with spares it only what it would refuse', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const pieces = String.raw`a b - : . * ? + | (a) [ab] {2} {0,1} \. \Qa\E (?i) ^ $ (?:b|a) \b`;
  const piece = fc.constantFrom(...pieces.split(' '), ' ');
  const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((all) => all.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', 'A', '-', ' ', '.'), { maxLength: 4 });
  const property = fc.property(pattern, text, (value, letters) => {
    const answer = compileMatchers([{ name: 'x', operator: '=~', value }]);
    if (answer.type === 'wrong') return;
    const found = letters.join('');
    const expected = RE2JS.compile(value, RE2JS.DOTALL).testExact(found);
    assert.equal(answer.matchers[0]?.holds(found), expected, `${value} SEED=${seed}`);
  });
  fc.assert(property, { seed, numRuns: 3000 });
});
