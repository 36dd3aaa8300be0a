/** An SCST of a capture, behind fake doors: files of the capture, and children that answer. */
import { join } from 'node:path';
import {
  type Capture,
  capturedFiles,
  changed,
  readCapture,
} from '../../../test/support/captures.ts';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import type { AttributeReading, Reading } from '../../domain/reading.ts';
import { refKey } from '../../domain/reading.ts';
import type { Known, Resource } from '../../domain/resource.ts';
import { createInventory } from '../../inventory/create.ts';
import { type Files, systemFiles } from '../../platform/files.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import { scst } from './collector.ts';

const folder = join(import.meta.dirname, 'fixtures');
export const tgt = '/sys/kernel/scst_tgt';
export const backup1 = 'iqn.2024-01.com.example:backup1';
export const vm = 'iqn.1993-08.org.debian:01:scstvm';
export const sessionPath = `${tgt}/targets/iscsi/${backup1}/sessions/${vm}`;

/** What the configuration was while a state was captured. */
const confOf = (state: string): string | undefined => {
  if (/^(d-|i-)/.test(state)) return undefined;
  return /^(vi-|v-f)/.test(state) ? 'scst-vi.conf' : 'scst-ii.conf';
};

export const captureOf = (state: string, conf = confOf(state)): Capture => {
  const capture = readCapture(folder, state);
  if (conf === undefined) return capture;
  const text = systemFiles.readText(join(folder, conf)) ?? '';
  return changed(capture, { '/etc/scst.conf': text, '/dev/block/7:0': '' });
};

export type Answer = (argv: readonly string[]) => ProbeOutcome | Promise<ProbeOutcome>;

const ended = (stdout: string, stderr = ''): ProbeOutcome => ({
  type: 'ended',
  exitStatus: stderr === '' ? 0 : 1,
  signal: null,
  stdout,
  stderr,
  truncated: false,
});

/** Answers as grep and stat do; of files outside /sys only those in `missing` are not there. */
export const answerFrom =
  (files: () => Files, missing: readonly string[] = []): Answer =>
  (argv) => {
    const names = argv.slice(argv.indexOf('--') + 1);
    if (argv[0] === 'grep') {
      const found = names.map((name) => [name, files().readAttribute(name)]);
      return ended(found.flatMap(([n, v]) => (v === undefined ? [] : `${n}:${v}\n`)).join(''));
    }
    const gone = (name: string): boolean => missing.includes(name);
    const type = (name: string): string =>
      name.startsWith('/dev/') ? 'block special file' : 'regular file';
    return ended(
      names.flatMap((name) => (gone(name) ? [] : `${type(name)}\t${name}\n`)).join(''),
      names
        .filter(gone)
        .map((name) => `stat: cannot statx '${name}': No such file or directory\n`)
        .join(''),
    );
  };

export interface House {
  readonly clock: FakeClock;
  /** What has been told, in order, the complete readings too. */
  readonly readings: Reading[];
  readonly cursors: Map<string, string>;
  readonly lookedAgain: string[];
  /** The files from now on. */
  readonly show: (capture: Capture | Files) => void;
  readonly collect: () => Promise<Reading>;
  readonly pass: (seconds: number) => Promise<void>;
  readonly resource: (kind: string, id: string) => Resource | undefined;
  readonly resources: () => readonly Resource[];
  readonly stop: () => void;
}

export interface HouseOptions {
  readonly answer?: (files: () => Files) => Answer;
  readonly cursors?: Map<string, string>;
  readonly clock?: FakeClock;
  readonly units?: Readonly<Record<string, string>>;
}

const isFiles = (shown: Capture | Files): shown is Files => 'readText' in shown;

/** A door that always leads to what is shown at the moment. */
const following = (now: () => Files): Files => ({
  readText: (path) => now().readText(path),
  readAttribute: (path) => now().readAttribute(path),
  readBinary: (path) => now().readBinary(path),
  list: (path) => now().list(path),
  readLink: (path) => now().readLink(path),
  stat: (path) => now().stat(path),
});

