import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, CommandOutcome } from '../../../platform/command.ts';
import type { JournalFields, JournalOutcome } from '../../../platform/journal-write.ts';
import { fakePorts } from '../../fake-ports.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { renderWall, wallChannel } from './channel.ts';
import { renderForTerminals } from './wall.ts';

const ended = (exitStatus: number): CommandOutcome => ({
  type: 'ended',
  exitStatus,
  signal: null,
  stdout: '',
  stderr: 'cannot get tty name\n',
  truncated: false,
});

async function send(outcome: CommandOutcome, journald?: JournalOutcome) {
  const inputs: (string | undefined)[] = [];
  const run: Command['run'] = async (argv, options) => {
    assert.equal(argv[0], 'wall');
    inputs.push(options.input);
    return outcome;
  };
  const command: Command = { ...fakePorts({}).command, run };
  const entries: JournalFields[] = [];
  const journal = {
    write(fields: JournalFields): JournalOutcome {
      entries.push(fields);
      return journald ?? { type: 'failed', why: 'full' };
    },
  };
  const through = journald === undefined ? 'wall' : 'journald';
  const settings = { severities: ['critical'], through } as const;
  const sender = wallChannel.open('wall', settings, fakePorts({ command, journal }));
  const told = await sender.send(fakeMessage(), new AbortController().signal);
  return { told, inputs, entries };
}

test('the text goes to standard input: no argument can be taken for a file or an option', async () => {
  const { inputs, told } = await send(ended(0));
  assert.deepEqual(inputs, [`${renderForTerminals(renderWall(fakeMessage()))}\n`]);
  assert.equal(told.type, 'delivered');
});

for (const [name, outcome, why] of [
  ['a wall that fails is tried again', ended(1), 'wall ended with 1: cannot get tty name'],
  ['a wall that hangs is tried again', { type: 'timeout' }, 'wall did not end within 10 s'],
  ['no wall at all is tried again', { type: 'missing', why: 'x' }, 'wall cannot be run: x'],
] as const) {
  test(name, async () => {
    const { told } = await send(outcome);
    assert.deepEqual(told.type === 'retry' && told.why, why);
  });
}

test('journald is given an entry that it forwards to all terminals', async () => {
  const { entries, inputs, told } = await send(ended(0), { type: 'written' });
  assert.deepEqual([entries.length, inputs], [1, []]);
  assert.equal(entries[0]?.PRIORITY, 0);
  assert.equal(entries[0]?.MESSAGE, renderForTerminals(renderWall(fakeMessage())));
  assert.deepEqual(told, { type: 'delivered', detail: 'journald has taken it' });
});

for (const outcome of [
  { type: 'printed', why: 'none here' },
  { type: 'failed', why: 'full' },
] as const) {
  test(`a journald that has not taken it (${outcome.why}) is no reason to be silent`, async () => {
    const { inputs, told } = await send(ended(0), outcome);
    assert.equal(inputs.length, 1);
    assert.deepEqual(told, { type: 'delivered', detail: 'wall has taken it' });
  });
}

test('nothing that a terminal would obey gets through', () => {
  const text = renderForTerminals(`${hostileText}\u009b31m\u202e`);
  assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Cf}/u);
});

test('a text is cut to a screen', () => {
  const lines = renderForTerminals(`${'x'.repeat(1e5)}\n`.repeat(100)).split('\n');
  assert.deepEqual([lines.length, lines[0]?.length], [20, 200]);
});

test('it says what is wrong, who is hurt, what to do and how many more there are', () => {
  const first = {
    severity: 'critical',
    title: 'Pool tank is lost',
    advice: 'zpool status',
  } as const;
  const items = Array.from({ length: 9 }, (_, i) => fakeItem(i + 1, { victims: 2 }, first));
  const text = renderWall(fakeMessage({ items, omitted: 3 }));
  assert.match(text, /^tocsin on box1:\n\[CRITICAL\] Pool tank is lost \(2 more because of it\)\n/);
  assert.match(text, / {2}zpool status\n/);
  assert.match(text, /and 7 more\nSee: tocsin alert list$/);
});

test('only what is critical interrupts people at work, where nothing is set', () => {
  assert.deepEqual(wallChannel.settings.severities.default, ['critical']);
});
