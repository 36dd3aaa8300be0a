import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seconds } from '../domain/time.ts';
import { type CommandOutcome, lineBytesMax, systemCommand } from './command.ts';

const run: typeof systemCommand.run = (...args) => systemCommand.run(...args);
const follow: typeof systemCommand.follow = (argv) => systemCommand.follow(argv);
const sh = (script: string, timeout = seconds(20), more = {}): Promise<CommandOutcome> =>
  run(['sh', '-c', script], { timeout, ...more });

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

/** The process is gone, or a zombie that its new parent has not reaped yet. */
async function ended(pid: number): Promise<void> {
  const state = `[ ! -e /proc/${pid} ] || grep -q '^State:.Z' /proc/${pid}/status`;
  const outcome = await sh(`until ${state}; do :; done`);
  assert.equal(outcome.type, 'ended');
}

const cases: readonly (readonly [string, string, Partial<CommandOutcome>])[] = [
  [
    'what a command says and its exit status are told',
    'echo out; echo err >&2; exit 3',
    { type: 'ended', exitStatus: 3, signal: null, stdout: 'out\n', stderr: 'err\n' },
  ],
  [
    'the signal that ended a command is told',
    'kill -9 $$',
    { type: 'ended', exitStatus: null, signal: 'SIGKILL' },
  ],
  [
    'a command reads nothing from our standard input',
    'cat; echo end',
    { type: 'ended', stdout: 'end\n' },
  ],
];
for (const [name, script, expected] of cases) {
  test(name, async () => assert.partialDeepStrictEqual(await sh(script), expected));
}

test('no child outlives the process that started it, even one that ignores SIGTERM', async () => {
  const program = `
    const { systemCommand } = await import(${JSON.stringify(import.meta.resolve('./command.ts'))});
    const script = 'trap "" TERM; echo $$; while :; do sleep 60; done';
    for await (const pid of systemCommand.follow(['sh', '-c', script]).lines) {
      console.log(pid);
      process.exit();
    }`;
  const outcome = await run([process.execPath, '--input-type=module', '-e', program], {
    timeout: seconds(20),
  });
  assert.ok(outcome.type === 'ended' && /^\d+\n$/.test(outcome.stdout), JSON.stringify(outcome));
  await ended(Number(outcome.stdout));
});

test('a program that is not there is missing', async () => {
  const outcome = await run(['/no/such/program'], { timeout: seconds(20) });
  assert.ok(outcome.type === 'missing' && outcome.why.includes('ENOENT'));
});

test('what the kernel refuses to start is missing, also where Node throws it (E2BIG, ENOMEM)', async () => {
  const argv = ['echo', 'x'.repeat(200_000)] as const;
  const outcome = await run(argv, { timeout: seconds(20) });
  assert.ok(outcome.type === 'missing' && outcome.why.includes('E2BIG'));
  const followed = follow(argv);
  assert.deepEqual(await all(followed.lines), []);
  const { exitStatus, stderr } = await followed.ended;
  assert.equal(exitStatus, null);
  assert.match(stderr, /E2BIG/);
});

test('output beyond the limit is thrown away, and the command still ends', async () => {
  const script = 'head -c 1000000 /dev/zero; echo kept >&2';
  const outcome = await sh(script, seconds(20), { outputBytesMax: 1000 });
  assert.ok(outcome.type === 'ended');
  assert.deepEqual(
    [outcome.stdout.length, outcome.truncated, outcome.stderr, outcome.exitStatus],
    [1000, true, 'kept\n', 0],
  );
});

test('nothing of our own service reaches a child', async () => {
  process.env.NOTIFY_SOCKET = '/run/nobody';
  process.env.LISTEN_FDS = '3';
  process.env.WATCHDOG_USEC = '1';
  const outcome = await sh('env');
  delete process.env.NOTIFY_SOCKET;
  delete process.env.LISTEN_FDS;
  delete process.env.WATCHDOG_USEC;
  assert.ok(outcome.type === 'ended');
  assert.doesNotMatch(outcome.stdout, /^(NOTIFY|LISTEN|WATCHDOG)/m);
  assert.match(outcome.stdout, /^LC_ALL=C\.UTF-8$/m);
});

test('a deadline ends a command', async () => {
  assert.deepEqual(await sh('sleep 1000', 20), { type: 'timeout' });
});

test('with a command end the children it started', async () => {
  const followed = follow(['sh', '-c', 'sleep 1000 & echo $!; wait']);
  const first = await followed.lines[Symbol.asyncIterator]().next();
  followed.stop();
  await followed.ended;
  await ended(Number(first.value));
});

test('a command that ignores SIGTERM is killed', async () => {
  const script = "trap '' TERM; echo $$; while :; do sleep 0.1; done";
  const followed = follow(['sh', '-c', script]);
  const first = await followed.lines[Symbol.asyncIterator]().next();
  followed.stop();
  assert.equal((await followed.ended).exitStatus, null);
  await ended(Number(first.value));
});

test('an abort ends a command like its deadline', async () => {
  const controller = new AbortController();
  const running = sh('sleep 1000', seconds(100), { signal: controller.signal });
  controller.abort();
  assert.deepEqual(await running, { type: 'timeout' });
  assert.deepEqual(await sh('true', seconds(1), { signal: AbortSignal.abort() }), {
    type: 'timeout',
  });
});

test('a grandchild that keeps the output open is not awaited', async () => {
  const outcome = await sh('sleep 1000 & echo $!');
  assert.ok(outcome.type === 'ended' && outcome.exitStatus === 0);
  process.kill(Number(outcome.stdout));
});

test('followed lines come whole, in order, also the last one without a newline', async () => {
  const { lines, ended } = follow([
    'sh',
    '-c',
    'printf "ä\\n\\nb"; printf "c\\nlast"; echo no >&2; exit 4',
  ]);
  assert.deepEqual(await all(lines), ['ä', '', 'bc', 'last']);
  assert.deepEqual(await ended, { exitStatus: 4, stderr: 'no\n' });
});

test('a followed line beyond the limit is cut, and the next one is whole', async () => {
  const { lines } = follow(['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x; echo; echo next']);
  const [long, next] = await all(lines);
  assert.deepEqual([long?.length, next], [lineBytesMax, 'next']);
});

test('leaving the loop ends the followed command', async () => {
  const { lines, ended } = follow(['sh', '-c', 'while echo tick; do :; done']);
  for await (const line of lines) {
    assert.equal(line, 'tick');
    break;
  }
  await ended;
});

test('stop ends a followed command that nobody reads', async () => {
  const followed = follow(['yes']);
  followed.stop();
  assert.equal((await followed.ended).exitStatus, null);
});

test('following a program that is not there ends with the reason', async () => {
  const { lines, ended } = follow(['/no/such/program']);
  assert.deepEqual(await all(lines), []);
  assert.match((await ended).stderr, /ENOENT/);
});
