/** What the metrics object holds (CONTRACT: `metrics`), each figure described. */
import { type TSchema, Type } from 'typebox';
import { instant, nullable } from './schemas.ts';

const figure = (description: string) => ({ ...nullable(Type.Number()), description });
const whole = (description: string) => ({ ...nullable(Type.Integer()), description });

const part = <const P extends Record<string, TSchema>>(properties: P) => Type.Object(properties);

const system = part({
  cpuRatio: figure('Share of all processors in use, 0 to 1.'),
  load1: figure('Load average over 1 minute.'),
  load5: figure('Load average over 5 minutes.'),
  load15: figure('Load average over 15 minutes.'),
  memoryTotalBytes: whole('Memory of the machine.'),
  memoryUsedBytes: whole('Memory that could not be had without swapping: total - available.'),
  diskTotalBytes: whole('Size of the file system of /.'),
  diskUsedBytes: whole('What of it is used.'),
  uptimeSeconds: figure('Since the kernel started.'),
  units: whole('Units that systemd knows.'),
  failedUnits: whole('Of these, failed ones.'),
});

const storage = part({
  disks: whole('Disks.'),
  repositories: whole(
    'Repositories that the settings name; if none, all file systems that are watched.',
  ),
  capacityBytes: whole('Size of all repositories; file systems that several share count once.'),
  usedBytes: whole('What of it is used.'),
  availableBytes: whole('What of it can be written.'),
  usedRatio: figure('As df says it: usedBytes / (usedBytes + availableBytes).'),
});

const scst = part({
  targets: whole('Targets that exist, without the copy manager’s.'),
  activeTargets: whole('Of these, enabled ones whose driver is enabled and open.'),
  luns: whole('LUNs that exist, each group of each target by itself.'),
  initiators: whole('Different initiators that are connected.'),
  sessions: whole('Open sessions.'),
});

const tape = part({
  libraries: whole('Tape libraries (changers), without virtual ones.'),
  drives: whole('Tape drives, without virtual ones.'),
  slots: whole('Slots of these libraries; null while `mtx status` is not allowed.'),
  occupiedSlots: whole('Slots with a cartridge.'),
});

const vtl = part({
  libraries: whole('Virtual libraries that are configured.'),
  drives: whole('Virtual drives that are configured.'),
  tapes: whole('Cartridges.'),
  activeDrives: whole('Drives that read or write.'),
  loadedTapes: whole('Cartridges in a drive.'),
});

const tasks = part({
  total: whole('Jobs; of each the latest run counts, here and below.'),
  pending: whole('Waiting.'),
  running: whole('Running.'),
  completed: whole('Ended well.'),
  failed: whole('Ended badly.'),
  averageDurationSeconds: figure('How long the runs took that have ended; null when none has.'),
});

const api = part({
  requests: Type.Integer({ description: 'Requests since tocsind started.' }),
  errors: Type.Integer({ description: 'Of these, those it could not answer (5xx).' }),
  requestsPerSecond: Type.Number({ description: 'Over the last five minutes, as those below.' }),
  errorRatio: figure('errors / requests; null when there were no requests.'),
  latencyP50Ms: figure('Half of the requests took no longer; streams do not count.'),
  latencyP99Ms: figure('99 of 100 requests took no longer.'),
  streamClients: Type.Integer({ description: 'Clients that follow the stream now.' }),
});

export const metrics = Type.Object({
  collectedAt: instant,
  system,
  storage,
  scst,
  tape,
  vtl,
  tasks,
  api,
});
