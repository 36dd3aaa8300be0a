/**
 * Kinds of the SCST collector. Sources are below /sys/kernel/scst_tgt (README, scst_sysfs.c);
 * `declared…` is what /etc/scst.conf says. What is declared and missing is there, `present: false`.
 */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';
import { scstSession } from './kinds-session.ts';
import { scstDevice, scstGroup, scstLun } from './kinds-storage.ts';

const conf = '/etc/scst.conf';

/** SCST as a whole, its queue of management work, and how its configuration compares. */
export const scstCore = defineKind('scst.core', {
  title: 'SCST itself',
  identity: 'scst',
  attributes: {
    loaded: flag({ help: 'The kernel module is loaded.', source: '/sys/kernel/scst_tgt' }),
    expected: flag({
      help: 'It ought to be loaded: it has a configuration file, or scst.service is enabled.',
      source: `${conf}, unit scst.service`,
    }),
    unit: word({
      help: 'The unit that loads and configures it.',
      source: 'scst.service',
      refersTo: { kind: 'systemd.unit', relation: 'starts' },
    }),
    version: word({ help: 'Version of SCST.', source: 'version' }),
    suspended: gauge({
      help: 'Requests to suspend all commands that are outstanding; 0 in normal work.',
      source: 'suspend',
      unit: 'requests',
    }),
    managementResult: gauge({
      help: 'Result of the last management command: 0, or an error number below zero.',
      source: 'last_sysfs_mgmt_res',
      unit: 'errno',
    }),
    managementStuckSince: instant({
      help: 'Since when the queue of management work has not come to an end.',
      source: 'last_sysfs_mgmt_res = EAGAIN, queued reads without an answer',
    }),
    targets: gauge({
      help: 'Targets, without copy_manager and an unused scst_local_tgt.',
      source: 'targets/*/*',
      unit: 'targets',
    }),
    activeTargets: gauge({
      help: 'Targets that accept logins, their driver too.',
      source: 'enabled, open_state',
      unit: 'targets',
    }),
    declaredTargets: gauge({ help: 'Targets declared.', source: conf, unit: 'targets' }),
    devices: gauge({ help: 'Devices with a handler.', source: 'devices/*', unit: 'devices' }),
    sessions: gauge({ help: 'Open sessions.', source: 'sessions/*', unit: 'sessions' }),
    initiators: gauge({
      help: 'Different initiators with a session.',
      source: 'sessions/*/initiator_name',
      unit: 'initiators',
    }),
    hungThreads: gauge({
      help: 'Kernel threads of SCST in state D that have not run since the look before.',
      source: '/proc/PID/stat, /proc/PID/status',
      unit: 'threads',
    }),
    hungSince: instant({
      help: 'Since when the first of them has not run.',
      source: 'hungThreads',
    }),
    hungNames: word({ help: 'Names of some of them.', source: '/proc/PID/stat' }),
    configuration: word({
      help: 'Whether the configuration file can be used.',
      source: conf,
      values: ['good', 'none', 'broken'],
    }),
    configurationProblem: word({
      help: 'Why it cannot be used, with file and line.',
      source: conf,
    }),
    unsaved: gauge({
      help: 'Running targets, LUNs and devices that the configuration does not have.',
      source: `targets, devices against ${conf}`,
      unit: 'differences',
    }),
    unsavedFirst: word({ help: 'Some of them, by name.', source: 'unsaved' }),
  },
});

export const scstDriver = defineKind('scst.driver', {
  title: 'SCST target driver',
  identity: 'DRIVER',
  attributes: {
    present: flag({ help: 'Its module is loaded.', source: 'targets/DRIVER' }),
    enabled: flag({
      help: 'The driver works; null for one that cannot be switched off.',
      source: 'targets/DRIVER/enabled',
    }),
    openState: word({
      help: 'iSCSI: whether its daemon iscsi-scstd is connected.',
      source: 'targets/iscsi/open_state',
      values: ['open', 'closing', 'closed'],
    }),
    expected: flag({
      help: 'It is declared with targets, or worked since tocsin began to look.',
      source: `${conf}, open_state`,
    }),
    targets: gauge({ help: 'Its targets.', source: 'targets/DRIVER/*', unit: 'targets' }),
    declared: flag({ help: 'The configuration names it.', source: conf }),
    declaredEnabled: flag({ help: 'The configuration wants it enabled.', source: conf }),
    declaredTargets: gauge({ help: 'Targets declared for it.', source: conf, unit: 'targets' }),
    portalListening: flag({
      help: 'iSCSI: something listens on port 3260.',
      source: '/proc/1/net/tcp, /proc/1/net/tcp6',
    }),
  },
});

const ofSessions = 'sum over sessions, kept over their ends';

export const scstTarget = defineKind('scst.target', {
  title: 'SCST target',
  identity: 'DRIVER/TARGET',
  attributes: {
    driver: word({
      help: 'Its driver.',
      source: 'targets/DRIVER',
      refersTo: { kind: 'scst.driver', relation: 'drives' },
    }),
    present: flag({ help: 'It is there.', source: 'targets/DRIVER/TARGET' }),
    enabled: flag({
      help: 'It accepts logins; null for one that cannot be switched off.',
      source: 'targets/DRIVER/TARGET/enabled',
    }),
    sessions: gauge({
      help: 'Open sessions, those of one initiator counted once.',
      source: 'targets/DRIVER/TARGET/sessions/*/initiator_name',
      unit: 'sessions',
    }),
    sessionsLostAt: instant({
      help: 'When the last of two or more sessions ended, until one is open again.',
      source: 'sessions',
    }),
    luns: gauge({
      help: 'LUNs, those of groups too.',
      source: 'luns/*, ini_groups/*/luns/*',
      unit: 'luns',
    }),
    withoutLunZero: word({
      help: 'Group that has LUNs and no LUN 0; "default" for that of the target itself.',
      source: 'luns/*, ini_groups/*/luns/*',
    }),
    declared: flag({ help: 'The configuration names it.', source: conf }),
    declaredEnabled: flag({ help: 'The configuration wants it enabled.', source: conf }),
    readCommands: counter({ help: 'Read commands.', source: ofSessions, unit: 'commands' }),
    writeCommands: counter({ help: 'Write commands.', source: ofSessions, unit: 'commands' }),
    readBytes: counter({ help: 'Bytes read.', source: ofSessions, unit: 'bytes' }),
    writeBytes: counter({ help: 'Bytes written.', source: ofSessions, unit: 'bytes' }),
  },
});

export const scstKinds = [
  scstCore,
  scstDriver,
  scstTarget,
  scstSession,
  scstLun,
  scstDevice,
  scstGroup,
];
