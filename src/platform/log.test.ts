import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const log = join(import.meta.dirname, 'log.ts');

/** Runs lines of a program that has `log`; stderr is read, late, or its other end is closed at once. */
async function run(lines: string, reader: 'reads' | 'late' | 'gone') {
  // It begins when it is told, so that nobody is there any more to read.
  const program = `import { stderrLog } from ${JSON.stringify(log)};
    const log = stderrLog(process.env);
    process.stdin.once('data', () => { ${lines} });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: 'pipe',
    env: {},
  });
  child.stdin.write('go\n');
  let said = '';
  if (reader === 'late') await once(child.stdout, 'data');
  if (reader !== 'gone') child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  else child.stderr.destroy();
  let answered = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (answered += text));
  child.stdin.end('read\n');
  const [exitStatus] = await once(child, 'close');
  return { exitStatus, said, answered };
}

test('a log that nobody takes does not end the daemon', async () => {
  const { exitStatus, answered } = await run(
    `log.error('one');
    setImmediate(() => { log.error('two'); setImmediate(() => console.log('alive')); });`,
    'gone',
  );
  assert.deepEqual({ exitStatus, answered }, { exitStatus: 0, answered: 'alive\n' });
});

test('a line break in a message does not begin a line', async () => {
  const { said } = await run(`log.warning('one\\n<0>two');`, 'reads');
  assert.equal(said, 'warning: one <0>two\n');
});

test('a log that is taken late keeps what it can, drops the rest, and says how much', async () => {
  const lines = 20_000;
  const { exitStatus, said } = await run(
    `for (let i = 0; i < ${lines}; i++) log.info('x'.repeat(100));
    process.stdin.once('data', () => {
      const again = () => process.stderr.writableLength > 0
        ? setImmediate(again) : log.notice('back');
      again();
    });
    console.log('written');`,
    'late',
  );
  assert.equal(exitStatus, 0);
  assert.ok(said.length < 1_000_000, `${said.length} characters were kept`);
  const kept = said.match(/^info: x+$/gm)?.length ?? 0;
  const dropped = Number(/^warning: the log was not taken: (\d+) lines dropped$/m.exec(said)?.[1]);
  assert.equal(kept + dropped, lines);
  assert.match(said, /notice: back\n$/);
});
