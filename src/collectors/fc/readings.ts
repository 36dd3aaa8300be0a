/** Turns ports, and what is remembered of them, into readings. */
import { isUnreadable, type ResourceReading, reading, unreadable } from '../../domain/reading.ts';
import type { Known } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import { fcPort } from './kinds.ts';
import type { Memory } from './memory.ts';
import { type FcPort, parseSpeed, type Statistic } from './ports.ts';

/** Names of the targets that SCST has enabled; those of FC drivers are WWPNs. */
function enabledTargets(known: Known): Set<string> {
  const targets = known.list('scst.target').filter(({ attributes }) => attributes.enabled === true);
  return new Set(targets.map(({ id }) => id.slice(id.indexOf('/') + 1)));
}

/** The sum of those that the driver counts; null when it counts none, refused if one is. */
function sumOf({ statistics }: FcPort, ...names: readonly Statistic[]) {
  const facts = names.map((name) => statistics[name]);
  const refused = facts.find(isUnreadable);
  if (refused !== undefined) return refused;
  const counted = facts.filter((fact) => typeof fact === 'number');
  return counted.length === 0 ? null : counted.reduce((sum, n) => sum + n, 0);
}

function presentPort(port: FcPort, wwpn: string, memory: Memory, isTarget: boolean) {
  const { statistics, speed } = port;
  const { wasOnline, bestGigabits } = memory.of(wwpn);
  return reading(fcPort, wwpn, {
    present: true,
    expected: wasOnline || isTarget,
    absentSince: null,
    host: port.host,
    portState: port.portState,
    portType: port.portType,
    mode: port.mode,
    speed,
    speedGigabits: typeof speed === 'string' ? (parseSpeed(speed) ?? null) : speed,
    bestSpeedGigabits: bestGigabits,
    linkFailures: statistics.link_failure_count,
    lossesOfSync: statistics.loss_of_sync_count,
    lossesOfSignal: statistics.loss_of_signal_count,
    invalidCrcs: statistics.invalid_crc_count,
    invalidTxWords: statistics.invalid_tx_word_count,
    linkFaults: sumOf(port, 'link_failure_count', 'loss_of_sync_count', 'loss_of_signal_count'),
    transmissionFaults: sumOf(port, 'invalid_crc_count', 'invalid_tx_word_count'),
  });
}

/** A port that was there before. `doubt`: a port is there whose name was refused. */
function missingPort(wwpn: string, memory: Memory, doubt: string | undefined): ResourceReading {
  const { wasOnline, bestGigabits, absentSince } = memory.of(wwpn);
  return reading(fcPort, wwpn, {
    present: doubt === undefined ? false : unreadable(doubt),
    expected: wasOnline,
    absentSince,
    host: null,
    portState: doubt === undefined ? null : unreadable(doubt),
    speedGigabits: null,
    bestSpeedGigabits: bestGigabits,
  });
}

export interface FcSight {
  readonly ports: readonly FcPort[];
  readonly memory: Memory;
  readonly known: Known;
  readonly isForgotten: (wwpn: string) => boolean;
  readonly now: EpochMs;
}

/** All ports, those that are missing included. Learns from what it sees. */
export function readingsOf({ ports, memory, known, isForgotten, now }: FcSight): ResourceReading[] {
  const targets = enabledTargets(known);
  const found = new Map<string, FcPort>();
  let doubt: string | undefined;
  for (const port of ports) {
    if (isUnreadable(port.wwpn)) doubt = port.wwpn.unreadable;
    // An adapter without its firmware has no name: the port of the name it had is missing.
    else if (port.wwpn !== null) found.set(port.wwpn, port);
  }
  for (const [wwpn, { portState, speed }] of found) {
    const gigabits = typeof speed === 'string' ? parseSpeed(speed) : undefined;
    memory.see(wwpn, portState === 'Online', gigabits, now);
  }
  for (const wwpn of memory.names().filter((name) => !found.has(name))) {
    if (isForgotten(wwpn)) memory.forget(wwpn);
    else if (doubt === undefined) memory.miss(wwpn, now);
  }
  const missing = memory.names().filter((name) => !found.has(name));
  return [
    ...[...found].map(([wwpn, port]) => presentPort(port, wwpn, memory, targets.has(wwpn))),
    ...missing.map((wwpn) => missingPort(wwpn, memory, doubt)),
  ];
}
