/**
 * The contract of a collector: it declares its kinds, says how often it looks, and returns
 * readings. Timing, deadlines, health, blind time and the rule `collector-failing` come from
 * the scheduler.
 */

import type { Section, ValuesOf } from '../config/readers.ts';
import type { Evidence } from '../domain/alert.ts';
import type { Kind } from '../domain/kind.ts';
import type { Event, Reading } from '../domain/reading.ts';
import type { Known, Resource } from '../domain/resource.ts';
import type { Reports } from '../domain/task.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Calendar } from '../platform/calendar.ts';
import type { Clock } from '../platform/clock.ts';
import type { Command } from '../platform/command.ts';
import type { Files } from '../platform/files.ts';
import type { Folders } from '../platform/folders.ts';
import type { Journal } from '../platform/journal.ts';
import type { Probes } from '../platform/probes.ts';
import type { SystemBus } from '../platform/system-bus.ts';

/** Where the trees of the system begin; elsewhere when a captured machine is looked at. */
export interface Roots {
  readonly sysfs: string;
  readonly proc: string;
  readonly dev: string;
  readonly etc: string;
}

/** Doors to the system. A collector names those it needs and gets no others. */
export interface Ports {
  readonly clock: Clock;
  readonly files: Files;
  readonly command: Command;
  readonly journal: Journal;
  readonly systemBus: SystemBus;
  readonly roots: Roots;
  readonly known: Known;
  readonly probes: Probes;
  readonly calendar: Calendar;
  readonly folders: Folders;
  /** What programs have reported of their runs. */
  readonly reports: Reports;
}

/** What a watching collector tells. Calls may come at any time until the signal aborts. */
export interface Watcher {
  /** Something is known now. Several calls in one tick of the loop become one transaction. */
  tell(reading: Reading): void;
  /** Asks for `collect` as soon as possible, because of `why`. */
  lookAgain(why: string): void;
  /** From here on nothing can be seen (bus lost, journal unreadable). */
  blind(why: string): void;
  /** Seeing again. */
  seeing(): void;
  /** One of several eyes is blind (`journal`), or sees again (null); the others go on. */
  blindPart(part: string, why: string | null): void;
  /** Adds one to `tocsin_transitions_recovered_total`: found by looking, announced by no signal. */
  recovered(): void;
  /** A position to be kept over restarts (the journal's cursor). Stored with the next commit. */
  saveCursor(name: string, value: string): void;
  /** The stored position, or undefined at the very first start. */
  cursor(name: string): string | undefined;
  /** When tocsin last stored anything; undefined at the very first start. */
  readonly lastSeenAt: EpochMs | undefined;
  /** The event was stored before this start: whoever had to be told of it was. */
  wasStored(event: Event): boolean;
  readonly signal: AbortSignal;
}

/** What one start of a collector yields: its two ways of reading share state. */
export interface RunningCollector {
  /** The whole truth now. Throwing counts as `failed`. */
  collect(signal: AbortSignal): Promise<Reading>;
  /** Starts to watch; resolves when watching has ended. Left out where nothing announces. */
  watch?(watcher: Watcher): Promise<void>;
  /** Facts to freeze into an alert that has just fired for this resource: the lines of its run. */
  evidence?(resource: Resource): Promise<readonly Evidence[]>;
}

export interface Collector<P extends keyof Ports = keyof Ports, S extends Section = Section> {
  readonly name: string;
  readonly title: string;
  readonly needs: readonly P[];
  /** What may be set under its name in tocsin.yaml; {} for nothing. */
  readonly settings: S;
  readonly kinds: readonly Kind[];
  /** Between two calls of collect, with 10 % jitter. */
  readonly every: Ms;
  /** collect is given up after this. */
  readonly timeout: Ms;
  start(ports: Pick<Ports, P>, settings: ValuesOf<S>): RunningCollector;
}

export const defineCollector = <const P extends keyof Ports, S extends Section>(
  collector: Collector<P, S>,
): Collector<P, S> => collector;
