/** docs/reference: made pages tell what the tables say, and the written one names real rules. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { renderComplaint } from '../src/domain/rule.ts';
import { renderKinds } from './support/reference-kinds.ts';
import { renderRules } from './support/reference-rules.ts';
import { loadShipped } from './support/shipped-rules.ts';

const folder = resolve(import.meta.dirname, '../docs/reference');
const read = (page: string): string => readFileSync(`${folder}/${page}`, 'utf8');
const shipped = loadShipped();

test('the shipped rules load in the order of the registry', () => {
  assert.deepEqual(shipped.loaded.complaints.map(renderComplaint), []);
});

for (const { page, render } of [
  { page: 'kinds.md', render: renderKinds },
  { page: 'rules.md', render: () => renderRules(shipped) },
]) {
  test(`docs/reference/${page} has what the tables say`, () => {
    const expected = render();
    if (process.env.ACCEPT === '1') writeFileSync(`${folder}/${page}`, expected);
    assert.equal(read(page), expected, 'npm run accept writes it anew');
  });
}

/** The core set of the catalogue, and its rules about the watcher itself. */
const core = `A-01 A-02 A-03 A-05
B-01 B-02 B-03 B-04 B-05 B-07 B-11 B-14 B-15 B-16 B-17 B-21 B-23 B-24
C-01 C-02 C-04 C-06
D-01 D-02 D-04 D-05 D-08 D-11 D-16 D-19
E-01 E-02 E-03 E-04 E-07
F-01 F-02 F-03 F-04 F-08 F-09
G-01 G-02 G-03 G-05 G-07 G-09 G-15 G-17 G-19 G-21 G-23
H-01 H-02 H-03 H-04 H-12 H-13 H-16
I-01 I-07
J-01
T-01 T-02 T-03 T-04 T-05 T-06 T-07 T-08`.split(/\s+/);

/** The rows about single faults: id, fault, our rules, remarks. */
const rows = read('catalogue.md')
  .split('\n')
  .filter((line) => /^\| [A-Z]-\d\d \|/.test(line))
  .map((line) => line.split('|').map((part) => part.trim()))
  .filter(([, id = '']) => core.includes(id));
/** What is written as code and looks like a rule. */
const rulesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)+)`/g)].map(([, id = '']) => id);

test('the catalogue page has the core set, one line for each fault, in its order', () => {
  assert.deepEqual(
    rows.map(([, id]) => id),
    core,
  );
});

test('each fault of the core set has a rule, or a reason why there is none', () => {
  const silent = rows.filter(([, , , rules = '', remarks = '']) =>
    rules === 'none' ? remarks === '' : rulesIn(rules).length === 0,
  );
  assert.deepEqual(silent, []);
});

test('every rule that the catalogue page names ships, and every one that ships is named', () => {
  const known = shipped.loaded.compiled.map(({ id }) => id).sort();
  const named = new Set(rulesIn(read('catalogue.md')));
  assert.deepEqual([...named].sort(), known);
});

test('links from one made page to a part of another lead to a heading', () => {
  const headings = (page: string): ReadonlySet<string> =>
    new Set(
      [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^a-z0-9 _-]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
  const lost = ['kinds.md', 'rules.md', 'catalogue.md'].flatMap((page) =>
    [...read(page).matchAll(/\]\(([a-z]*\.?(?:md)?)#([^)]+)\)/g)].flatMap(
      ([link, target = '', part = '']) =>
        headings(target === '' ? page : target).has(part) ? [] : [`${page}: ${link}`],
    ),
  );
  assert.deepEqual(lost, []);
});
