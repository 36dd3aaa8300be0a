/** systemJournal against lines and complaints as a real journalctl 252 wrote them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { type Command, systemCommand } from './command.ts';
import { type JournalRecord, systemJournal } from './journal.ts';

const failureResult = 'd9b373ed55a64feb8242e02dbe79a49c';
const bootId = '26f61016b5d54028a839cf4eae20bfaf';

/** A record of PID 1 as journalctl prints it, with some fields changed. */
const line = (changed: Record<string, unknown> = {}): string =>
  JSON.stringify({
    __CURSOR: 's=938cae;i=15b;b=26f6;m=70c8;t=660db2de6a49d;x=fdc2',
    __REALTIME_TIMESTAMP: '1795344344467818',
    __MONOTONIC_TIMESTAMP: '1892177499',
    _SOURCE_REALTIME_TIMESTAMP: '1795344344467422',
    _BOOT_ID: bootId,
    _PID: '1',
    _UID: '0',
    _COMM: 'systemd',
    _TRANSPORT: 'journal',
    MESSAGE_ID: failureResult,
    UNIT: 'backup.service',
    UNIT_RESULT: 'exit-code',
    INVOCATION_ID: '0123456789abcdef0123456789abcdef',
    MESSAGE: "backup.service: Failed with result 'exit-code'.",
    ...changed,
  });

const writer = ({ fields }: JournalRecord): string | undefined =>
  new Map(Object.entries(fields)).get('_PID');

interface Play {
  readonly lines?: readonly string[];
  readonly exitStatus?: number | null;
  readonly stderr?: string;
  /** Never ends by itself. */
  readonly endless?: boolean;
}

/** A command that plays these answers in turn, and writes down what it was asked. */
function playedCommand(...plays: readonly Play[]): {
  command: Command;
  argvs: string[][];
  stops: () => number;
} {
  const argvs: string[][] = [];
  let stops = 0;
  const command: Command = {
    run: () => Promise.resolve({ type: 'missing', why: 'not part of this play' }),
    follow(argv) {
      const play = plays[argvs.length] ?? {};
      argvs.push([...argv]);
      const { promise: stopped, resolve } = Promise.withResolvers<void>();
      const end = {
        exitStatus: play.exitStatus === undefined ? 0 : play.exitStatus,
        stderr: play.stderr ?? '',
      };
      async function* lines(): AsyncGenerator<string> {
        yield* play.lines ?? [];
        if (play.endless === true) await stopped;
      }
      const ended = play.endless === true ? stopped.then(() => end) : Promise.resolve(end);
      const stop = (): void => {
        stops++;
        resolve();
      };
      return { lines: lines(), ended, stop };
    },
  };
  return { command, argvs, stops: () => stops };
}

const query = { messageIds: [failureResult], limit: 10 };

test('a record of PID 1 is read, with the instant at which it was made', async () => {
  const { command } = playedCommand({ lines: [line()] });
  const answer = await systemJournal(command).read({ ...query, since: 0 });
  assert.equal(answer.type, 'records');
  assert.ok(answer.type === 'records');
  const [record] = answer.records;
  assert.equal(record?.at, 1_795_344_344_467.422);
  assert.equal(record.bootId, bootId);
  assert.equal(record.fields.UNIT, 'backup.service');
});

test('without the instant of the sender, that of journald counts', async () => {
  const { command } = playedCommand({ lines: [line({ _SOURCE_REALTIME_TIMESTAMP: undefined })] });
  const answer = await systemJournal(command).read({ ...query, since: 0 });
  assert.ok(answer.type === 'records');
  assert.equal(answer.records[0]?.at, 1_795_344_344_467.818);
});

test('what any user may log about a unit is not believed', async () => {
  const lines = [
    line({ _PID: '4711', _UID: '1000' }),
    line({ _PID: '1', _UID: '1000' }),
    line({ _PID: '4711', _UID: '0' }),
    line({ _PID: '812', _UID: '998', _SYSTEMD_UNIT: 'systemd-oomd.service' }),
    line({ _PID: '813', _SYSTEMD_SLICE: 'system-systemd\\x2dcoredump.slice' }),
  ];
  const { command, argvs } = playedCommand({ lines });
  const answer = await systemJournal(command).read({ ...query, since: 0 });
  assert.ok(answer.type === 'records');
  assert.deepEqual(
    answer.records.map((record) => writer(record)),
    ['812', '813'],
  );
  assert.deepEqual(argvs[0]?.slice(4), [
    '_PID=1',
    '_UID=0',
    `MESSAGE_ID=${failureResult}`,
    '+',
    '_SYSTEMD_UNIT=systemd-oomd.service',
    `MESSAGE_ID=${failureResult}`,
    '+',
    '_SYSTEMD_SLICE=system-systemd\\x2dcoredump.slice',
    `MESSAGE_ID=${failureResult}`,
  ]);
});

