/** Kinds of the systemd collector. Sources are D-Bus properties of org.freedesktop.systemd1. */
import { counter, defineKind, duration, flag, gauge, instant, word } from '../../domain/kind.ts';

const ofTocsin = 'settings: systemd.watch, systemd.ignore';

/** Facts about the end of a run, which its events carry. */
const runFacts = {
  result: word({ help: 'Why the run ended.', source: 'Result' }),
  execMainCode: word({
    help: 'How the main process ended: exited, killed or dumped.',
    source: 'ExecMainCode',
  }),
  execMainStatus: gauge({
    help: 'Exit status or signal number of the main process.',
    source: 'ExecMainStatus',
    unit: 'status',
  }),
  invocationId: word({ help: 'The run.', source: 'InvocationID' }),
};

const unitEvents = {
  'run-failed': {
    help: 'A run of the unit ended in failure, whether or not it was started again.',
    attributes: {
      ...runFacts,
      willRestart: flag({ help: 'systemd starts it again.', source: 'the state that followed' }),
    },
  },
  restarted: {
    help: 'systemd started the unit again by itself.',
    attributes: {
      ...runFacts,
      nRestarts: gauge({ help: 'Restarts so far.', source: 'NRestarts', unit: 'restarts' }),
    },
  },
  'oom-killed': { help: 'The kernel killed it for want of memory.', attributes: runFacts },
  'start-limit-hit': {
    help: 'It failed so often that systemd gave up starting it.',
    attributes: runFacts,
  },
  'core-dumped': { help: 'Its main process crashed and dumped core.', attributes: runFacts },
  'job-failed': {
    help: 'A job of the unit (start, stop, reload) did not succeed.',
    attributes: {
      jobResult: word({ help: 'Result of the job.', source: 'JobRemoved' }),
      blockedBy: word({
        help: 'The failed unit it depends on.',
        source: 'Requires, Requisite, BindsTo',
      }),
    },
  },
};

const unitStates = {
  type: word({ help: 'Kind of unit: service, mount, socket, …', source: 'unit name' }),
  loadState: word({
    help: 'Whether its file could be read.',
    source: 'LoadState',
    values: ['loaded', 'not-found', 'bad-setting', 'error', 'masked', 'merged', 'stub'],
  }),
  activeState: word({
    help: 'The state, the same words for all types.',
    source: 'ActiveState',
    values: [
      'active',
      'reloading',
      'inactive',
      'failed',
      'activating',
      'deactivating',
      'maintenance',
      'refreshing',
    ],
  }),
  subState: word({ help: 'The state in the words of its type.', source: 'SubState' }),
  result: word({ help: 'Why its last run ended; success while it runs.', source: 'Result' }),
  unitFileState: word({ help: 'Whether it is enabled.', source: 'UnitFileState' }),
  description: word({ help: 'Its description.', source: 'Description' }),
  stateChangeAt: instant({ help: 'When the state last changed.', source: 'StateChangeTimestamp' }),
  activeEnterAt: instant({ help: 'When it last became active.', source: 'ActiveEnterTimestamp' }),
  inactiveEnterAt: instant({
    help: 'When it last became inactive or failed.',
    source: 'InactiveEnterTimestamp',
  }),
  needDaemonReload: flag({
    help: 'Its file changed on disk since systemd read it.',
    source: 'NeedDaemonReload',
  }),
};

const unitProcess = {
  ...runFacts,
  nRestarts: counter({
    help: 'Automatic restarts since it was started by hand.',
    source: 'NRestarts',
    unit: 'restarts',
  }),
  mainPid: gauge({ help: 'Process id of the main process.', source: 'MainPID', unit: 'pid' }),
  memoryBytes: gauge({ help: 'Memory in use.', source: 'MemoryCurrent', unit: 'bytes' }),
  cpuSeconds: counter({ help: 'Processor time used.', source: 'CPUUsageNSec', unit: 'seconds' }),
  tasks: gauge({ help: 'Processes and threads.', source: 'TasksCurrent', unit: 'tasks' }),
};

