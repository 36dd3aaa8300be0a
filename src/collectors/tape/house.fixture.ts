/** A house for the collector: a captured machine that can change, fake doors, and what was told. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  type Capture,
  capturedFiles,
  changed,
  type Entry,
  readCapture,
} from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { defaultsOf, type ValuesOf } from '../../config/readers.ts';
import type { AttributeReading, Event, Reading } from '../../domain/reading.ts';
import type { Known, Resource } from '../../domain/resource.ts';
import type { Files } from '../../platform/files.ts';
import type { ProbeOutcome, StuckProbe } from '../../platform/probes.ts';
import type { RunningCollector, Watcher } from '../collector.ts';
import { tape } from './collector.ts';
import { tapeSettings } from './settings.ts';

export const capture = (name: string): Capture =>
  readCapture(join(import.meta.dirname, 'fixtures'), name);

export const folderOf = (address: string): string => {
  const [host = '', channel = '', target = ''] = address.split(':');
  return `/sys/devices/mhvtl_pseudo/adapter0/host${host}/target${host}:${channel}:${target}/${address}`;
};

type Attributes = Readonly<Record<string, AttributeReading>>;

export interface House {
  readonly clock: FakeClock;
  /** The door to files; a test may put another read in its place. */
  readonly files: { -readonly [K in keyof Files]: Files[K] };
  readonly running: RunningCollector;
  /** All attributes as an inventory would have them, by `tape.drive XYZZY_A1`. */
  readonly known: Map<string, Attributes>;
  readonly events: Event[];
  readonly cursors: Map<string, string>;
  /** What was told since it was last emptied: `tape.drive XYZZY_A1 state=offline`. */
  readonly told: string[];
  readonly blind: (string | null)[];
  /** Command lines in the order in which they were begun. */
  readonly asked: string[];
  readonly stuck: StuckProbe[];
  readonly vtl: Resource[];
  /** Answers the next commands; the default says that no program is installed. */
  answer: (line: string, object: string) => ProbeOutcome | Promise<ProbeOutcome>;
  show(capture: Capture): void;
  change(changes: Readonly<Record<string, string | Entry | undefined>>): void;
  hint(path: string): void;
  /** A complete look; the drawn resources. */
  look(): Promise<Reading>;
  watch(): void;
  stop(): Promise<void>;
  of(id: string, kind?: string): Attributes;
}

export const ended = (stdout: string, exitStatus = 0, stderr = ''): ProbeOutcome => ({
  type: 'ended',
  exitStatus,
  signal: null,
  stdout,
  stderr,
  truncated: false,
});

/** A resource of the VTL collector. */
export const vtlResource = (kind: string, id: string, attributes: Attributes): Resource => ({
  kind,
  id,
  collector: 'vtl',
  attributes,
  changedAt: 0,
  readAt: 0,
  staleSince: null,
});

function fold(house: Pick<House, 'known' | 'told' | 'events'>, reading: Reading): void {
  assert.ok(reading.type === 'complete' || reading.type === 'partial' || reading.type === 'absent');
  const { known, told, events } = house;
  if (reading.type === 'absent') {
    known.clear();
    return;
  }
  events.push(...reading.events);
  if (reading.type === 'complete') known.clear();
  else for (const { kind, id } of reading.gone) known.delete(`${kind} ${id}`);
  for (const { kind, id, attributes } of reading.resources) {
    const key = `${kind} ${id}`;
    known.set(key, { ...known.get(key), ...attributes });
    if (reading.type === 'partial')
      for (const [name, value] of Object.entries(attributes))
        told.push(`${key} ${name}=${JSON.stringify(value)}`);
  }
}

/** The door to files of a machine that can change. */
function createMachine(first: Capture): {
  files: Files;
  show(next: Capture): void;
  shown(): Capture;
} {
  let shown = first;
  let files = capturedFiles(first);
  return {
    shown: () => shown,
    show: (next) => {
      shown = next;
      files = capturedFiles(next);
    },
    files: {
      readText: (path) => files.readText(path),
      readAttribute: (path) => files.readAttribute(path),
      readBinary: (path) => files.readBinary(path),
      list: (path) => files.list(path),
      readLink: (path) => files.readLink(path),
      stat: (path) => files.stat(path),
    },
  };
}

function createWatcher(house: House, signal: AbortSignal): Watcher {
  const { blind, cursors } = house;
  return {
    tell: (reading) => fold(house, reading),
    lookAgain: () => {},
    blind: () => assert.fail('the collector is never blind as a whole'),
    seeing: () => {},
    blindPart: (part, why) => void blind.push(why === null ? null : `${part}: ${why}`),
    recovered: () => {},
    saveCursor: (name, value) => void cursors.set(name, value),
    cursor: (name) => cursors.get(name),
    lastSeenAt: undefined,
    wasStored: () => false,
    signal,
  };
}

const knownOf = (resources: readonly Resource[]): Known => ({
  find: (kind, id) => resources.find((one) => one.kind === kind && one.id === id),
  list: (kind) => resources.filter((one) => one.kind === kind),
});

/** What was told, asked and kept; nothing of it at the start. */
const nothingYet = (): Pick<
  House,
  'known' | 'events' | 'told' | 'blind' | 'asked' | 'stuck' | 'vtl'
> => ({ known: new Map(), events: [], told: [], blind: [], asked: [], stuck: [], vtl: [] });

export function build(
  first: Capture,
  settings: Partial<ValuesOf<typeof tapeSettings>> = {},
  cursors = new Map<string, string>(),
  clock = new FakeClock(),
): House {
  const abort = new AbortController();
  const machine = createMachine(first);
  let hinted = (_path: string): void => {};
  let watching: Promise<void> | undefined;
  const yet = nothingYet();
  const ports: Parameters<typeof tape.start>[0] = {
    clock,
    files: machine.files,
    folders: {
      watch: (_paths, listener) => {
        hinted = (path) => listener.changed(path);
      },
    },
    known: knownOf(yet.vtl),
    probes: {
      run: async (object, argv) => {
        house.asked.push(argv.join(' '));
        return await house.answer(argv.join(' '), object);
      },
      stuck: () => house.stuck,
    },
    roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
  };
  const running = tape.start(ports, { ...defaultsOf(tapeSettings), ...settings });
  const house: House = {
    clock,
    files: machine.files,
    running,
    cursors,
    ...yet,
    show: (next) => machine.show(next),
    hint: (path) => hinted(path),
    answer: () => ({ type: 'missing', why: 'ENOENT' }),
    change: (changes) => machine.show(changed(machine.shown(), changes)),
    look: async () => {
      const reading = await running.collect(abort.signal);
      if (reading.type !== 'failed') fold(house, reading);
      return reading;
    },
    watch: () => {
      watching = running.watch?.(createWatcher(house, abort.signal));
    },
    stop: async () => {
      abort.abort();
      await watching;
    },
    of: (id, kind = 'tape.drive') => {
      const attributes = house.known.get(`${kind} ${id}`);
      assert.ok(attributes, `there is no ${kind} ${id}`);
      return attributes;
    },
  };
  return house;
}