const beginnings = [
  {
    name: 'after a cursor',
    from: { afterCursor: 's=1;i=2', since: 5 },
    argument: '--after-cursor=s=1;i=2',
  },
  {
    name: 'since a microsecond',
    from: { since: 1_795_344_344_467.422 },
    argument: '--since=@1795344344.467422',
  },
  { name: 'since a second, with its zeros', from: { since: 5000 }, argument: '--since=@5.000000' },
  { name: 'at the end', from: {}, argument: '--lines=10' },
];
for (const { name, from, argument } of beginnings) {
  test(`reading begins ${name}`, async () => {
    const { command, argvs } = playedCommand({});
    await systemJournal(command).read({ ...query, ...from });
    assert.deepEqual(argvs[0]?.slice(0, 4), [
      'journalctl',
      '--output=json',
      '--no-pager',
      argument,
    ]);
  });
}

test('bytes, lists and nulls are left out, long texts are cut', async () => {
  const odd = { BIN: [1, 2], TWICE: ['a', 'b'], MESSAGE: null, LONG: 'a'.repeat(9000) };
  const { command } = playedCommand({ lines: [line(odd)] });
  const answer = await systemJournal(command).read({ ...query, since: 0 });
  assert.ok(answer.type === 'records');
  const fields = answer.records[0]?.fields ?? {};
  assert.deepEqual(
    ['BIN', 'TWICE', 'MESSAGE'].filter((name) => name in fields),
    [],
  );
  assert.equal(fields.LONG?.length, 4096);
});

test('a line that is no record is passed over and counted', async () => {
  const lines = ['{"__CURSOR":', '[1]', 'null', '{}', '-- No entries --', line()];
  const { command } = playedCommand({ lines });
  const answer = await systemJournal(command).read({ ...query, since: 0 });
  assert.ok(answer.type === 'records');
  assert.equal(answer.records.length, 1);
  assert.equal(answer.skipped, 4);
});

test('at most `limit` records are read, the oldest, and journalctl is stopped', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => line({ __CURSOR: `c${i}` }));
  const { command, stops } = playedCommand({ lines, endless: true });
  const answer = await systemJournal(command).read({ ...query, since: 0 });
  assert.ok(answer.type === 'records');
  assert.deepEqual(
    answer.records.map((record) => record.cursor),
    ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9'],
  );
  assert.equal(stops(), 1);
});

const noPermission = 'No journal files were opened due to insufficient permissions.';
const partly = `Hint: You are currently not seeing messages from other users and the system.
      Users in groups 'adm', 'systemd-journal' can see all messages.
      Pass -q to turn off this notice.
`;
const complaints: { name: string; play: Play; why: RegExp }[] = [
  { name: 'no permission', play: { exitStatus: 1, stderr: noPermission }, why: /insufficient/ },
  { name: 'permission for our own lines only', play: { stderr: partly }, why: /other users/ },
  { name: 'no journal', play: { stderr: 'No journal files were found.\n' }, why: /were found/ },
  {
    name: 'no journalctl',
    play: { exitStatus: null, stderr: 'spawn journalctl ENOENT' },
    why: /ENOENT/,
  },
  { name: 'a failure without a word', play: { exitStatus: 3 }, why: /status 3/ },
];
for (const { name, play, why } of complaints) {
  test(`${name} is unreadable, not empty`, async () => {
    const { command } = playedCommand(play, play);
    const journal = systemJournal(command);
    const answers = [
      await journal.read({ ...query, since: 0 }),
      await journal.lastLines({ unit: 'a.service', invocationId: null, limit: 5 }),
    ];
    for (const answer of answers) {
      assert.ok(answer.type === 'unreadable');
      assert.match(answer.why, why);
    }
  });
}

test('a cursor that journald refuses is given up for the instant', async () => {
  const refused = { exitStatus: 1, stderr: 'Failed to seek to cursor: Invalid argument' };
  const { command, argvs } = playedCommand(refused, { lines: [line()] });
  const answer = await systemJournal(command).read({ ...query, afterCursor: 'bad', since: 5000 });
  assert.ok(answer.type === 'records');
  assert.equal(answer.records.length, 1);
  assert.equal(argvs[1]?.[3], '--since=@5.000000');
});

