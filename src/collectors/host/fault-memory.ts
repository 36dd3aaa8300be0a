/**
 * The faults that the kernel reported since its boot: each fault of each device is one resource.
 * Of many equal reports the first few are events, and the rest is counted.
 */
import {
  type Event,
  type ResourceReading,
  type ResourceRef,
  reading,
} from '../../domain/reading.ts';
import { type EpochMs, hours, minutes, seconds } from '../../domain/time.ts';
import { systemFault } from './fault-kind.ts';
import type { FoundFault } from './fault-lines.ts';
import { type FaultId, faults } from './faults.ts';

/** Rules look at this much of the past (rules.md, G-29: three in 10 minutes). */
const recentWindow = minutes(10);
/** Of one fault of one device within that window. The alert that they keep firing needs one. */
const eventsMax = 5;
/** More reports than these within the window are "at least so many". */
const recentMax = 100;
/** Another line about the same fault of the same device: the same trouble once more. */
const echoWithin = seconds(1);
/** Devices of which faults are kept apart; those of further ones are counted together. */
const resourcesMax = 200;
const keptFor = hours(24);
const textCharsMax = 300;

export interface Report {
  readonly found: FoundFault;
  readonly text: string;
  readonly at: EpochMs;
  /** Unique for this line, from whichever source it comes. */
  readonly key: string;
  readonly foundBy: Event['foundBy'];
  /** Told already, or too old to be told: it counts, and is no event. */
  readonly silent: boolean;
}

interface Seen {
  readonly id: string;
  readonly fault: FaultId;
  readonly device: string | null;
  count: number;
  lastAt: EpochMs;
  text: string;
  /** Of the line that began the trouble: its row of the table, and when it came. */
  leader: { readonly row: number; readonly at: EpochMs };
  recent: EpochMs[];
  told: EpochMs[];
  omitted: number;
}

export class FaultMemory {
  readonly #host: () => string;
  readonly #seen = new Map<string, Seen>();
  readonly #changed = new Set<Seen>();
  readonly #gone: ResourceRef[] = [];

  constructor(host: () => string) {
    this.#host = host;
  }

  /** Takes the report in; the event that it is, unless it is one of too many. */
  take(report: Report): Event | undefined {
    const seen = this.#find(report);
    const { at, found, silent } = report;
    const isEcho = found.row !== seen.leader.row && Math.abs(at - seen.leader.at) <= echoWithin;
    if (isEcho && seen.count > 0) return undefined;
    seen.leader = { row: found.row, at };
    seen.count += 1;
    seen.lastAt = Math.max(seen.lastAt, at);
    seen.text = report.text.slice(0, textCharsMax);
    seen.recent = [...seen.recent.filter((one) => one > at - recentWindow), at].slice(-recentMax);
    this.#changed.add(seen);
    seen.told = seen.told.filter((one) => one > at - recentWindow);
    if (silent) return undefined;
    if (seen.told.length >= eventsMax) {
      seen.omitted += 1;
      return undefined;
    }
    seen.told.push(at);
    const event = this.#event(seen, report);
    seen.omitted = 0;
    return event;
  }

  /** Readings that differ from those told before, and what is left out from now on. */
  takeChanged(): { readonly resources: ResourceReading[]; readonly gone: ResourceRef[] } {
    const resources = [...this.#changed].map((seen) => this.#reading(seen));
    this.#changed.clear();
    return { resources, gone: this.#gone.splice(0) };
  }

  /** All that is remembered; forgets what was long ago. */
  list(now: EpochMs): ResourceReading[] {
    for (const seen of this.#seen.values()) {
      if (seen.lastAt < now - keptFor) this.#forget(seen);
    }
    return [...this.#seen.values()].map((seen) => this.#reading(seen));
  }

  /** The last report of a fault, whichever device it was about. */
  last(fault: FaultId): { readonly device: string | null; readonly text: string } | undefined {
    return [...this.#seen.values()]
      .filter((seen) => seen.fault === fault && seen.count > 0)
      .toSorted((a, b) => a.lastAt - b.lastAt)
      .at(-1);
  }

  #find({ found, at }: Report): Seen {
    const { fault, device } = found;
    const known = this.#seen.get(device === undefined ? fault : `${fault}/${device}`);
    if (known !== undefined) return known;
    const apart = device !== undefined && this.#seen.size < resourcesMax;
    const id = apart ? `${fault}/${device}` : fault;
    const common = this.#seen.get(id);
    if (common !== undefined) return common;
    const seen: Seen = {
      id,
      fault,
      device: apart ? device : null,
      count: 0,
      lastAt: at,
      text: '',
      leader: { row: found.row, at },
      recent: [],
      told: [],
      omitted: 0,
    };
    this.#seen.set(id, seen);
    return seen;
  }

  #forget(seen: Seen): void {
    this.#seen.delete(seen.id);
    this.#changed.delete(seen);
    this.#gone.push({ kind: systemFault.name, id: seen.id });
  }

  #facts({ fault, device, text }: Seen) {
    const { severity, title: meaning, facility } = faults[fault];
    const title = device === null ? meaning : `${meaning} (${device})`;
    return { fault, severity, title, facility, device, text };
  }

  #reading(seen: Seen): ResourceReading {
    const { count, lastAt, id, fault } = seen;
    const { advice } = faults[fault];
    const more = { host: this.#host(), advice, count, lastAt };
    return reading(systemFault, id, { ...this.#facts(seen), ...more }, lastAt);
  }

  #event(seen: Seen, { at, key, foundBy, text }: Report): Event {
    const { recent, omitted, id } = seen;
    return {
      event: 'kernel-fault',
      kind: systemFault.name,
      id,
      at,
      foundBy,
      attributes: {
        ...this.#facts(seen),
        text: text.slice(0, textCharsMax),
        recent: recent.length,
        omitted,
      },
      key,
    };
  }
}
