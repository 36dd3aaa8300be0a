/** What people write: settings, rules, expressions; and cursors, which programs send back. */
import fc from 'fast-check';
import { kinds, sections } from '../../src/collectors/registry.ts';
import { loadSettings } from '../../src/config/load.ts';
import { isFamily, isSetting } from '../../src/config/readers.ts';
import { settingsTable } from '../../src/config/settings.ts';
import { deliverySections } from '../../src/delivery/sections.ts';
import { decodeCursor, encodeCursor } from '../../src/operations/cursor.ts';
import { Refusal } from '../../src/operations/refusals.ts';
import { ruleFields } from '../../src/rules/files/compile.ts';
import { loadRules } from '../../src/rules/files/load.ts';
import { parseMatchers } from '../../src/rules/matchers.ts';
import { loadShipped } from '../support/shipped-rules.ts';
import { damaged, hostileJson, hostileText } from './hostile.ts';
import { defineSurface } from './surface.ts';
import { functionNames } from './words.ts';

const table = { ...sections, ...deliverySections, ...settingsTable };

/** Every setting by its path; of a family the ways to write a member of each type. */
function pathsOf(section: object): readonly (readonly string[])[] {
  return Object.entries(section).flatMap(([name, entry]: [string, unknown]) => {
    if (isSetting(entry)) return [[name]];
    if (!isFamily(entry)) return pathsOf(entry as object).map((path) => [name, ...path]);
    return Object.values(entry.types).flatMap((own) =>
      pathsOf({ ...entry.common, ...own }).map((path) => [name, 'mine', ...path]),
    );
  });
}
const paths = pathsOf(table);
const channelTypes = Object.keys(deliverySections.channels.types);

/** Flow style is YAML and JSON: values of any shape can stand anywhere. */
function renderYaml(entries: readonly (readonly [readonly string[], unknown])[], type: string) {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    let at = tree;
    for (const name of path.slice(0, -1)) {
      const next = Object.hasOwn(at, name) ? at[name] : undefined;
      const inner = typeof next === 'object' && next !== null ? next : {};
      at[name] = inner;
      at = inner as Record<string, unknown>;
    }
    at[path.at(-1) ?? ''] = value;
    if (path[0] === 'channels') Object.assign(at, { type });
  }
  return JSON.stringify(tree);
}

const documents = [
  'retention: { age: 90d, size: 512MiB }\nchannels:\n  hook: { type: webhook, url: "https://x.test" }\n',
  'systemd:\n  watch: [scst.service, "backup*"]\nstorage:\n  repositories:\n    - { name: a, path: /srv }\n',
  'a: &a [1, 2]\nb: [*a, *a, *a]\n',
  `a: &a [x]\n${'bcdefghij'
    .split('')
    .map(
      (name, i) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${'abcdefghij'.charAt(i)}`)
          .join(', ')}]`,
    )
    .join('\n')}\n`,
  '%YAML 1.1\n---\n!!binary x: ? y\n...\n---\n{}\n',
  'retention: !!js/function "x"\n<<: { age: 1d }\n',
];

const settingsText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.array(fc.tuple(fc.constantFrom(...paths), fc.oneof(hostileJson, hostileText)), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.oneof(fc.constantFrom(...channelTypes), hostileText),
      )
      .map(([entries, type]) => renderYaml(entries, type)),
  },
  { weight: 3, arbitrary: damaged(documents) },
  { weight: 1, arbitrary: hostileText },
);

export const configuration = defineSurface({
  name: 'configuration',
  inputs: settingsText,
  async open() {
    return {
      try(text) {
        const { settings, complaints } = loadSettings([{ path: 'x.yaml', text }], {
          ...sections,
          ...deliverySections,
        });
        if ((settings === undefined) !== complaints.length > 0) {
          throw new Error(`${complaints.length} complaints, settings: ${typeof settings}`);
        }
      },
      close() {},
    };
  },
});

const attributes = kinds.flatMap(({ variable, attributes: own }) =>
  Object.keys(own).map((name) => `${variable}.${name}`),
);
const token = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...attributes, ...functionNames.map((one) => `${one}(`)),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      '&&',
      '||',
      '!',
      '==',
      '!=',
      '<',
      '>=',
      '+',
      '-',
      '*',
      '/',
      '%',
      '?',
      ':',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      '.',
      'in',
      'true',
      'null',
      '1',
      '0.5',
      '1u',
      '"x"',
      "'10m'",
      '"(a+)+$"',
      '.matches(',
      '.size()',
      'now',
      'has(',
      '.map(x, x)',
      '.all(x,',
      '9e999',
      'b"x"',
    ),
  },
  { weight: 1, arbitrary: hostileText },
);
const expression = fc.oneof(
  { weight: 3, arbitrary: fc.array(token, { maxLength: 12 }).map((all) => all.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('('.repeat(500), '!'.repeat(500), '1+'.repeat(500)) },
  { weight: 1, arbitrary: hostileText },
);
const fieldValue = fc.oneof(
  { weight: 3, arbitrary: expression },
  { weight: 2, arbitrary: hostileText },
  { weight: 1, arbitrary: hostileJson },
);
const goodRule = {
  id: 'mine',
  kind: 'systemd.unit',
  when: 'unit.watched && unit.activeState == "failed"',
  severity: 'warning',
  source: 'system',
  title: '{{ unit.id }} failed',
};
const ruleText = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.oneof({ weight: 9, arbitrary: fc.constantFrom<string>(...ruleFields) }, hostileText),
          fieldValue,
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((fields) => JSON.stringify({ rules: [{ ...goodRule, ...Object.fromEntries(fields) }] })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...kinds.map(({ name }) => name)), expression)
      .map(([kind, when]) => JSON.stringify({ rules: [{ ...goodRule, kind, when }] })),
  },
  {
    weight: 1,
    arbitrary: damaged(loadShipped().files.map(({ text }) => (text ?? '').slice(0, 3000))),
  },
);

export const rules = defineSurface({
  name: 'rules',
  inputs: ruleText,
  oneOf: 4,
  async open() {
    return {
      try(text) {
        const { rules: loaded, complaints } = loadRules(
          [{ folder: 0, name: 'x.yaml', path: 'x.yaml', text }],
          kinds,
        );
        const hasErrors = complaints.some(({ level }) => level === 'error');
        if ((loaded === undefined) !== hasErrors) throw new Error('neither rules nor a complaint');
      },
      close() {},
    };
  },
});

export const matchers = defineSurface({
  name: 'matchers',
  inputs: fc.array(
    fc.oneof(hostileText, damaged(['severity=~"crit.*"', '{unit="a b",x!~"y|z"}', 'unit=x'])),
    { maxLength: 3 },
  ),
  async open() {
    return { try: (texts) => void parseMatchers(texts), close() {} };
  },
});

const cursor = fc.oneof(
  hostileText,
  hostileJson.map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')),
  fc
    .array(fc.oneof(hostileText, fc.double()), { maxLength: 3 })
    .map((position) => encodeCursor('digest', position)),
  damaged([encodeCursor('digest', ['a', 1]), encodeCursor('other', [1])]),
);

export const cursors = defineSurface({
  name: 'cursors',
  inputs: cursor,
  async open() {
    return {
      try(text) {
        try {
          const position = decodeCursor('digest', text, ['string', 'number']);
          if (position === undefined || typeof position[1] !== 'number') {
            throw new Error(`a position of the wrong form: ${JSON.stringify(position)}`);
          }
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      },
      close() {},
    };
  },
});
