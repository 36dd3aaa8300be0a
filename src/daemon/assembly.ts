/** Builds the parts of the daemon and joins them; nothing runs yet. */
import type { Api } from '../api/api.ts';
import type { Collector, Ports, Watcher } from '../collectors/collector.ts';
import type { Options } from '../config/options.ts';
import type { Section } from '../config/readers.ts';
import type { Settings } from '../config/settings.ts';
import type { BusDoor } from '../dbus/door.ts';
import type { Kind } from '../domain/kind.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { Log } from '../platform/log.ts';
import { sdNotify, watchdogInterval } from '../platform/sd-notify.ts';
import type { Remembered, Store } from '../store/store.ts';
import type { AccessDesk } from './access/desk.ts';
import { openAccess } from './access/open.ts';
import { AuditDesk } from './audit-desk.ts';
import { createBusDoor } from './bus-door.ts';
import { type Carriers, createCarriers } from './carriers.ts';
import { type Charts, openCharts } from './charts.ts';
import { Chores, prunedCursor } from './chores.ts';
import type { Configuration } from './configuration.ts';
import { type Delivery, openDelivery } from './delivery.ts';
import { DiskWatch } from './disk-watch.ts';
import { flapSettingsOf } from './flap-settings.ts';
import { openFront } from './front.ts';
import { buildHeart, type Heart } from './heart.ts';
import { tellMetrics } from './metrics-notice.ts';
import { Pulse } from './pulse.ts';
import { type OpenRecords, openRecords } from './records.ts';
import { SpoolDrain } from './spool.ts';
import { Watch } from './watch.ts';

/** Without a watchdog to feed, the pulse still shows on /livez. */
const pulseEveryDefault = seconds(10);

export interface DaemonParts {
  readonly options: Options;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly collectors: readonly Collector[];
  readonly kinds: readonly Kind[];
  readonly sections: Section;
  readonly ports: Omit<Ports, 'known' | 'reports'>;
  readonly log: Log;
}

/** The state that was opened, and what it remembers. */
export interface OpenedState {
  readonly store: Store;
  readonly remembered: Remembered;
  readonly wasStored: Watcher['wasStored'];
}

/** What the parts ask of the daemon's life. */
export interface Life {
  readonly startedAt: EpochMs;
  configuration(): Configuration;
  ready(): boolean;
  reload(): Promise<void>;
  /** In one line, for systemd. */
  status(): string;
  /** It cannot go on. */
  end(exitStatus: number): void;
}

export interface Assembly {
  readonly heart: Heart;
  readonly watch: Watch;
  readonly api: Api;
  readonly pulse: Pulse;
  readonly chores: Chores;
  readonly diskWatch: DiskWatch;
  readonly charts: Charts;
  readonly records: OpenRecords;
  readonly delivery: Delivery;
  readonly carriers: Carriers;
  readonly access: AccessDesk;
  readonly audit: AuditDesk;
  readonly busDoor: BusDoor;
}

function createWatch(
  { collectors, ports, log }: DaemonParts,
  { pipeline, health, inventory, tasks }: Heart,
  { remembered, wasStored }: OpenedState,
): Watch {
  return new Watch(collectors, {
    pipeline,
    health,
    clock: ports.clock,
    log,
    ports: { ...ports, known: inventory.known, reports: tasks },
    random: Math.random,
    cursors: new Map(Object.entries(remembered.cursors)),
    lastSeenAt: remembered.lastSeenAt ?? undefined,
    wasStored,
  });
}

function createPulse(
  { environment, ports }: DaemonParts,
  { pipeline, queue }: Heart,
  store: Store,
  life: Life,
): Pulse {
  const watchdog = watchdogInterval(environment, process.pid);
  return new Pulse({
    clock: ports.clock,
    every: watchdog === undefined ? pulseEveryDefault : watchdog / 4,
    beat: async () => {
      await pipeline.applied();
      await queue.settled();
      await store.oldestSeq();
    },
    onAlive: () => sdNotify({ WATCHDOG: '1', STATUS: life.status() }),
  });
}

/** What faces callers, and what has to be done now and then. */
function openFrontAndChores(
  parts: DaemonParts,
  built: Omit<Assembly, 'api' | 'busDoor' | 'chores'>,
  { store, remembered }: OpenedState,
  life: Life,
): Pick<Assembly, 'api' | 'busDoor' | 'chores'> {
  const { access, audit, charts, delivery, heart, pulse, records, watch } = built;
  const { ports, log, options } = parts;
  const { startedAt } = life;
  const front = openFront(
    { ...parts, ...heart, ...charts, ...records, access, audit, delivery, store, startedAt },
    () => life.configuration().settings,
    {
      ready: () => life.ready(),
      alive: () => pulse.trouble(),
      reload: () => life.reload(),
      sources: () => watch.figures(),
    },
  );
  const spool = new SpoolDrain(options.stateDir, front.house, log);
  const chores = new Chores({
    clock: ports.clock,
    log,
    store,
    ...heart,
    stuckProbes: () => ports.probes.stuck(),
    tellMetrics: () => tellMetrics(front, heart.publication, log),
    drainSpool: () => void spool.drain(),
    retention: () => life.configuration().settings.retention,
    prunedAt: remembered.cursors[prunedCursor],
    onUnsound: () => life.end(1),
  });
  const busDoor = createBusDoor({ ...parts, ...heart }, front.house);
  return { api: front.api, busDoor, chores };
}

export function assemble(parts: DaemonParts, opened: OpenedState, life: Life): Assembly {
  const { kinds, log, ports } = parts;
  const { clock } = ports;
  const { store, remembered } = opened;
  const settings = (): Settings => life.configuration().settings;
  const heart = buildHeart({
    store,
    remembered,
    rules: life.configuration().rules,
    kinds,
    clock,
    log,
    mutes: {
      calendar: ports.calendar,
      settings: () => settings().mutes,
      tell: (note) => delivery.desk.tell(note),
    },
    flapping: flapSettingsOf(settings()),
    findCollector: (name) => watch.find(name),
    onBroken: () => life.end(1),
  });
  const { command } = ports;
  const delivery = openDelivery({ ...heart, store, clock, command, log, settings });
  const watch = createWatch(parts, heart, opened);
  const pulse = createPulse(parts, heart, store, life);
  const trouble = (): string | null => pulse.trouble();
  const carriers = createCarriers({ ...parts, ...ports, ...heart, delivery, settings, trouble });
  const charts = openCharts({ ...parts, ...heart }, () => settings().history);
  const records = openRecords({ ...parts, ...heart }, settings);
  const audit = new AuditDesk({ store, clock, log });
  const access = openAccess({ store, clock, options: parts.options, settings }, remembered.access);
  const diskWatch = new DiskWatch({ clock, log, store, onWritable: () => life.end(0) });
  const built = {
    access,
    heart,
    watch,
    pulse,
    carriers,
    charts,
    records,
    delivery,
    audit,
    diskWatch,
  };
  return { ...built, ...openFrontAndChores(parts, built, opened, life) };
}
