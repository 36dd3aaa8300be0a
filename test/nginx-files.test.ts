/** The files for nginx know all paths of tocsin, and the longest body. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { alertmanagerOperations } from '../src/api/alertmanager/operations.ts';
import { streamPath } from '../src/api/stream/path.ts';
import type { Operation } from '../src/operations/operation.ts';
import { operations } from '../src/operations/registry.ts';

const top = join(import.meta.dirname, '..');
const textOf = (file: string): string => readFileSync(join(top, file), 'utf8');
const snippet = textOf('nginx/tocsin.conf');

/** The outer location, the stream's and that of the rules: nginx and JavaScript read them alike. */
const locations = [...snippet.matchAll(/^\s*location ~ (\S+) \{$/gm)].map(
  ([, pattern = '']) => new RegExp(pattern),
);
const [outer = /$^/, stream = /$^/, rules = /$^/] = locations;

const declared: readonly Operation[] = [...operations, ...alertmanagerOperations];
/** Pages that are no operations, as the sources name them. */
const pages = globSync('src/api/**/*.ts', { cwd: top })
  .filter((file) => !file.includes('.test.'))
  .flatMap((file) => [...textOf(file).matchAll(/\bapp\.get\('([^']+)'/g)])
  .map(([, path = '']) => path);

test('the snippet passes every path that tocsin answers', () => {
  assert.equal(locations.length, 3);
  assert.ok(pages.includes('/') && pages.includes('/livez'));
  const paths = [...pages, '/metrics', ...declared.map(({ path }) => path)];
  assert.deepEqual(
    paths.map((path) => path.replaceAll(/:\w+/g, 'x')).filter((path) => !outer.test(path)),
    [],
  );
});

test('the snippet leaves other paths to the site', () => {
  const others = [
    '/index.html',
    '/api',
    '/api/v2/x',
    '/metrics/x',
    '/livezz',
    '/page.jsx',
    '/x/am/',
  ];
  assert.deepEqual(
    others.filter((path) => outer.test(path)),
    [],
  );
});

test('the stream is not collected, and its path alone may become a tunnel', () => {
  assert.ok(stream.test(streamPath));
  const others = declared.filter(({ path }) => stream.test(path) && path !== streamPath);
  assert.deepEqual(others, []);
});

test('what is changed by its tag is never packed, which would make the tag weak', () => {
  const guarded = declared.filter(({ precondition }) => precondition === true);
  assert.ok(guarded.length > 0);
  assert.deepEqual(
    guarded.map(({ path }) => path.replaceAll(/:\w+/g, 'x')).filter((path) => !rules.test(path)),
    [],
  );
});

test('no location inside has a header of its own: it would lose all others', () => {
  const inside = snippet.slice(snippet.indexOf('location ~', snippet.indexOf('location ~') + 1));
  assert.doesNotMatch(inside, /proxy_set_header [A-Z]/);
});

test('the longest body that an operation takes goes through', () => {
  const mebibytes = Number(/client_max_body_size (\d+)m;/.exec(snippet)?.[1]);
  const longest = Math.max(...declared.map(({ bodyBytesMax = 0 }) => bodyBytesMax));
  assert.equal(mebibytes * 1024 * 1024, longest);
});