/** What tocsin concludes from several facts: rules read better with the conclusion. */
const unitJudgements = {
  watched: flag({ help: 'The settings say to watch it.', source: ofTocsin }),
  declared: flag({ help: 'The settings name it exactly: it must exist.', source: ofTocsin }),
  mustRun: flag({
    help: 'It is declared, and active all the time when it is well.',
    source: 'declared, Type, RemainAfterExit',
  }),
  wanted: flag({
    help: 'It is declared, or an active unit requires it.',
    source: 'declared, RequiredBy, RequisiteOf, BoundBy',
  }),
  requiredBy: word({
    help: 'The units that cannot be without it; a blank between two names.',
    source: 'RequiredBy, RequisiteOf, BoundBy',
    refersTo: { kind: 'systemd.unit', relation: 'is required by', list: true, inverse: true },
  }),
  needs: word({
    help: 'The units that it cannot be without, or stops with; a blank between two names.',
    source: 'Requires, Requisite, BindsTo, PartOf',
    refersTo: { kind: 'systemd.unit', relation: 'is required by', list: true },
  }),
  startsAfter: word({
    help: 'The services, mounts, sockets and devices that start before it.',
    source: 'After',
    refersTo: { kind: 'systemd.unit', relation: 'comes before', list: true, strength: 'order' },
  }),
  present: flag({ help: 'The unit exists.', source: 'ListUnits, LoadState' }),
  oneshot: flag({ help: 'Its work is to run once and end.', source: 'Type' }),
  restarting: flag({
    help: 'It failed and systemd starts it again, or may be about to.',
    source: 'SubState, Restart, and one look after the failure',
  }),
  gaveUp: flag({
    help: 'It failed after an automatic restart and is not started again.',
    source: 'Result, InvocationID',
  }),
  jobResult: word({
    help: 'Result of its last job when that did not succeed; ends with the next success.',
    source: 'JobRemoved',
  }),
  blockedBy: word({
    help: 'The failed unit because of which it could not start.',
    source: 'Requires, Requisite, BindsTo of it and of what stands between',
    refersTo: { kind: 'systemd.unit', relation: 'blocks', strength: 'certain' },
  }),
};

export const systemdUnit = defineKind('systemd.unit', {
  title: 'systemd unit',
  identity: 'UNIT',
  attributes: { ...unitStates, ...unitProcess, ...unitJudgements },
  events: unitEvents,
});

export const systemdTimer = defineKind('systemd.timer', {
  title: 'systemd timer',
  identity: 'UNIT',
  attributes: {
    activates: word({
      help: 'The unit it starts.',
      source: 'Unit',
      refersTo: { kind: 'systemd.unit', relation: 'starts', inverse: true },
    }),
    activeState: word({ help: 'The state.', source: 'ActiveState' }),
    subState: word({
      help: 'waiting, running (its unit runs), elapsed (no further run).',
      source: 'SubState',
    }),
    result: word({ help: 'Why it failed, if it did.', source: 'Result' }),
    watched: flag({ help: 'The settings say to watch it.', source: ofTocsin }),
    declared: flag({ help: 'The settings name it exactly.', source: ofTocsin }),
    lastTriggerAt: instant({ help: 'When it last started its unit.', source: 'LastTriggerUSec' }),
    nextElapseAt: instant({
      help: 'When it is to start its unit next.',
      source: 'NextElapseUSecRealtime, NextElapseUSecMonotonic',
    }),
    recurring: flag({
      help: 'It is made to run again and again.',
      source: 'TimersCalendar, TimersMonotonic',
    }),
    dead: flag({
      help: 'It is active and recurring, yet no further run is planned.',
      source: 'SubState, NextElapseUSec…, recurring',
    }),
    period: duration({
      help: 'Longest time between two runs that was seen.',
      source: 'LastTriggerUSec, NextElapseUSec…',
    }),
    overdueAt: instant({
      help: 'A run that has not come by then was missed.',
      source: 'NextElapseUSec…, else LastTriggerUSec and 1.5 periods',
    }),
  },
});

export const systemdManager = defineKind('systemd.manager', {
  title: 'systemd itself',
  identity: 'system',
  attributes: {
    systemState: word({
      help: 'State of the system as a whole.',
      source: 'SystemState',
      values: [
        'initializing',
        'starting',
        'running',
        'degraded',
        'maintenance',
        'stopping',
        'offline',
        'unknown',
      ],
    }),
    version: word({ help: 'Version of systemd.', source: 'Version' }),
    failedUnits: gauge({ help: 'Units that are failed.', source: 'NFailedUnits', unit: 'units' }),
    jobs: gauge({ help: 'Jobs that wait or run.', source: 'NJobs', unit: 'jobs' }),
    startedAt: instant({
      help: 'When systemd was started: the boot.',
      source: 'UserspaceTimestamp',
    }),
  },
  events: {
    reloaded: { help: 'Unit files were read anew (daemon-reload).', attributes: {} },
    reexecuted: { help: 'systemd was started anew in place (daemon-reexec).', attributes: {} },
    'bus-restarted': { help: 'The system bus was lost and came back.', attributes: {} },
  },
});
