/** The appliance in figures: a pure function of the inventory and of the API's own counts. */
import { type Static, Type } from 'typebox';
import type { Resource } from '../domain/resource.ts';
import { rfc3339 } from '../domain/time.ts';
import type { ApiFigures } from './figures.ts';
import type { House } from './house.ts';
import {
  average,
  type Counted,
  count,
  createLook,
  distinct,
  flagOf,
  keep,
  type Look,
  minus,
  numberOf,
  plus,
  ratio,
  sum,
  wordOf,
} from './metrics-count.ts';
import { metrics } from './metrics-schema.ts';
import { defineOperation } from './operation.ts';

export type MetricsView = Static<typeof metrics>;

/** A thing that is declared and missing, or a session that ended, is a resource too. */
const present = (counted: Counted): Counted => keep(counted, (one) => flagOf(one, 'present', true));

function countSystem(look: Look): MetricsView['system'] {
  const host = look('system.host')?.[0];
  const units = present(look('systemd.unit'));
  const root = keep(look('storage.repository'), (one) => rootIs(one))?.[0];
  const total = numberOf(host, 'memoryTotalBytes');
  return {
    cpuRatio: numberOf(host, 'cpuRatio'),
    load1: numberOf(host, 'load1'),
    load5: numberOf(host, 'load5'),
    load15: numberOf(host, 'load15'),
    memoryTotalBytes: total,
    memoryUsedBytes: minus(total, numberOf(host, 'memoryAvailableBytes')),
    diskTotalBytes: numberOf(root, 'sizeBytes'),
    diskUsedBytes: numberOf(root, 'usedBytes'),
    uptimeSeconds: numberOf(host, 'uptimeSeconds'),
    units: count(units),
    failedUnits: count(keep(units, (one) => isWord(one, 'activeState', 'failed'))),
  };
}

const rootIs = (one: Resource): boolean => one.attributes.path === '/';

/** Null when the word is unreadable. */
function isWord(one: Resource, name: string, wanted: string): boolean | null {
  const word = wordOf(one, name);
  return word === null ? null : word === wanted;
}

/** Those that the settings name; where they name none, all file systems that are watched. */
function repositoriesOf(look: Look): Counted {
  const all = look('storage.repository');
  const configured = keep(all, (one) => flagOf(one, 'configured', false));
  return configured?.length === 0 ? all : configured;
}

function countStorage(look: Look): MetricsView['storage'] {
  const repositories = repositoriesOf(look);
  // File systems that several of them share count once.
  const names = new Set(repositories?.map(({ id }) => id));
  const alone = keep(repositories, (one) => {
    const other = wordOf(one, 'sharedWith');
    return other === null ? null : other === undefined || !names.has(other);
  });
  const usedBytes = sum(alone, 'usedBytes');
  const availableBytes = sum(alone, 'availableBytes');
  return {
    disks: count(present(look('storage.disk'))),
    repositories: count(repositories),
    capacityBytes: sum(alone, 'sizeBytes'),
    usedBytes,
    availableBytes,
    usedRatio: ratio(usedBytes, plus(usedBytes, availableBytes)),
  };
}

/** SCST's own target for copies between devices, which always exists and nobody logs in to. */
const isOurs = ({ id }: Resource): boolean => !id.startsWith('copy_manager/');

/** Both, where one that cannot be said makes the whole unknown unless the other is false. */
const and = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true;

/** A target without a switch of its own (null) is on; so is a driver without one. */
function isActive(target: Resource, drivers: readonly Resource[]): boolean | null {
  const name = target.id.slice(0, target.id.indexOf('/'));
  const driver = drivers.find(({ id }) => id === name);
  const enabled = flagOf(target, 'enabled', true);
  if (driver === undefined) return enabled;
  const state = wordOf(driver, 'openState');
  const isOpen = state === null ? null : state !== 'closed';
  return and(enabled, and(flagOf(driver, 'enabled', true), isOpen));
}

function countScst(look: Look): MetricsView['scst'] {
  const ours = (kind: string): Counted => present(keep(look(kind), isOurs));
  const targets = ours('scst.target');
  const drivers = look('scst.driver');
  const active = drivers === null ? null : keep(targets, (one) => isActive(one, drivers));
  return {
    targets: count(targets),
    activeTargets: count(active),
    luns: count(ours('scst.lun')),
    initiators: distinct(ours('scst.session'), 'initiator'),
    sessions: sum(targets, 'sessions'),
  };
}

/** Whether it is virtual decides where it counts: when that is not known, neither figure is. */
const physical = (counted: Counted): Counted =>
  keep(present(counted), (one) => {
    const isVirtual = flagOf(one, 'virtual', false);
    return isVirtual === null ? null : !isVirtual;
  });

function countTape(look: Look): MetricsView['tape'] {
  const changers = physical(look('tape.changer'));
  return {
    libraries: count(changers),
    drives: count(physical(look('tape.drive'))),
    slots: sum(changers, 'slots'),
    occupiedSlots: sum(changers, 'occupiedSlots'),
  };
}

const declared = (counted: Counted): Counted =>
  keep(counted, (one) => flagOf(one, 'declared', true));

function countVtl(look: Look): MetricsView['vtl'] {
  const libraries = declared(look('vtl.library'));
  return {
    libraries: count(libraries),
    drives: count(declared(look('vtl.drive'))),
    tapes: sum(libraries, 'tapes'),
    activeDrives: sum(libraries, 'activeDrives'),
    loadedTapes: sum(libraries, 'loadedTapes'),
  };
}

function countTasks(look: Look): MetricsView['tasks'] {
  const runs = look('task.run');
  const inState = (state: string): Counted => keep(runs, (one) => isWord(one, 'state', state));
  const ended = keep(runs, (one) => typeof one.attributes.durationSeconds === 'number');
  return {
    total: count(runs),
    pending: count(inState('pending')),
    running: count(inState('running')),
    completed: count(inState('completed')),
    failed: count(inState('failed')),
    averageDurationSeconds: average(ended, 'durationSeconds'),
  };
}

const countApi = (api: ApiFigures): MetricsView['api'] => ({
  requests: api.requests,
  errors: api.errors,
  requestsPerSecond: api.requestsPerSecond,
  errorRatio: api.errorRatio,
  latencyP50Ms: api.latencyP50,
  latencyP99Ms: api.latencyP99,
  streamClients: api.streamClients,
});

/** Also the data of the stream's `metrics` message. */
export function renderMetrics(house: Pick<House, 'figures' | 'now' | 'resources'>): MetricsView {
  const look = createLook(house);
  return {
    collectedAt: rfc3339(house.now()),
    system: countSystem(look),
    storage: countStorage(look),
    scst: countScst(look),
    tape: countTape(look),
    vtl: countVtl(look),
    tasks: countTasks(look),
    api: countApi(house.figures().api),
  };
}

export const showMetrics = defineOperation({
  name: 'metrics.show',
  summary: 'The appliance in figures. One that cannot be known is null.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/metrics',
  input: Type.Object({}, { additionalProperties: false }),
  output: metrics,
  run: async (house) => renderMetrics(house),
});
