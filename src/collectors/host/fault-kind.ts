/** The kind of what the kernel reports in its log: one resource for each fault of each device. */
import { type Severity, severities } from '../../domain/alert.ts';
import { counter, defineKind, gauge, instant, word } from '../../domain/kind.ts';

/** Parts of the kernel, in the words of an administrator. */
export const areas = [
  'disk',
  'filesystem',
  'adapter',
  'tape',
  'scst',
  'network',
  'memory',
  'processor',
  'kernel',
] as const;

export interface Fault {
  /** info: kept as an event and told to nobody by itself. */
  readonly severity: Severity;
  readonly facility: (typeof areas)[number];
  readonly title: string;
  readonly advice: string;
}

const faultFacts = {
  fault: word({ help: 'Which known fault it is: io-error, nvme-timeout, …', source: 'kernel log' }),
  severity: word({ help: 'How bad it is.', source: 'table', values: severities }),
  title: word({ help: 'What it means, in plain words, with the device.', source: 'table' }),
  facility: word({ help: 'Part of the kernel that speaks.', source: 'table', values: areas }),
  device: word({
    help: 'Device, interface or process that the kernel names; null where it names none.',
    source: 'kernel log',
  }),
  text: word({ help: 'The line of the kernel log, cut.', source: 'kernel log' }),
};

export const systemFault = defineKind('system.fault', {
  title: 'Fault that the kernel reported',
  identity: 'FAULT[/DEVICE]',
  attributes: {
    ...faultFacts,
    host: word({
      help: 'The machine.',
      source: '/proc/sys/kernel/hostname',
      refersTo: { kind: 'system.host', relation: 'reports' },
    }),
    advice: word({ help: 'What to do first.', source: 'table' }),
    count: counter({ help: 'How often since the boot.', source: 'kernel log', unit: 'reports' }),
    lastAt: instant({ help: 'When last.', source: 'kernel log' }),
  },
  events: {
    'kernel-fault': {
      help: 'The kernel reported a known fault. Of many equal ones only the first few are told.',
      attributes: {
        ...faultFacts,
        recent: gauge({
          help: 'How often within the last 10 minutes, this one counted.',
          source: 'kernel log',
          unit: 'reports',
        }),
        omitted: gauge({
          help: 'Equal reports since the event before that were counted and not told.',
          source: 'kernel log',
          unit: 'reports',
        }),
      },
    },
  },
});
