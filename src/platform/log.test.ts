import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const log = join(import.meta.dirname, 'log.ts');

/** Runs lines of a program that has `log`; stderr is read, or its other end is closed at once. */
async function run(lines: string, reader: 'reads' | 'gone') {
  // It begins when it is told, so that nobody is there any more to read.
  const program = `import { stderrLog } from ${JSON.stringify(log)};
    const log = stderrLog(process.env);
    process.stdin.once('data', () => { ${lines} });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: 'pipe',
    env: {},
  });
  let said = '';
  if (reader === 'reads') child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  else child.stderr.destroy();
  let answered = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (answered += text));
  child.stdin.end('go\n');
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
