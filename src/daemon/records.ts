/** What is recorded and kept of what passes through the pipeline, joined for the house. */
import { join } from 'node:path';
import { loadSettings } from '../config/load.ts';
import type { Options } from '../config/options.ts';
import type { Section } from '../config/readers.ts';
import type { Settings } from '../config/settings.ts';
import type { Kind } from '../domain/kind.ts';
import { renderComplaint } from '../domain/rule.ts';
import { seconds } from '../domain/time.ts';
import type { Records } from '../operations/house-records.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { machineFacts } from '../platform/machine-facts.ts';
import { openSegments } from '../platform/segments.ts';
import { version } from '../platform/version.ts';
import { within } from '../platform/within.ts';
import type { Channels } from './backtest-routes.ts';
import { Backtests } from './backtests.ts';
import { flapSettingsOf } from './flap-settings.ts';
import type { Heart } from './heart.ts';
import { ReadingsLog, suffix } from './readings-log.ts';
import { Recordings } from './recordings.ts';

/** A disk that hangs keeps nobody from ending. */
const closeWithin = seconds(1);

export interface RecordsParts extends Heart {
  readonly kinds: readonly Kind[];
  readonly ports: { readonly clock: Clock };
  readonly options: Pick<Options, 'stateDir'>;
  readonly log: Log;
  /** Of collectors and delivery. */
  readonly sections: Section;
}

const channelsIn = (settings: Settings): Channels =>
  (settings.channels as Channels | undefined) ?? {};

export interface OpenRecords {
  readonly records: Records;
  start(): void;
  stop(): Promise<void>;
}

function openRecordings(parts: RecordsParts): Recordings {
  const { kinds, ports, taps, inventory, engine, pipeline } = parts;
  return new Recordings({
    clock: ports.clock,
    pipeline,
    recorder: {
      judges: { inventory, engine },
      kinds,
      version,
      watchingSince: parts.watchingSince,
      rules: () => taps.rules,
      mutes: () => taps.mutes,
    },
    settled: () => [...taps.settled],
    setTap: (tap) => {
      taps.recording = tap;
    },
  });
}

function openLog(parts: RecordsParts, folder: string, settings: () => Settings): ReadingsLog {
  const { kinds, ports, taps, inventory, health, log } = parts;
  const kept = new ReadingsLog({
    kinds,
    inventory,
    clock: ports.clock,
    segments: openSegments(folder, suffix),
    limits: () => settings().readings,
    onState(why) {
      if (why === null) log.info('readings: they are kept');
      else log.warning(`readings: not kept: ${why}, trying again`);
      const status = why === null ? 'healthy' : 'degraded';
      health.set('readings', 'readings', { status, reason: why });
    },
  });
  taps.kept = kept.tap;
  return kept;
}

/** The channels that a settings file names, or what is wrong with it. */
function readChannels(text: string, sections: Section): Channels | string {
  const { settings, complaints } = loadSettings([{ path: 'request.yaml', text }], sections);
  const [first] = complaints;
  if (settings !== undefined) return channelsIn(settings);
  return first === undefined ? 'the settings cannot be read' : renderComplaint(first);
}

export function openRecords(parts: RecordsParts, settings: () => Settings): OpenRecords {
  const { kinds, ports, taps } = parts;
  const folder = join(parts.options.stateDir, 'readings');
  const kept = openLog(parts, folder, settings);
  const backtests = new Backtests({
    clock: ports.clock,
    kinds,
    folder,
    log: kept,
    rules: () => taps.rules,
    flapping: () => flapSettingsOf(settings()),
    channels: () => channelsIn(settings()),
    readChannels: (text) => readChannels(text, parts.sections),
  });
  return {
    records: {
      recordings: openRecordings(parts),
      backtests,
      keptAround: (refs, from, to) => backtests.around(refs, from, to),
      settings,
      machine: machineFacts,
    },
    start: () => kept.start(),
    stop: () => within(ports.clock, closeWithin, kept.stop(), undefined),
  };
}
