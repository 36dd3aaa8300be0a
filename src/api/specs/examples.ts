/** What people send, for the operations whose fields do not speak for themselves. */
import type { Json } from './json.ts';

export const requestExamples: Readonly<Record<string, Json>> = {
  'alert.raise': {
    severity: 'warning',
    source: 'task',
    title: 'Tape order is due',
    message: 'Four scratch tapes are left.',
    key: 'tape-order',
    expiresAfter: '7d',
  },
  'alert.acknowledgeMany': { filter: 'unit="backup.service"', comment: 'on it', until: '2h' },
  'alert.acknowledge': { comment: 'the disk is ordered', until: 'change' },
  'silence.save': {
    matchers: ['unit="backup.service"', { name: 'severity', value: 'info|warning', isRegex: true }],
    duration: '2h',
    comment: 'the library is moved',
  },
  'maintenance.add': { calendar: 'Sat 02:00', duration: '2h', comment: 'updates' },
  'task.report': { job: 'nightly-copy', key: '2026-11-22', state: 'running', progress: 0.25 },
  'rule.create': {
    id: 'disk-warm',
    kind: 'storage.disk',
    when: 'disk.temperatureCelsius > 55.0',
    for: '10m',
    severity: 'warning',
    source: 'storage',
    title: '{{ disk.id }} is warm',
  },
  'rule.change': { enabled: false },
};
