/** The commands that record what tocsin saw, and look back at it. */
import { minutes } from '../domain/time.ts';
import type { Command } from './command.ts';
import { backtestRules } from './commands/backtest.ts';
import { writeBundle } from './commands/bundle.ts';
import { recordInputs } from './commands/record.ts';

export const recordCommands: readonly Command[] = [
  {
    name: 'bundle',
    arguments: 'ID [FILE]',
    count: [1, 2],
    options: [],
    summary:
      'Write one archive of all that is known around an alert, without secrets, for support: tocsin-ID.tar.gz.',
    operations: ['alert.list', 'alert.bundle'],
    completes: 'alert',
    patience: minutes(2),
    run: writeBundle,
  },
  {
    name: 'record',
    arguments: 'FILE',
    count: [1, 1],
    options: ['for'],
    shows: false,
    summary:
      'Record all that tocsin sees and concludes into a file, until Ctrl-C. It holds names, states and texts of this machine as they are.',
    operations: ['recording.start', 'recording.read', 'recording.stop'],
    completes: 'file',
    run: recordInputs,
  },
  {
    name: 'rule backtest',
    arguments: '[FILE]',
    count: [0, 1],
    options: ['since', 'silence', 'channels', 'config'],
    summary:
      'What a rule file would have said of the past, beside the rules in force; with silences and channels. Changes nothing.',
    operations: ['rule.backtest', 'rule.backtestProgress'],
    completes: 'file',
    patience: minutes(6),
    run: backtestRules,
  },
  {
    name: 'replay',
    arguments: 'FILE',
    count: [1, 1],
    options: ['assert', 'output'],
    summary:
      'Show what a recording makes of its inputs, on this machine and without tocsind. With --assert: whether that is the same.',
    operations: [],
    completes: 'file',
    // Loaded here: the commands that ask tocsind start without the rule language.
    run: async (context) => (await import('./commands/replay.ts')).replayRecording(context),
  },
];