/** What systemd's collector knows: the state of the unit files that are named. */
const knowing = (units: Readonly<Record<string, string>>): Known => ({
  find: (kind: string, id: string) => {
    const unitFileState = units[id];
    if (kind !== 'systemd.unit' || unitFileState === undefined) return undefined;
    const times = { changedAt: 0, readAt: 0, staleSince: null };
    return { kind, id, collector: 'systemd', attributes: { unitFileState }, ...times };
  },
  list: () => [],
});

/** A running collector with an inventory behind it, watching. */
export function open(first: Capture | Files, options: HouseOptions = {}): House {
  const { clock = new FakeClock(), cursors = new Map<string, string>(), units = {} } = options;
  const toFiles = (shown: Capture | Files): Files =>
    isFiles(shown) ? shown : capturedFiles(shown);
  let now = toFiles(first);
  const files = following(() => now);
  const answer = (options.answer ?? answerFrom)(() => now);
  const probes: Probes = {
    run: async (_object, argv) => await answer(argv),
    stuck: () => [],
  };
  const inventory = createInventory();
  const readings: Reading[] = [];
  const lookedAgain: string[] = [];
  const abort = new AbortController();
  const roots = { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' };
  const known = knowing(units);
  const running = scst.start({ clock, files, roots, probes, known }, {});
  const tell = (reading: Reading): void => {
    readings.push(reading);
    inventory.apply('scst', reading, clock.now());
  };
  void running.watch?.({
    tell,
    lookAgain: (why) => lookedAgain.push(why),
    blind: () => {},
    seeing: () => {},
    blindPart: () => {},
    recovered: () => {},
    saveCursor: (name, value) => void cursors.set(name, value),
    cursor: (name) => cursors.get(name),
    lastSeenAt: undefined,
    wasStored: () => false,
    signal: abort.signal,
  });
  return {
    clock,
    readings,
    cursors,
    lookedAgain,
    show: (shown) => {
      now = toFiles(shown);
    },
    collect: async () => {
      const reading = await running.collect(abort.signal);
      tell(reading);
      await settled();
      return reading;
    },
    pass: (n) => clock.advance(n * 1000),
    resource: (kind, id) => inventory.find({ kind, id }),
    resources: () => inventory.list(),
    stop: () => abort.abort(),
  };
}

const start = new FakeClock().now();

function drawFact(name: string, fact: AttributeReading): string {
  if (fact === true) return name;
  if (fact === false) return `!${name}`;
  if (typeof fact === 'object') return `${name}=${fact === null ? '-' : `?(${fact.unreadable})`}`;
  if (/(At|Since)$/.test(name)) return `${name}=+${(Number(fact) - start) / 1000}s`;
  return `${name}=${fact}`;
}

/** One line for a resource; what does not apply is left out. */
export const drawResource = (resource: Pick<Resource, 'kind' | 'id' | 'attributes'>): string =>
  `${refKey(resource)}: ${Object.entries(resource.attributes)
    .filter(([, fact]) => fact !== null)
    .map(([name, fact]) => drawFact(name, fact))
    .join(' ')}`;

/** What a reading tells: differences with null shown, what is gone, what happened. */
export function drawReading(reading: Reading): readonly string[] {
  if (!('resources' in reading)) return [`${reading.type}: ${reading.why}`];
  const draw = ({ kind, id, attributes }: (typeof reading.resources)[number]): string =>
    `${refKey({ kind, id })}: ${Object.entries(attributes)
      .map(([name, fact]) => drawFact(name, fact))
      .join(' ')}`;
  const gone = reading.type === 'partial' ? reading.gone.map((ref) => `- ${refKey(ref)}`) : [];
  const events = reading.events.map(({ event, id, foundBy }) => `! ${event} ${id} (${foundBy})`);
  return [...reading.resources.map(draw), ...gone, ...events];
}
