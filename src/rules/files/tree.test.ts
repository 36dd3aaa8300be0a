import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, ruleFile } from '../rules.fixture.ts';

const file = (text: string): readonly string[] => complaintsOf(ruleFile('a.yaml', text));

const texts: readonly [string, string, readonly string[]][] = [
  ['an empty file', '', []],
  ['a file of comments', '# nothing\n', []],
  ['a list', '- a\n', ['1:1: error: a rule file begins with "rules:"']],
  [
    'a misspelled beginning',
    'ruels: []\n',
    ['1:1: error: unknown field "ruels" (did you mean "rules"?)'],
  ],
  ['rules that are no list', 'rules: {}\n', ['1:8: error: "rules" must be a list']],
  [
    'a rule that is a text',
    'rules: [a]\n',
    ['1:9: error: a rule is a map of fields, beginning with "id"'],
  ],
  ['a field that stands twice', 'rules: []\nrules: []\n', ['2:1: error: Map keys must be unique']],
  [
    'no YAML',
    'rules: [\n',
    [
      '2:1: error: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ],
  ['an unknown alias', 'rules: *a\n', ['1:8: error: unknown alias "*a"']],
];
for (const [name, text, complaints] of texts) {
  test(`reads ${name}`, () => {
    assert.deepEqual(
      file(text),
      complaints.map((complaint) => `a.yaml:${complaint}`),
    );
  });
}

test('an alias bomb is refused in no time', () => {
  const levels = Array.from({ length: 40 }, (_, i) =>
    i === 0 ? 'l0: &l0 [x, x]' : `l${i}: &l${i} [*l${i - 1}, *l${i - 1}]`,
  );
  const [complaint] = file(`${levels.join('\n')}\nrules: *l39\n`);
  assert.match(complaint ?? '', /^a\.yaml:1:1: error: (holds|uses) more than/);
  const nested = file(`rules: ${'['.repeat(5000)}`);
  assert.match(nested.join(), /error/);
});
