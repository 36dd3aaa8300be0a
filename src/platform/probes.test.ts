/** Probes: one at a time for an object, and what the kernel does not let go is remembered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { systemClock } from './clock.ts';
import { type Command, type CommandOutcome, systemCommand } from './command.ts';
import { createProbes } from './probes.ts';

const ended: CommandOutcome = {
  type: 'ended',
  exitStatus: 0,
  signal: null,
  stdout: '',
  stderr: '',
  truncated: false,
};
const limit = { timeout: 1000 };

/** Commands that end when the test says so. */
function setUp() {
  const answers: ((outcome: CommandOutcome) => void)[] = [];
  const command: Command = {
    run: () => new Promise((resolve) => answers.push(resolve)),
    follow: () => assert.fail('not followed'),
  };
  const clock = new FakeClock();
  return { answers, clock, probes: createProbes(command, clock) };
}

test('a second probe of the same object is not started, one of another is', async () => {
  const { answers, clock, probes } = setUp();
  const since = clock.now();
  const first = probes.run('drive A', ['sg_logs'], limit);
  await clock.advance(5000);
  assert.deepEqual(await probes.run('drive A', ['sg_logs'], limit), {
    type: 'busy',
    since,
    stuck: false,
  });
  void probes.run('drive B', ['sg_logs'], limit);
  assert.equal(answers.length, 2);
  answers[0]?.(ended);
  assert.equal((await first).type, 'ended');
  void probes.run('drive A', ['sg_logs'], limit);
  assert.equal(answers.length, 3);
});

test('a child that survives SIGKILL is shown and not repeated until the kernel lets it go', async () => {
  const { answers, clock, probes } = setUp();
  const since = clock.now();
  const asked = probes.run('drive A', ['sg_logs', '-p', '11'], limit);
  const { promise: gone, resolve: letGo } = Promise.withResolvers<void>();
  answers[0]?.({ type: 'timeout', gone });
  assert.deepEqual(await asked, { type: 'timeout' });
  assert.deepEqual(probes.stuck(), [
    { object: 'drive A', since, argv: ['sg_logs', '-p', '11'], stuck: true },
  ]);
  assert.deepEqual(await probes.run('drive A', ['sg_logs'], limit), {
    type: 'busy',
    since,
    stuck: true,
  });
  letGo();
  await settled();
  assert.deepEqual(probes.stuck(), []);
  void probes.run('drive A', ['sg_logs'], limit);
  assert.equal(answers.length, 2);
});

test('a real child beyond its limit is ended, and the object is free again', async () => {
  const probes = createProbes(systemCommand, systemClock);
  const argv = ['sleep', '60'] as const;
  assert.deepEqual(await probes.run('x', argv, { timeout: 20 }), { type: 'timeout' });
  assert.deepEqual(probes.stuck(), []);
  const again = await probes.run('x', ['echo', 'here'], limit);
  assert.equal(again.type === 'ended' && again.stdout, 'here\n');
});
