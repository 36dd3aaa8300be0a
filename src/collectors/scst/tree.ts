/**
 * What there is of SCST, as last read: nodes that keep their paths, so that a later look reads
 * attributes without listing folders. Facts change in place; a walk makes the tree anew and takes
 * over the nodes that stayed.
 */
import type { Unreadable } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Fact } from './attribute.ts';

export interface LunNode {
  readonly id: string;
  readonly number: number;
  readonly device: Fact<string>;
  readonly readOnly: Fact<boolean>;
}

/** The default LUNs of a target, or those of a group of initiators. */
export interface LunSet {
  /** DRIVER/TARGET[/GROUP] */
  readonly id: string;
  readonly group: string | null;
  readonly path: string;
  /** The names in the folder, as one text: differs when something came or went. */
  readonly names: string;
  readonly luns: readonly LunNode[];
  /** The folder could not be listed: `luns` is what was known before. */
  readonly refusal: Unreadable | null;
}

export interface Connection {
  readonly path: string;
  readonly address: Fact<string>;
  state: Fact<string>;
}

export const counterFiles = {
  readCommands: 'read_cmd_count',
  writeCommands: 'write_cmd_count',
  readKb: 'read_io_count_kb',
  writeKb: 'write_io_count_kb',
} as const;
export type Counters = Record<keyof typeof counterFiles, Fact<number>>;

export interface SessionNode {
  readonly path: string;
  readonly initiator: string;
  /** Tells one login from the next: the session id of iSCSI, else the folder's name. */
  readonly instance: string;
  readonly group: string | null;
  /** Numbers of the LUNs that it has, and what was in work at each when last read. */
  readonly luns: readonly number[];
  inWork: readonly Fact<number>[];
  readonly connections: readonly Connection[];
  reinstating: Fact<boolean>;
  counters: Counters;
  /** The answer of the queued read; undefined until the first. */
  activeCommands: Fact<number> | undefined;
  /** Since when commands are in work and nothing moves; null while nothing is in work. */
  stillSince: EpochMs | null;
  /** The same, once it has lasted long enough to be shown. */
  stalledSince: EpochMs | null;
  closingSince: EpochMs | null;
}

export interface TargetNode {
  /** DRIVER/TARGET */
  readonly id: string;
  readonly driver: string;
  readonly path: string;
  enabled: Fact<boolean>;
  readonly sets: readonly LunSet[];
  /** Groups of initiators, as one text. */
  readonly groupNames: string;
  sessionNames: string;
  sessions: readonly SessionNode[];
  /** The folder could not be listed: `sessions` is what was known before. */
  sessionsRefusal: Unreadable | null;
}

export interface DriverNode {
  readonly name: string;
  readonly path: string;
  enabled: Fact<boolean>;
  openState: Fact<string>;
  readonly targetNames: string;
  readonly targets: readonly TargetNode[];
  /** The folder could not be listed: `targets` is what was known before. */
  readonly refusal: Unreadable | null;
}

export interface DeviceNode {
  readonly name: string;
  readonly path: string;
  readonly handler: Fact<string>;
  readonly type: Fact<string>;
  readonly exports: Fact<number>;
  readonly sizeBytes: Fact<number>;
  readonly filename: Fact<string>;
  readonly readOnly: Fact<boolean>;
  active: Fact<boolean>;
  block: Fact<string>;
  /** Attributes that its handler does not have; they are not looked for again. */
  readonly lacks: ReadonlySet<string>;
}

export interface GroupNode {
  /** DEVICE_GROUP/TARGET_GROUP */
  readonly id: string;
  readonly path: string;
  readonly preferred: Fact<boolean>;
  readonly local: Fact<boolean>;
  state: Fact<string>;
}

export interface Tree {
  readonly version: Fact<string>;
  suspended: Fact<number>;
  managementResult: Fact<number>;
  readonly drivers: ReadonlyMap<string, DriverNode>;
  readonly driverNames: string;
  readonly devices: ReadonlyMap<string, DeviceNode>;
  readonly deviceNames: string;
  readonly groups: ReadonlyMap<string, GroupNode>;
}

export function* targetsOf(tree: Tree | undefined): Generator<TargetNode> {
  for (const driver of tree?.drivers.values() ?? []) yield* driver.targets;
}

export const joined = (names: readonly string[]): string => names.join('\n');
