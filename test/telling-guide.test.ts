/** The guide to telling: its commands parse, its snippets do what they say, its tables are whole. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { commands } from '../src/cli/commands.ts';
import { parseCommandLine } from '../src/cli/parse.ts';
import { messageIds } from '../src/delivery/channels/journal/message-ids.ts';
import { sign } from '../src/delivery/channels/webhook/channel.ts';
import { channelTypes } from '../src/delivery/registry.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../docs/TELLING.md'), 'utf8');

/** What stands between fences of this language. */
const fenced = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, shown = '']) => shown,
  );

/** The words of a line of a shell, without a comment; the quotes are those of sh. */
function wordsOf(line: string): readonly string[] {
  const words = [...line.matchAll(/\s*(#.*$|'([^']*)'|"([^"]*)"|[^\s'"]+|&&)/g)];
  return words
    .map(([, whole = '', single, double]) => single ?? double ?? whole)
    .filter((word) => !word.startsWith('#'));
}

test('the commands that the guide to telling shows are taken as they stand', () => {
  const lines = fenced('sh')
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.split(' && '))
    .filter((line) => line.startsWith('tocsin '));
  assert.ok(lines.length > 15, `${lines.length} found`);
  for (const line of lines) {
    assert.doesNotThrow(() => parseCommandLine(commands, wordsOf(line).slice(1)), line);
  }
});

test('the guide to telling shows each type of channel, and each MESSAGE_ID with its meaning', () => {
  const types = channelTypes.filter(({ type }) => !guide.includes(`    type: ${type}\n`));
  assert.deepEqual(types, []);
  const ids = Object.values(messageIds).filter(
    ({ id, help }) => !guide.includes(`| \`${id}\` | ${help} |`),
  );
  assert.deepEqual(ids, []);
});

test('settings of other programs in the guide to telling are YAML', () => {
  for (const text of fenced('yml')) assert.equal(typeof parse(text), 'object');
});

/** Runs a snippet of the guide; undefined where its language is not on this machine. */
function runSnippet(program: string, text: string, signature: string, body: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-snippet-'));
  try {
    writeFileSync(join(folder, 'body'), body);
    const env = { ...process.env, SIGNATURE: signature, KEY: 'sesame' };
    const { error, stdout } = spawnSync(program, ['-c', text], { cwd: folder, env });
    return error === undefined ? String(stdout).trim() : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const check =
  'import os\nwith open("body", "rb") as f: body = f.read()\n' +
  'if is_genuine(os.environ["KEY"].encode(), body, os.environ["SIGNATURE"]): print("genuine")\n';
const snippets = [
  {
    program: 'sh',
    text: fenced('sh').find((text) => text.includes('SIGNATURE')) ?? '',
  },
  { program: 'python3', text: `${fenced('python')[0] ?? ''}${check}` },
];
for (const { program, text } of snippets) {
  test(`the ${program} of the guide tells a genuine webhook from a changed and from an old one`, () => {
    const now = Date.now();
    const body = '{"version":"4"}\n';
    for (const [signature, sent, said] of [
      [sign('sesame', body, now), body, 'genuine'],
      [sign('sesame', body, now), `${body} `, ''],
      [sign('simsim', body, now), body, ''],
      [sign('sesame', body, now - 600_000), body, ''],
    ] as const) {
      const answer = runSnippet(program, text, signature, sent);
      if (answer !== undefined) assert.equal(answer, said);
    }
  });
}
