/**
 * Completion in the real shells, with a key pressed in a terminal where a shell has no other way
 * to ask. bash is tried beside its code; zsh and fish come from tools/packages. No container.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const project = resolve(import.meta.dirname, '../..');

/** What is pressed after the line, and where the answer goes: see zsh-compadd in zshcompwid(1). */
const zshWidgets = (folder: string): string => `
PROMPT=
fpath=('${folder}' $fpath)
autoload -Uz compinit
compinit -u -d '${folder}/dump'
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- $hits >>'${folder}/offered'
  builtin compadd "$@"
}
tell() { print -r -- "$BUFFER" >'${folder}/line'; exit }
zle -N tell
bindkey '^X' tell
print ready
`;

describe('completion', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-shells-'));
    const cli = join(project, 'src/cli/main.ts');
    const made = (shell: string): string =>
      execFileSync('node', [cli, 'completion', shell], { encoding: 'utf8' });
    writeFileSync(join(folder, '_tocsin'), made('zsh'));
    writeFileSync(join(folder, 'tocsin.fish'), made('fish'));
    writeFileSync(join(folder, 'zshrc'), zshWidgets(folder));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** `tocsin` is a script that answers these, and notes what it was asked. */
  function answer(live: string): void {
    writeFileSync(join(folder, 'live'), live);
    const program = join(folder, 'tocsin');
    writeFileSync(program, `#!/bin/sh\necho "$*" >>'${folder}/asked'\ncat '${folder}/live'\n`);
    chmodSync(program, 0o755);
  }
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  const forget = (): void => {
    for (const name of ['offered', 'line', 'asked']) rmSync(join(folder, name), { force: true });
  };

  /** Types the line into a zsh on a terminal, presses the tabulator, and looks. */
  function typeInZsh(line: string): { offered: readonly string[]; left: string } {
    forget();
    const script = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z "source '${folder}/zshrc'"
      while zpty -r z said; do [[ $said == ready* ]] && break; done
      zpty -w -n z "$1"$'\\t\\x18'
      while zpty -r z said; do :; done`;
    const { status, stderr } = spawnSync('zsh', ['-f', '-c', script, 'zsh', line], {
      encoding: 'utf8',
      cwd: folder,
      timeout: 20_000,
      env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: 'dumb', LANG: 'C.UTF-8' },
    });
    assert.notEqual(status, null, `zsh did not end: ${stderr}`);
    const offered = read('offered')
      .split('\n')
      .filter((one) => one !== '');
    return { offered, left: read('line').trimEnd() };
  }

  /** What fish would offer, without the descriptions. */
  function askFish(line: string): readonly string[] {
    forget();
    const { stdout, stderr } = spawnSync(
      'fish',
      ['--no-config', '-c', `source '${folder}/tocsin.fish'; complete -C "$argv[1]"`, line],
      {
        encoding: 'utf8',
        cwd: folder,
        timeout: 20_000,
        env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder, LANG: 'C.UTF-8' },
      },
    );
    assert.equal(stderr, '');
    return stdout.split('\n').flatMap((row) => (row === '' ? [] : (row.split('\t')[0] ?? [])));
  }

  const shells = { zsh: (line: string) => typeInZsh(line).offered, fish: askFish };

  const cases: readonly (readonly [line: string, ...offered: readonly string[]])[] = [
    ['tocsin al', 'alert'],
    ['tocsin alert un', 'unack'],
    ['tocsin alert list --se', '--severity'],
    ['tocsin alert list --severity w', 'warning'],
    ['tocsin alert -o json sh', 'show'],
    ['tocsin alert show ', '01AAA', '01BBB'],
    ['tocsin --socket /x alert ack 01AAA 01B', '01BBB'],
    ['tocsin completion ', 'bash', 'zsh', 'fish'],
    ['tocsin help ex', 'exit-codes'],
    ['tocsin doc', 'doctor'],
    ['tocsin config check tocs', 'tocsin.fish'],
  ];

  for (const [shell, ask] of Object.entries(shells)) {
    for (const [line, ...offered] of cases) {
      it(`${shell} offers ${offered.join(', ')} for "${line}"`, () => {
        answer('01AAA\n01BBB\n');
        const found = ask(line).filter((word) => word !== 'tocsin');
        assert.deepEqual([...new Set(found)].sort(), [...offered].sort());
      });
    }

    it(`${shell} asks for live values with a short limit`, () => {
      answer('a.service\n');
      ask('tocsin event -u a');
      assert.equal(read('asked'), 'unit list -o id --timeout 2s\n');
    });

    it(`${shell} offers nothing where tocsind does not answer`, () => {
      answer('');
      assert.deepEqual(ask('tocsin rule show '), []);
    });
  }

  it('zsh quotes a name that is a shell command, and never runs it', () => {
    answer('$(touch owned)`touch owned`;touch owned\n');
    const { left } = typeInZsh('tocsin unit show ');
    assert.equal(
      left,
      'tocsin unit show \\$\\(touch\\ owned\\)\\`touch\\ owned\\`\\;touch\\ owned',
    );
    assert.equal(existsSync(join(folder, 'owned')), false);
  });

  it('fish offers a name that is a shell command as it is, and never runs it', () => {
    answer('$(touch owned);touch owned\n(touch owned)\n');
    assert.deepEqual([...askFish('tocsin unit show ')].sort(), [
      '$(touch owned);touch owned',
      '(touch owned)',
    ]);
    assert.equal(existsSync(join(folder, 'owned')), false);
  });
});
