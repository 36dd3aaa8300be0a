import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileEntry, Files } from '../../platform/files.ts';
import { collectRuleFiles, filesInForce } from './files.ts';

/** A fake of files: path -> text; `-> TARGET` is a link, `!CODE` cannot be read. */
function filesOf(
  tree: Readonly<Record<string, string>>,
): Pick<Files, 'readText' | 'list' | 'readLink'> {
  const entriesOf = (folder: string): FileEntry[] => {
    const entries = new Map<string, FileEntry>();
    for (const [path, text] of Object.entries(tree)) {
      if (!path.startsWith(`${folder}/`)) continue;
      const [name = '', ...rest] = path.slice(folder.length + 1).split('/');
      const type = text.startsWith('-> ') ? 'link' : 'file';
      entries.set(name, { name, type: rest.length > 0 ? 'directory' : type });
    }
    return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  return {
    readText: (path) => {
      const text = tree[path];
      if (text?.startsWith('!')) throw new Error(text.slice(1));
      return text?.startsWith('-> ') ? tree[text.slice(3)] : text;
    },
    list: (path) => {
      const entries = entriesOf(path);
      return entries.length > 0 ? entries : undefined;
    },
    readLink: (path) => (tree[path]?.startsWith('-> ') ? tree[path].slice(3) : undefined),
  };
}

/** What is in force, drawn as `file+dropin+dropin`. */
function inForce(tree: Readonly<Record<string, string>>): string[] {
  const files = collectRuleFiles(filesOf(tree), ['/usr', '/run', '/etc']);
  const drawn = filesInForce(files);
  return [
    ...drawn.inForce.map(({ file, dropIns }) =>
      [file.path, ...dropIns.map((d) => d.path)].join('+'),
    ),
    ...drawn.orphans.map(({ path }) => `orphan ${path}`),
  ];
}

const cases: readonly [string, Readonly<Record<string, string>>, readonly string[]][] = [
  ['nothing at all is no rules', {}, []],
  [
    'files are in order of name, not of folder',
    { '/etc/a.yaml': '', '/usr/b.yaml': '', '/usr/0.yaml': '' },
    ['/usr/0.yaml', '/etc/a.yaml', '/usr/b.yaml'],
  ],
  [
    'a later folder replaces the file of the same name',
    { '/usr/a.yaml': '', '/run/a.yaml': '', '/etc/a.yaml': '' },
    ['/etc/a.yaml'],
  ],
  ['a link to /dev/null masks', { '/usr/a.yaml': '', '/etc/a.yaml': '-> /dev/null' }, []],
  [
    'an earlier mask is overridden',
    { '/run/a.yaml': '-> /dev/null', '/etc/a.yaml': '' },
    ['/etc/a.yaml'],
  ],
  [
    'another link is followed',
    { '/etc/a.yaml': '-> /else', '/else': 'rules: []' },
    ['/etc/a.yaml'],
  ],
  [
    'drop-ins come from all folders in order of name',
    {
      '/usr/a.yaml': '',
      '/etc/a.yaml.d/1.yaml': '',
      '/usr/a.yaml.d/2.yaml': '',
      '/run/a.yaml.d/0.yaml': '',
    },
    ['/usr/a.yaml+/run/a.yaml.d/0.yaml+/etc/a.yaml.d/1.yaml+/usr/a.yaml.d/2.yaml'],
  ],
  [
    'a later drop-in of the same name replaces',
    { '/usr/a.yaml': '', '/usr/a.yaml.d/1.yaml': '', '/etc/a.yaml.d/1.yaml': '' },
    ['/usr/a.yaml+/etc/a.yaml.d/1.yaml'],
  ],
  [
    'a drop-in can be masked',
    { '/usr/a.yaml': '', '/usr/a.yaml.d/1.yaml': '', '/etc/a.yaml.d/1.yaml': '-> /dev/null' },
    ['/usr/a.yaml'],
  ],
  [
    'drop-ins of a replaced file stay',
    { '/usr/a.yaml': '', '/usr/a.yaml.d/1.yaml': '', '/etc/a.yaml': '' },
    ['/etc/a.yaml+/usr/a.yaml.d/1.yaml'],
  ],
  [
    'drop-ins of a masked file do nothing',
    { '/usr/a.yaml': '', '/usr/a.yaml.d/1.yaml': '', '/etc/a.yaml': '-> /dev/null' },
    [],
  ],
  [
    'drop-ins without a file are noticed',
    { '/etc/a.yaml.d/1.yaml': '' },
    ['orphan /etc/a.yaml.d/1.yaml'],
  ],
  [
    'other names and hidden files are left alone',
    { '/etc/a.yml': '', '/etc/.a.yaml': '', '/etc/a.yaml~': '', '/etc/README': '' },
    [],
  ],
];
for (const [name, tree, expected] of cases) {
  test(name, () => assert.deepEqual(inForce(tree), expected));
}

test('a file that cannot be read is in force and says so', () => {
  const tree = { '/etc/a.yaml': '!EACCES', '/etc/b.yaml': '-> /nowhere' };
  const files = collectRuleFiles(filesOf(tree), ['/etc']);
  assert.deepEqual(
    files.map(({ unreadable }) => unreadable),
    ['EACCES', 'the link leads nowhere'],
  );
});
