/** A captured kernel with the real settings of mhvtl, and what the other collectors would know. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Capture,
  capturedFiles,
  changed,
  readCapture,
} from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import {
  type AttributeReading,
  isUnreadable,
  type Reading,
  type ResourceReading,
  refKey,
} from '../../domain/reading.ts';
import type { Known, Resource } from '../../domain/resource.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import type { RunningCollector, Watcher } from '../collector.ts';
import { vtl } from './collector.ts';

const here = import.meta.dirname;
const tapeFixtures = join(here, '..', 'tape', 'fixtures');
const settings = ['device.conf', 'library_contents.10', 'library_contents.30', 'mhvtl.conf'];

export const settingsText = (name: string): string =>
  readFileSync(join(here, 'fixtures', name), 'utf8');

const states = new Map<string, Capture>();

/** A captured state of the tape machine, with the settings that it ran with. */
export function captured(state: string): Capture {
  const texts = settings.map((name) => [`/etc/mhvtl/${name}`, settingsText(name)]);
  const found =
    states.get(state) ?? changed(readCapture(tapeFixtures, state), Object.fromEntries(texts));
  states.set(state, found);
  return found;
}

export const ended = (stdout: string, exitStatus = 0, stderr = ''): ProbeOutcome => ({
  type: 'ended',
  exitStatus,
  signal: null,
  stdout,
  stderr,
  truncated: false,
});

const daemons = ['10', '30', '11', '12', '13', '14', '31', '32', '33', '34'];
export const unitName = (id: string): string =>
  `${id === '10' || id === '30' ? 'vtllibrary' : 'vtltape'}@${id}.service`;

type Facts = Readonly<Record<string, AttributeReading>>;

/** Everything around the collector, which a test can change at any time. */
export class Appliance {
  readonly clock = new FakeClock();
  readonly startedAt = this.clock.now() - 3_600_000;
  readonly told: Reading[] = [];
  readonly saved = new Map<string, string>();
  readonly eyes = new Map<string, string | null>();
  readonly asked: string[] = [];
  /** Listeners to changes of the settings. */
  settingsChanged: () => void = () => {};
  capture: Capture;
  /** 30 % used, and every listed cartridge has its files. */
  store: (argv: readonly string[]) => ProbeOutcome | Promise<ProbeOutcome>;
  readonly #resources = new Map<string, Resource>();
  readonly #stop = new AbortController();

  constructor(capture: Capture) {
    this.capture = capture;
    const names = settings.slice(1, 3).flatMap((name) => settingsText(name).match(/\S+[LT]\w$/gm));
    const listing = names.flatMap((name) => [`${name}/data`, `${name}/indx`, `${name}/meta`]);
    this.store = ([program]) =>
      ended(program === 'stat' ? '1000000 700000 700000 4096 1000 900' : listing.join('\n'));
  }

  /** Makes known what another collector sees; undefined takes it away. */
  know(kind: string, id: string, attributes: Facts | undefined, staleSince: number | null = null) {
    const at = this.clock.now();
    const resource = { kind, id, collector: 'other', changedAt: at, readAt: at, staleSince };
    if (attributes === undefined) this.#resources.delete(refKey({ kind, id }));
    else this.#resources.set(refKey({ kind, id }), { ...resource, attributes });
  }

  /** All daemons run since an hour before, but those named. */
  knowDaemons(...down: readonly string[]): void {
    const { startedAt } = this;
    this.know('systemd.manager', 'system', { systemState: 'running' });
    this.know('systemd.unit', 'mhvtl.target', { activeState: 'active', activeEnterAt: startedAt });
    for (const id of daemons) {
      const activeState = down.includes(id) ? 'failed' : 'active';
      this.know('systemd.unit', unitName(id), { activeState, activeEnterAt: startedAt });
    }
  }

  start(): RunningCollector {
    const known: Known = {
      find: (kind, id) => this.#resources.get(refKey({ kind, id })),
      list: (kind) => [...this.#resources.values()].filter((one) => one.kind === kind),
    };
    const probes: Probes = {
      run: async (object, argv) => {
        this.asked.push(`${object}: ${argv[0]}`);
        return this.store(argv);
      },
      stuck: () => [],
    };
    let shownCapture = this.capture;
    let shownFiles = capturedFiles(shownCapture);
    // Each call sees the capture of that moment.
    const files = new Proxy(shownFiles, {
      get: (_target, name) => {
        if (shownCapture !== this.capture) {
          shownCapture = this.capture;
          shownFiles = capturedFiles(shownCapture);
        }
        return Reflect.get(shownFiles, name);
      },
    });
    return vtl.start(
      {
        clock: this.clock,
        files,
        roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
        known,
        probes,
        folders: {
          watch: (_paths, listener) => {
            this.settingsChanged = () => listener.changed('/etc/mhvtl/device.conf');
          },
        },
      },
      {},
    );
  }

  watcher(): Watcher {
    return {
      tell: (reading) => void this.told.push(reading),
      lookAgain: () => {},
      blind: () => {},
      seeing: () => {},
      blindPart: (part, why) => void this.eyes.set(part, why),
      recovered: () => {},
      saveCursor: (name, value) => void this.saved.set(name, value),
      cursor: (name) => this.saved.get(name),
      lastSeenAt: undefined,
      wasStored: () => false,
      signal: this.#stop.signal,
    };
  }

  stop(): void {
    this.#stop.abort();
  }
}

export async function look(collector: RunningCollector): Promise<readonly ResourceReading[]> {
  const found = await collector.collect(new AbortController().signal);
  return found.type === 'complete' ? found.resources : [];
}

/** `11 library=10 loaded=- state=!EIO`: the attributes named, of the resources of one kind. */
export const shown = (
  resources: readonly ResourceReading[],
  kind: string,
  ...names: readonly string[]
): string[] =>
  resources
    .filter((one) => one.kind === kind)
    .map(({ id, attributes }) =>
      [id, ...names.map((name) => `${name}=${spelled(attributes[name])}`)].join(' '),
    );

const spelled = (value: AttributeReading | undefined): string =>
  isUnreadable(value) ? `!${value.unreadable}` : String(value ?? '-');
