/** The commands about silences and maintenance windows. */
import type { Command } from './command.ts';
import { addMaintenance, endMaintenance, listMaintenance } from './commands/maintenance.ts';
import {
  addSilence,
  expireSilences,
  listSilences,
  previewSilence,
  showSilence,
} from './commands/silence.ts';
import { exportSilences, importSilences } from './commands/silence-file.ts';

const many = Infinity;
const setting = ['comment', 'author', 'duration', 'start', 'end'] as const;

export const muteCommands: readonly Command[] = [
  {
    name: 'silence list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: ['all', 'state', 'age', 'limit'],
    summary: 'Silences that are in force or to come; with --all those of the last days too.',
    operations: ['silence.list'],
    run: listSilences,
  },
  {
    name: 'silence show',
    arguments: 'ID',
    count: [1, 1],
    options: [],
    summary: 'One silence.',
    operations: ['silence.list'],
    completes: 'silence',
    run: showSilence,
  },
  {
    name: 'silence add',
    arguments: 'MATCHER…',
    count: [1, many],
    options: setting,
    summary:
      'Silence alerts, for an hour where nothing is said: they fire and are stored, and nobody is told. A bare word is the id of a rule.',
    operations: ['silence.save', 'alert.list', 'rule.list'],
    completes: 'rule',
    run: addSilence,
  },
  {
    name: 'silence expire',
    arguments: 'ID…',
    count: [1, many],
    options: [],
    summary: 'End silences. What still fires is announced now.',
    operations: ['silence.list', 'silence.expire'],
    completes: 'silence',
    run: expireSilences,
  },
  {
    name: 'silence preview',
    arguments: 'MATCHER…',
    count: [1, many],
    options: ['since'],
    summary: 'What a silence would hit now, and would have hit in the last 30 days. Sets nothing.',
    operations: ['silence.preview'],
    completes: 'rule',
    run: previewSilence,
  },
  {
    name: 'silence export',
    arguments: '',
    count: [0, 0],
    options: [],
    shows: false,
    summary: 'Print the silences as JSON, for silence import or amtool.',
    operations: ['silence.list'],
    run: exportSilences,
  },
  {
    name: 'silence import',
    arguments: '[FILE]',
    count: [0, 1],
    options: [],
    summary:
      'Set silences from JSON of a file or of standard input; known ids are changed, others set anew.',
    operations: ['silence.save'],
    completes: 'file',
    run: importSilences,
  },
  {
    name: 'maintenance list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: ['all', 'state'],
    summary: 'Maintenance windows that are open or to come.',
    operations: ['maintenance.list'],
    run: listMaintenance,
  },
  {
    name: 'maintenance add',
    arguments: '[MATCHER…]',
    count: [0, many],
    options: [...setting, 'calendar'],
    summary:
      'Open a window, now and once or by --calendar, for all alerts or those that match. When it closes there is a report, and what still fires is announced.',
    operations: ['maintenance.add', 'alert.list', 'rule.list'],
    completes: 'rule',
    run: addMaintenance,
  },
  {
    name: 'maintenance end',
    arguments: 'ID…',
    count: [1, many],
    options: [],
    summary: 'End a window for good; one that is open closes now.',
    operations: ['maintenance.list', 'maintenance.end'],
    completes: 'window',
    run: endMaintenance,
  },
];
