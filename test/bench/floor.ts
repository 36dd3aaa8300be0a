/**
 * The floor of the benchmark: when a bare `busctl monitor` in the same container got the signal
 * that a unit has failed. No alerting over the bus can be earlier.
 *
 * systemd sends these signals only while somebody has called Subscribe: the daemon that is
 * measured does, or `busctl call … Subscribe` on a connection that stays open.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Container } from '../support/container.ts';

/** All instants: microseconds on CLOCK_MONOTONIC, which the container shares with the host. */
export interface FloorArrival {
  readonly unit: string;
  /** The unit's own StateChangeTimestampMonotonic, out of the signal. */
  readonly changedUsec: number;
  /** When busctl stamped it (sd_bus_message_get_realtime_usec or its clock), converted. */
  readonly stampedUsec: number;
  /** When its line was here: with the way through the pipe and this process's event loop. */
  readonly arrivedUsec: number;
}

export interface Floor {
  /** In order of arrival; systemd sends most signals twice, so only the first of each failure. */
  readonly arrivals: readonly FloorArrival[];
  /** Resolves when there are `count` arrivals in all. */
  reached(count: number): Promise<void>;
  stop(): void;
}

const match = [
  "type='signal'",
  "interface='org.freedesktop.DBus.Properties'",
  "member='PropertiesChanged'",
  "path_namespace='/org/freedesktop/systemd1/unit'",
  "arg0='org.freedesktop.systemd1.Unit'",
].join(',');

// hrtime is uv_hrtime, on Linux CLOCK_MONOTONIC.
const monotonicUsec = (): number => Number(process.hrtime.bigint() / 1000n);
const realtimeUsec = (): number => (performance.timeOrigin + performance.now()) * 1000;

/** `backup_2eservice` -> `backup.service` (bus_label_unescape in systemd). */
const unitOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** A line of `busctl --json=short monitor`, as far as it is read here. */
interface MonitorLine {
  readonly path?: string;
  readonly 'timestamp-realtime'?: number;
  readonly payload?: { readonly data?: readonly unknown[] };
}

const isLine = (value: unknown): value is MonitorLine =>
  typeof value === 'object' && value !== null && 'payload' in value;

const changed = (properties: object, name: string): unknown =>
  Object.entries(properties).find(([key]) => key === name)?.[1]?.data;

/** The failure that a line tells of, or undefined when it tells of something else. */
export function parseFailure(line: string, arrivedUsec: number): FloorArrival | undefined {
  const message: unknown = JSON.parse(line);
  if (!isLine(message)) return undefined;
  const properties = message.payload?.data?.[1];
  if (typeof properties !== 'object' || properties === null) return undefined;
  if (changed(properties, 'ActiveState') !== 'failed') return undefined;
  const changedUsec = Number(changed(properties, 'StateChangeTimestampMonotonic'));
  const stamped = message['timestamp-realtime'] ?? Number.NaN;
  const stampedUsec = stamped - (realtimeUsec() - monotonicUsec());
  return { unit: unitOf(message.path ?? ''), changedUsec, stampedUsec, arrivedUsec };
}

/** Reads failures from the monitor's lines; each failure once. */
export function gatherFailures(monitor: ChildProcessWithoutNullStreams): Omit<Floor, 'stop'> {
  const arrivals: FloorArrival[] = [];
  const seen = new Set<string>();
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  createInterface({ input: monitor.stdout }).on('line', (line) => {
    const arrival = parseFailure(line, monotonicUsec());
    if (arrival === undefined) return;
    const key = `${arrival.unit} ${arrival.changedUsec}`;
    if (seen.has(key)) return;
    seen.add(key);
    arrivals.push(arrival);
    for (const { count, resolve } of waiting) if (arrivals.length >= count) resolve();
  });
  const reached = (count: number): Promise<void> =>
    arrivals.length >= count
      ? Promise.resolve()
      : new Promise((resolve) => waiting.push({ count, resolve }));
  return { arrivals, reached };
}

/** Starts the monitor; resolves when it listens. */
export async function startFloor(container: Container): Promise<Floor> {
  const argv = ['busctl', '--system', '--json=short', `--match=${match}`, 'monitor'] as const;
  const monitor = container.spawn(argv);
  // "Monitoring bus message stream." comes after BecomeMonitor was answered (busctl.c).
  const [said] = await once(monitor.stderr, 'data');
  if (!String(said).includes('Monitoring')) throw new Error(`busctl: ${String(said)}`);
  return { ...gatherFailures(monitor), stop: () => container.end(monitor) };
}
