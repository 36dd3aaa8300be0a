/** Examples that people copy: settings in docs, README and man pages; rules in tocsin-rules(5). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { commands } from '../src/cli/commands.ts';
import { sections as collectorSections, kinds } from '../src/collectors/registry.ts';
import { loadSettings } from '../src/config/load.ts';
import { settingsTable } from '../src/config/settings.ts';
import { deliverySections } from '../src/delivery/sections.ts';
import { renderComplaint } from '../src/domain/rule.ts';
import { loadRules } from '../src/rules/files/load.ts';
import { loadShipped } from './support/shipped-rules.ts';

const sections = { ...collectorSections, ...deliverySections };
const top = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(`${top}/${path}`, 'utf8');

/** What stands between .nf and .fi, without roff's marks. */
const shownIn = (page: string): readonly string[] =>
  [...read(`man/${page}`).matchAll(/^\.nf\n(.*?)^\.fi$/gms)].map(([, shown = '']) =>
    shown.replaceAll('\\-', '-').replaceAll('\\(dq', '"').replaceAll('\\e', '\\'),
  );

const fencedIn = (page: string): readonly string[] =>
  [...read(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, shown = '']) => shown);

function complaintsAbout(path: string, text: string): readonly string[] {
  return loadSettings([{ path, text }], sections).complaints.map(renderComplaint);
}

const examples = readdirSync(`${top}/docs/examples`).filter((name) => name.endsWith('.yaml'));

for (const { name, texts } of [
  ...examples.map((file) => ({ name: file, texts: [read(`docs/examples/${file}`)] })),
  { name: 'tocsin.yaml(5)', texts: shownIn('tocsin.yaml.5') },
  { name: 'the README', texts: fencedIn('README.md') },
  { name: 'the guide to telling', texts: fencedIn('docs/TELLING.md') },
]) {
  test(`tocsin config check accepts the settings in ${name}`, () => {
    assert.ok(texts.length > 0, 'there is no example');
    assert.deepEqual(
      texts.flatMap((text) => complaintsAbout(name, text)),
      [],
    );
  });
}

test('the example has something of every section that a site may want to set', () => {
  const text = read('docs/examples/tocsin.yaml');
  const missing = [...Object.keys(sections), ...Object.keys(settingsTable)].filter(
    (name) => !new RegExp(`^${name}:`, 'm').test(text),
  );
  // Ports that were taken out, and limits of the stream: few sites have a reason.
  assert.deepEqual(missing, ['fc', 'stream']);
});

test('the rules that tocsin-rules(5) shows are rules', () => {
  const files = shownIn('tocsin-rules.5').filter((text) => text.startsWith('rules:'));
  const [rules = '', dropIn = ''] = files;
  const alone = { folder: 0, name: 'example.yaml', path: 'example.yaml', text: rules };
  assert.deepEqual(loadRules([alone], kinds).complaints.map(renderComplaint), []);
  const shipped = 'src/collectors/systemd/rules.yaml';
  const folder = { folder: 0, name: 'systemd.yaml', path: shipped, text: read(shipped) };
  const change = { folder: 1, name: 'site.yaml', path: 'site.yaml', text: dropIn };
  const { complaints, compiled } = loadRules(
    [folder, { ...change, dropInOf: 'systemd.yaml' }],
    kinds,
  );
  assert.deepEqual(complaints.map(renderComplaint), []);
  const changed = compiled.filter(({ summary }) => summary.dropIns.length > 0);
  assert.deepEqual(changed.map(({ id }) => id).sort(), ['unit-failed', 'unit-needs-reload']);
});

/** Whether `tocsin FIRST SECOND` is a command, or a noun with one of the words it lists. */
const isCommand = (first: string, second: string): boolean =>
  commands.some(
    ({ name, isDefault, words, arguments: given }) =>
      name === first ||
      name === `${first} ${second}` ||
      (isDefault === true &&
        name.startsWith(`${first} `) &&
        (second === '' || words?.includes(second) === true || given.includes('[MATCHER'))),
  );

test('the commands of tocsin that advice, README and man pages name are there', () => {
  const { loaded } = loadShipped();
  const texts = [
    ...loaded.compiled.map(({ summary }) => String(summary.definition.advice)),
    ...[...read('README.md').matchAll(/^\$ (tocsin .*)$|`(tocsin [^`]*)`/gm)].map(
      ([, typed, quoted]) => `"${typed ?? quoted ?? ''}"`,
    ),
    ...['tocsin.1', 'tocsin.yaml.5', 'tocsin-rules.5'].flatMap((page) =>
      [...read(`man/${page}`).matchAll(/^\.B "?(tocsin [a-z].*?)"?$/gm)].map(
        ([, typed = '']) => `"${typed.replaceAll('\\-', '-')}"`,
      ),
    ),
  ];
  const named = texts.flatMap((text) =>
    [...text.matchAll(/(?<=["&] ?)tocsin ([a-z]+)(?: ([a-z]+))?/g)].map(
      ([, first = '', second = '']) => ({ first, second }),
    ),
  );
  assert.ok(named.length > 30, `${named.length} found`);
  assert.deepEqual(
    named.filter(({ first, second }) => !isCommand(first, second)),
    [],
  );
});
