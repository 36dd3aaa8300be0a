/** The commands about runs of jobs. */
import { seconds } from '../domain/time.ts';
import type { Command } from './command.ts';
import { runTask } from './commands/run.ts';
import { listTasks, showTask } from './commands/task.ts';

export const taskCommands: readonly Command[] = [
  {
    name: 'task list',
    isDefault: true,
    arguments: '[JOB]',
    count: [0, 1],
    options: ['failed', 'all', 'limit'],
    summary:
      'The latest run of each job: units that systemd starts, programs that report, tocsin run.',
    operations: ['task.list'],
    run: listTasks,
  },
  {
    name: 'task show',
    arguments: 'JOB',
    count: [1, 1],
    options: [],
    summary: 'One job: its latest run, its alerts, and the runs before.',
    operations: ['task.list', 'alert.list'],
    run: showTask,
  },
  {
    name: 'run',
    arguments: '-- COMMAND…',
    count: [1, Infinity],
    options: ['name', 'progress'],
    shows: false,
    summary:
      'Run a command as the task --name: input, output, signals and exit status are its own. A report that tocsind cannot take now is kept, and delivered afterwards.',
    operations: ['task.report'],
    patience: seconds(5),
    run: runTask,
  },
];
