/** A storage collector in a house of its own: captured files, scripted probes, a clock that waits. */
import { readFileSync } from 'node:fs';
import {
  type Capture,
  capturedFiles,
  changed,
  type Entry,
} from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { defaultsOf, type ValuesOf } from '../../config/readers.ts';
import { isUnreadable, type Reading, type ResourceReading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import type { Watcher } from '../collector.ts';
import { Session } from './session.ts';
import { storageSettings } from './settings.ts';

export type Changes = Readonly<Record<string, string | Entry | undefined>>;

export const fixture = (name: string): string =>
  readFileSync(`${import.meta.dirname}/fixtures/${name}`, 'utf8');

export const said = (stdout: string): ProbeOutcome => ({
  type: 'ended',
  exitStatus: 0,
  signal: null,
  stdout,
  stderr: '',
  truncated: false,
});

export const failed = (stderr: string, exitStatus = 1): ProbeOutcome => ({
  type: 'ended',
  exitStatus,
  signal: null,
  stdout: '',
  stderr,
  truncated: false,
});

/** The half of a terabyte is used. */
const halfFull = said('1000 500 450 1000 100 90\n');

type Answer = ProbeOutcome | Promise<ProbeOutcome>;

export class House {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  /** Answers by object (`mount /srv`); a mount that is not named is half full. */
  readonly answers = new Map<string, (argv: readonly string[]) => Answer>();
  readonly asked: string[] = [];
  readonly told: Reading[] = [];
  readonly looks: string[] = [];
  readonly blind = new Map<string, string | null>();
  readonly cursors: Map<string, string>;
  readonly units: Resource[] = [];
  readonly session: Session;
  saves = 0;
  #capture: Capture;

  constructor(
    files: Changes,
    settings: Partial<ValuesOf<typeof storageSettings>> = {},
    cursors = new Map<string, string>(),
    probes?: Probes,
  ) {
    this.#capture = changed(new Map(), files);
    this.cursors = cursors;
    const live = <T extends object>(current: () => T): T =>
      new Proxy({} as T, { get: (_, name) => Reflect.get(current(), name) as unknown });
    this.session = new Session(
      {
        clock: this.clock,
        files: live(() => capturedFiles(this.#capture)),
        probes: probes ?? { run: (object, argv) => this.#answer(object, argv), stuck: () => [] },
        systemBus: { connect: () => Promise.resolve({ type: 'refused', why: 'no bus' }) },
        roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
        known: { find: () => undefined, list: () => this.units },
      },
      { ...defaultsOf(storageSettings), ...settings },
    );
  }

  change(changes: Changes): void {
    this.#capture = changed(this.#capture, changes);
  }

  watch(): Promise<void> {
    const watcher: Watcher = {
      tell: (reading) => this.told.push(reading),
      lookAgain: (why) => this.looks.push(why),
      blind: () => {},
      seeing: () => {},
      blindPart: (part, why) => this.blind.set(part, why),
      recovered: () => {},
      saveCursor: (name, value) => {
        this.saves++;
        this.cursors.set(name, value);
      },
      cursor: (name) => this.cursors.get(name),
      lastSeenAt: undefined,
      wasStored: () => false,
      signal: this.abort.signal,
    };
    return this.session.watch(watcher);
  }

  async collect(): Promise<readonly ResourceReading[]> {
    this.asked.length = 0;
    const reading = await this.session.collect(this.abort.signal);
    if (reading.type !== 'complete') throw new Error(`not complete: ${JSON.stringify(reading)}`);
    return reading.resources;
  }

  async #answer(object: string, argv: readonly string[]): Promise<ProbeOutcome> {
    this.asked.push(object);
    const answer = this.answers.get(object);
    if (answer) return answer(argv);
    return object.startsWith('mount ') ? halfFull : { type: 'missing', why: 'no such command' };
  }
}

/** Attributes of one resource; unreadable ones as `! why`. */
export function attributesOf(
  resources: readonly ResourceReading[],
  id: string,
): Readonly<Record<string, unknown>> {
  const found = resources.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not among ${idsOf(resources).join(', ')}`);
  return Object.fromEntries(
    Object.entries(found.attributes).map(([name, value]) => [
      name,
      isUnreadable(value) ? `! ${value.unreadable}` : value,
    ]),
  );
}

export const idsOf = (resources: readonly ResourceReading[]): string[] =>
  resources.map(({ id }) => id);

/** Only the named ones. */
export const pick = (
  attributes: Readonly<Record<string, unknown>>,
  ...names: readonly string[]
): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, attributes[name]]));