test('journalctl that does not end is stopped and unreadable', async () => {
  const { command } = playedCommand({ endless: true });
  const answer = await systemJournal(command, 5).read({ ...query, since: 0 });
  assert.deepEqual(answer, { type: 'unreadable', why: 'journalctl took over 5 ms' });
});

test('without a message id nothing is asked', async () => {
  const { command, argvs } = playedCommand({});
  await systemJournal(command).read({ messageIds: [], limit: 5 });
  assert.equal(argvs.length, 0);
});

test('the last lines are those of the run and those of PID 1 about it', async () => {
  const lines = [line({ _PID: '99', _UID: '7' }), line({ MESSAGE: null })];
  const { command, argvs } = playedCommand({ lines });
  const id = '0123456789abcdef0123456789abcdef';
  const answer = await systemJournal(command).lastLines({
    unit: 'backup.service',
    invocationId: id,
    limit: 2,
  });
  assert.ok(answer.type === 'records');
  assert.deepEqual(
    answer.records.map((record) => record.fields.MESSAGE),
    ["backup.service: Failed with result 'exit-code'.", '(binary, or longer than 4096 bytes)'],
  );
  assert.deepEqual(argvs[0]?.slice(3), [
    '--lines=2',
    `_SYSTEMD_INVOCATION_ID=${id}`,
    '+',
    '_PID=1',
    '_UID=0',
    `INVOCATION_ID=${id}`,
    '+',
    '_SYSTEMD_UNIT=backup.service',
  ]);
});

test('a line that names the unit alone belongs to the run in whose time it came', async () => {
  const id = '0123456789abcdef0123456789abcdef';
  const own = { _PID: '99', _UID: '7', INVOCATION_ID: null };
  const text = (second: number, MESSAGE: string, more: Record<string, string>): string =>
    line({ ...own, MESSAGE, _SOURCE_REALTIME_TIMESTAMP: `${second}000000`, ...more });
  const lines = [
    text(1, 'another run', { _SYSTEMD_INVOCATION_ID: 'f'.repeat(32) }),
    text(2, 'before', {}),
    text(3, 'started', { _PID: '1', _UID: '0', INVOCATION_ID: id }),
    text(4, 'last words', {}),
    text(5, 'more', { _SYSTEMD_INVOCATION_ID: id }),
  ];
  const { command } = playedCommand({ lines });
  const query = { unit: 'backup.service', invocationId: id, limit: 9 };
  const answer = await systemJournal(command).lastLines(query);
  assert.ok(answer.type === 'records');
  const said = answer.records.map((record) => record.fields.MESSAGE);
  assert.deepEqual(said, ['started', 'last words', 'more']);
});

test('following gives believed records and says why it ended', async () => {
  const lines = [line({ _PID: '99' }), 'garbage', line()];
  const { command, argvs } = playedCommand({ lines, exitStatus: 1, stderr: 'Terminated\n' });
  const follower = systemJournal(command).follow({ messageIds: [failureResult], afterCursor: 'c' });
  const pids = [];
  for await (const record of follower.records) pids.push(writer(record));
  assert.deepEqual(pids, ['1']);
  assert.equal(await follower.ended, 'Terminated');
  assert.deepEqual(argvs[0]?.slice(3, 6), ['--follow', '--lines=all', '--after-cursor=c']);
});

test('following that we stopped ended because it was stopped', async () => {
  const { command } = playedCommand({ endless: true });
  const follower = systemJournal(command).follow({ messageIds: [failureResult] });
  follower.stop();
  for await (const record of follower.records) assert.fail(record.cursor);
  assert.equal(await follower.ended, 'stopped');
});

const journalctl = existsSync('/usr/bin/journalctl');
test('a real journalctl takes our arguments', { skip: !journalctl }, async () => {
  const journal = systemJournal(systemCommand);
  const answers = [
    await journal.read({ ...query, since: 0 }),
    await journal.read(query),
    await journal.lastLines({ unit: 'a.service', invocationId: null, limit: 5 }),
  ];
  for (const answer of answers) {
    // Where journald does not run there is nothing to read; our arguments are never the reason.
    if (answer.type === 'unreadable') assert.match(answer.why, /journal files|other users/);
  }
});
