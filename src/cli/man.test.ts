/** The man pages tell what the tables say, and man has nothing to complain of. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { optionTable as daemonTable } from '../config/options.ts';
import { commands } from './commands.ts';
import { synopsis } from './help.ts';
import { parts, withParts } from './man.fixture.ts';
import { optionNames, spell } from './options.ts';

const folder = resolve(import.meta.dirname, '../../man');
const pages = [...Object.keys(parts), 'tocsin-rules.5'];
const read = (page: string): string => readFileSync(`${folder}/${page}`, 'utf8');

for (const page of Object.keys(parts)) {
  test(`${page} has what the tables say`, () => {
    const expected = withParts(page, read(page));
    if (process.env.ACCEPT === '1') writeFileSync(`${folder}/${page}`, expected);
    assert.equal(read(page), expected, 'npm run accept writes it anew');
  });
}

/** The page as people read it, on one line; undefined where there is no man. */
function render(page: string): { readonly text: string; readonly warnings: string } | undefined {
  const { error, stdout, stderr } = spawnSync('man', ['--warnings', '-l', `${folder}/${page}`], {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '400', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' },
  });
  return error === undefined ? { text: stdout, warnings: stderr } : undefined;
}

for (const page of pages) {
  test(`${page} can be read without a warning`, () => {
    const rendered = render(page);
    if (rendered !== undefined) assert.equal(rendered.warnings, '');
    assert.match(read(page), /^\.TH \S+ "?\d"? /m);
  });
}

/** Roff's marks taken out, for a machine without man. */
const plain = (page: string): string =>
  read(page)
    .replaceAll('\\-', '-')
    .replaceAll('\\(dq', '"')
    .replaceAll('\\e', '\\')
    .replaceAll('\\&', '');

test('tocsin(1) has every command and every option', () => {
  const text = plain('tocsin.1');
  const heads = [...commands.map(synopsis), ...optionNames.map(spell)];
  const missing = heads.filter((head) => !text.includes(`\n.B ${head}\n`));
  assert.deepEqual(missing, []);
});

test('tocsind(8) has every option, signal, socket and exit status', () => {
  const text = plain('tocsind.8');
  const wanted = [
    ...Object.keys(daemonTable).map((name) => `--${name}`),
    ...'SIGHUP SIGTERM SIGINT local.sock api.sock tocsin.db NOTIFY_SOCKET'.split(' '),
    ...'WATCHDOG_USEC LISTEN_FDS JOURNAL_STREAM TOCSIN_STATE_DIR'.split(' '),
    '\n.B 78\n',
  ];
  assert.deepEqual(
    wanted.filter((word) => !text.includes(word)),
    [],
  );
});

test('org.tocsin1(5) has every member of the interface, with its types', () => {
  const text = plain('org.tocsin1.5');
  const xml = readFileSync(resolve(folder, '../dbus/org.tocsin1.xml'), 'utf8');
  const named = [...xml.matchAll(/<(method|signal|property) name="(\w+)"(?: type="([^"]+)")?/g)];
  assert.ok(named.length > 40);
  const missing = named
    .map(([, tag, name, type]) => (tag === 'property' ? `.B ${type} ${name}\n` : `.B ${name}(`))
    .filter((head) => !text.includes(`\n${head}`));
  assert.deepEqual(missing, []);
});

test('the pages name each other, and no page that is not there', () => {
  // Another name of org.tocsin1(5).
  const all = [...pages, 'tocsin-dbus.5'];
  const known = new Set(all.map((page) => page.replace(/\.(\d)$/, '($1)')));
  for (const page of pages) {
    const named = [...plain(page).matchAll(/\b(tocsin[a-z.-]*)(?: |\n\.[BR]+ )?\((\d)\)/g)];
    const lost = named
      .map(([, name, section]) => `${name}(${section})`)
      .filter((one) => !known.has(one));
    assert.deepEqual(lost, [], page);
  }
});
