/** Runs of jobs: what was started, how it ended. A run replaces the one before of the same job. */
import { defineKind, gauge, instant, word } from '../../domain/kind.ts';

export const taskStates = ['pending', 'running', 'completed', 'failed'] as const;
export type TaskState = (typeof taskStates)[number];

export const taskRun = defineKind('task.run', {
  title: 'Task run',
  identity: 'JOB (a service without ".service")',
  attributes: {
    state: word({
      help: 'How the latest run of the job stands.',
      source: 'unit state, or the report of the program',
      values: taskStates,
    }),
    startedAt: instant({ help: 'When the run began.', source: 'InactiveExitTimestamp' }),
    endedAt: instant({ help: 'When the run ended.', source: 'StateChangeTimestamp' }),
    durationSeconds: gauge({
      help: 'How long the run took; known when it has ended.',
      source: 'endedAt - startedAt',
      unit: 'seconds',
    }),
    progress: gauge({
      help: 'How much is done, where the program says.',
      source: 'report',
      unit: 'ratio',
    }),
    exitStatus: gauge({
      help: 'Exit status of the main process; null when a signal ended it.',
      source: 'ExecMainStatus',
      unit: 'status',
    }),
    message: word({ help: 'Why it failed, or the last line it reported.', source: 'Result' }),
    source: word({
      help: 'Who told of the run: systemd, or a program by report.',
      source: 'tocsin',
    }),
    unit: word({ help: 'The systemd unit that ran it.', source: 'unit name' }),
    stuckAt: instant({
      help: 'A run that has not ended by then has taken far longer than those before it.',
      source: 'three times the longest run seen, at least an hour; a day when none was seen',
    }),
  },
});
