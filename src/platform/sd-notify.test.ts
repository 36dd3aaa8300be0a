import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from './native.ts';
import { sdNotify, watchdogInterval } from './sd-notify.ts';

/** What would go to the manager. */
function told(fields: Record<string, string>): readonly string[] {
  const messages: string[] = [];
  sdNotify(fields, { notify: (state) => messages.push(state) > 0 });
  return messages.flatMap((state) => state.split('\n'));
}

test('each field is a line', () => {
  assert.deepEqual(told({ READY: '1', STATUS: '60 units' }), ['READY=1', 'STATUS=60 units']);
});

test('no value can add an assignment of its own', () => {
  for (const newline of ['\n', '\r\n', '\u2028', '\u0000', '\u0085']) {
    assert.deepEqual(told({ STATUS: `a.service${newline}FDSTORE=1` }), [
      'STATUS=a.service FDSTORE=1',
    ]);
  }
});

test('a status is cut so that the message fits, never within a character', () => {
  const [line = ''] = told({ STATUS: '🔔'.repeat(3000).slice(1) });
  assert.ok(Buffer.byteLength(line) < 4096 && line.isWellFormed());
});

test('a reload carries the time on CLOCK_MONOTONIC in microseconds', () => {
  const [, , stamp = ''] = told({ RELOADING: '1', STATUS: 'reading rules' });
  const usec = Number(stamp.replace('MONOTONIC_USEC=', ''));
  const now = Number(process.hrtime.bigint() / 1000n);
  assert.ok(Number.isInteger(usec) && usec <= now && usec > now - 60_000_000, stamp);
});

test('without a manager nothing is told, and nothing is thrown', () => {
  assert.equal(sdNotify({ READY: '1' }, null), false);
  const notify = (): never => {
    throw new Error('NOTIFY_SOCKET: Connection refused');
  };
  assert.equal(sdNotify({ READY: '1' }, { notify }), false);
});

test('the watchdog is fed when the manager wants it and means this process', () => {
  const cases = [
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 30_000],
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
    [{}, undefined],
  ] as const;
  for (const [env, expected] of cases) assert.equal(watchdogInterval(env, 7), expected);
});

/** Node has no Unix datagram sockets, and perl-base is on every Debian: prints what arrives. */
const receiver = `use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0);
bind($s, pack_sockaddr_un(($ARGV[0] ? "\\0" : "") . $ARGV[1])) or die $!; $| = 1; print "bound\\n";
while (defined recv($s, my $text, 4096, 0)) { print $text, "\\n"; }`;

for (const [what, prefix] of [
  ['in the file system', ''],
  ['in the abstract namespace', '@'],
] as const) {
  test(`the addon sends datagrams to a socket ${what}`, async () => {
    assert.ok(native !== undefined, 'build/tocsin_native.node is missing: run tools/build-native');
    const home = mkdtempSync(join(tmpdir(), 'tocsin-notify-'));
    const path = join(home, 'notify');
    const perl = spawn('perl', ['-e', receiver, prefix, path]);
    try {
      const lines = perl.stdout.setEncoding('utf8').iterator();
      assert.equal((await lines.next()).value, 'bound\n');
      process.env.NOTIFY_SOCKET = prefix + path;
      assert.equal(sdNotify({ READY: '1', STATUS: 'watching ä' }), true);
      assert.equal((await lines.next()).value, 'READY=1\nSTATUS=watching ä\n');
    } finally {
      delete process.env.NOTIFY_SOCKET;
      perl.kill();
      rmSync(home, { recursive: true });
    }
    assert.equal(sdNotify({ READY: '1' }), false);
  });
}

test('a socket that is full or gone is false at once, and nothing waits for it long', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-notify-'));
  const path = join(home, 'notify');
  // It binds, and never receives.
  const perl = spawn('perl', ['-e', receiver.replace(/while.*/s, 'sleep 60;'), '', path]);
  try {
    await perl.stdout.setEncoding('utf8').iterator().next();
    process.env.NOTIFY_SOCKET = path;
    let sent = 0;
    while (sent < 100_000 && sdNotify({ WATCHDOG: '1' })) sent += 1;
    assert.ok(sent > 0 && sent < 100_000, `${sent} messages found room`);
    const began = performance.now();
    for (let i = 0; i < 10; i++) assert.equal(sdNotify({ WATCHDOG: '1' }), false);
    // The addon waits for room for some milliseconds, once.
    assert.ok(performance.now() - began < 10 * 100, `${performance.now() - began} ms`);
  } finally {
    perl.kill('SIGKILL');
    rmSync(home, { recursive: true });
  }
  assert.equal(sdNotify({ WATCHDOG: '1' }), false);
  delete process.env.NOTIFY_SOCKET;
});
