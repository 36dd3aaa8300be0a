import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Message, Outcome } from '../../../domain/message.ts';
import { systemCommand } from '../../../platform/command.ts';
import { fakePorts } from '../../fake-ports.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { environmentOf, execChannel } from './channel.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-exec-'));
after(() => rmSync(folder, { recursive: true }));

const run = (command: readonly [string, ...string[]], message: Message, timeout = 5000) =>
  execChannel
    .open('exec', { command, timeout }, fakePorts({ command: systemCommand }))
    .send(message, new AbortController().signal);

const hostile = fakeMessage({ items: [fakeItem(1, {}, { title: hostileText })] });

test('the program gets the message as JSON, and no shell reads it', async () => {
  const file = join(folder, 'input');
  const outcome = await run(['/bin/dd', 'status=none', `of=${file}`], hostile);
  assert.deepEqual(outcome, { type: 'delivered', detail: '' });
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(hostile)));
});

test('arguments are what was written, with all their signs', async () => {
  const outcome = await run(['/bin/echo', '$(id)', '; rm -rf /', '*'], fakeMessage());
  assert.deepEqual(outcome, { type: 'delivered', detail: '$(id) ; rm -rf / *' });
});

test('its environment is the fixed list and no more', async () => {
  const file = join(folder, 'environment');
  process.env.TOCSIN_SECRET_OF_OURS = 'x';
  writeFileSync(join(folder, 'env.sh'), `#!/bin/sh\nenv > ${file}\n`, { mode: 0o755 });
  await run([join(folder, 'env.sh')], hostile);
  const names = [...readFileSync(file, 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  const known = ['LC_ALL', 'PATH', 'PWD', 'SYSTEMD_COLORS', 'SYSTEMD_PAGER'];
  const expected = [...Object.keys(environmentOf(hostile)), ...known];
  assert.deepEqual(new Set(names), new Set(expected));
});

test('a title in the environment is one line', () => {
  assert.doesNotMatch(environmentOf(hostile).TOCSIN_TITLE ?? '', /[\p{Cc}\p{Cf}]/u);
});

const ends: readonly (readonly [string, readonly [string, ...string[]], Outcome])[] = [
  ['exit status 0 is delivered', ['/bin/true'], { type: 'delivered', detail: '' }],
  [
    'exit status 65 is never tried again',
    ['/bin/sh', '-c', 'echo no such box >&2; exit 65'],
    { type: 'refused', why: '/bin/sh ended with 65: no such box' },
  ],
  [
    'exit status 75 is tried again',
    ['/bin/sh', '-c', 'exit 75'],
    { type: 'retry', why: '/bin/sh ended with 75', maybe: false },
  ],
  [
    'any other exit status is tried again, too',
    ['/bin/false'],
    { type: 'retry', why: '/bin/false ended with 1', maybe: false },
  ],
  [
    'a program that is killed may have delivered',
    ['/bin/sh', '-c', 'kill -9 $$'],
    { type: 'retry', why: '/bin/sh ended with SIGKILL', maybe: true },
  ],
];
for (const [name, command, expected] of ends) {
  test(name, async () => assert.deepEqual(await run(command, fakeMessage()), expected));
}

test('a program that is not there is tried again: somebody will install it', async () => {
  const outcome = await run(['/nowhere/send'], fakeMessage());
  assert.match(JSON.stringify(outcome), /"retry".*\/nowhere\/send cannot be run.*"maybe":false/);
});

test('a program that does not end is ended, and may have delivered', async () => {
  const outcome = await run(['/bin/sleep', '60'], fakeMessage(), 50);
  assert.deepEqual(outcome, {
    type: 'retry',
    why: '/bin/sleep did not end within 0.05 s',
    maybe: true,
  });
});

test('of what it prints one bounded line is kept', async () => {
  const outcome = await run(['/bin/sh', '-c', 'yes x | head -c 9000000'], fakeMessage());
  assert.equal(outcome.type === 'delivered' && outcome.detail.length, 200);
});

test('a program may run for 100 s at most: nobody would wait longer', () => {
  const { timeout } = execChannel.settings;
  assert.deepEqual(timeout.read('100s'), { value: 100_000 });
  assert.equal(timeout.read('101s'), undefined);
});

for (const [command, isRight] of [
  [['/usr/bin/logger', '-t', 'x'], true],
  [['logger'], false],
  [[], false],
  ['/usr/bin/logger x', false],
  [['/bin/sh', 7], false],
  [['/bin/sh', 'a\0b'], false],
] as const) {
  test(`command: ${JSON.stringify(command)} is ${isRight ? 'taken' : 'refused'}`, () => {
    assert.equal(execChannel.settings.command.read(command) !== undefined, isRight);
  });
}
