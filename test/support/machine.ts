/**
 * A machine made of a captured tree: real collectors look at it with real doors (files, children),
 * inventory, rules and engine judge it, and only the time is ours. What the daemon would say after
 * so many minutes is there in milliseconds.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type {
  Collector,
  Ports,
  RunningCollector,
  Watcher,
} from '../../src/collectors/collector.ts';
import { kinds } from '../../src/collectors/registry.ts';
import { defaultsOf } from '../../src/config/readers.ts';
import type { Alert, Change } from '../../src/domain/alert.ts';
import type { Event, Reading } from '../../src/domain/reading.ts';
import type { Difference, Resource } from '../../src/domain/resource.ts';
import type { Ms } from '../../src/domain/time.ts';
import { seconds } from '../../src/domain/time.ts';
import { createInventory } from '../../src/inventory/create.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { createCalendar } from '../../src/platform/calendar.ts';
import { systemCommand } from '../../src/platform/command.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { createProbes } from '../../src/platform/probes.ts';
import { createEngine, emptyMemory } from '../../src/rules/engine/create.ts';
import type { Engine } from '../../src/rules/engine.ts';
import { loadRules } from '../../src/rules/files/load.ts';
import { type Capture, plantTree } from './captures.ts';
import { FakeClock, settled } from './fake-clock.ts';

const collectorsFolder = join(import.meta.dirname, '../../src/collectors');

const shippedRules = () => {
  const files = readdirSync(collectorsFolder).flatMap((name) => {
    const path = join(collectorsFolder, name, 'rules.yaml');
    const text = systemFiles.readText(path);
    return text === undefined ? [] : [{ folder: 0, name: `${name}.yaml`, path, text }];
  });
  const { rules, complaints } = loadRules(files, kinds);
  if (rules === undefined) throw new Error(JSON.stringify(complaints));
  return rules;
};
const rules = shippedRules();
const variables = new Map(kinds.map(({ name, variable }) => [name, variable]));

/** Tells when no child runs any more: time stands meanwhile. */
class Children {
  readonly #running = new Set<Promise<unknown>>();

  follow<T>(promise: Promise<T>): Promise<T> {
    this.#running.add(promise);
    void promise.finally(() => this.#running.delete(promise));
    return promise;
  }

  async idle(): Promise<void> {
    await settled();
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running);
      await settled();
    }
  }
}

export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'tocsin-machine-'));
  readonly clock = new FakeClock();
  readonly inventory: Inventory = createInventory();
  readonly changes: Change[] = [];
  readonly events: Event[] = [];
  readonly #engine: Engine;
  readonly #children = new Children();
  readonly #stop = new AbortController();
  readonly #running: readonly { readonly name: string; readonly running: RunningCollector }[];
  readonly #cursors = new Map<string, string>();

  constructor(collectors: readonly Collector[], capture: Capture, files: Files = {}) {
    this.#engine = createEngine(
      rules,
      emptyMemory,
      this.inventory.past,
      (kind) => variables.get(kind) ?? 'resource',
    );
    this.become(capture, files);
    const ports = this.#ports();
    this.#running = collectors.map((collector) => ({
      name: collector.name,
      running: collector.start(ports, defaultsOf(collector.settings)),
    }));
    for (const { name, running } of this.#running) {
      void running.watch?.(this.#watcher(name));
    }
  }

  /** The machine is in another state from now on. */
  become(capture: Capture, files: Files = {}): void {
    for (const name of readdirSync(this.root)) {
      rmSync(join(this.root, name), { recursive: true, force: true });
    }
    plantTree(capture, this.root);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      if (typeof text === 'string') writeFileSync(join(this.root, path), text);
      else cpSync(text.folder, join(this.root, path), { recursive: true });
    }
  }

  /** Each collector looks at all; then `duration` passes, with all that watching sees in it. */
  async pass(duration: Ms, step: Ms = seconds(1)): Promise<void> {
    await this.#look();
    for (let passed = 0; passed < duration; passed += step) {
      await this.clock.advance(step);
      await this.#children.idle();
      this.#judge(() => []);
      if ((passed + step) % seconds(30) === 0) await this.#look();
    }
  }

  active(): readonly Alert[] {
    return this.#engine.active();
  }

  resources(): readonly Resource[] {
    return this.inventory.list();
  }

  end(): void {
    this.#stop.abort();
    rmSync(this.root, { recursive: true, force: true });
  }

  async #look(): Promise<void> {
    for (const { name, running } of this.#running) {
      const reading = await running.collect(this.#stop.signal);
      await this.#children.idle();
      this.#tell(name, reading);
    }
  }

  #tell(collector: string, reading: Reading): void {
    this.#judge((now) => this.inventory.apply(collector, reading, now));
  }

  #judge(step: (now: number) => readonly Difference[]): void {
    const now = this.clock.now();
    const differences = step(now);
    for (const one of differences) if (one.type === 'happened') this.events.push(one.event);
    this.changes.push(...this.#engine.apply(differences, now), ...this.#engine.advance(now));
  }

  #ports(): Ports {
    const { clock, root } = this;
    const started = createProbes(systemCommand, clock);
    const probes: Ports['probes'] = {
      run: (object, argv, options) => this.#children.follow(started.run(object, argv, options)),
      stuck: () => started.stuck(),
    };
    const refuse = (): never => {
      throw new Error('there is no such door in a captured tree');
    };
    return {
      clock,
      files: systemFiles,
      command: { run: (argv, options) => systemCommand.run(argv, options), follow: refuse },
      journal: { follow: refuse, lines: refuse } as object as Ports['journal'],
      systemBus: { connect: refuse } as object as Ports['systemBus'],
      roots: {
        sysfs: join(root, 'sys'),
        proc: join(root, 'proc'),
        dev: join(root, 'dev'),
        etc: join(root, 'etc'),
      },
      known: this.inventory.known,
      probes,
      calendar: createCalendar(probes),
      folders: { watch: () => {} },
      reports: { list: () => [], since: 0 },
    };
  }

  #watcher(name: string): Watcher {
    return {
      tell: (reading) => this.#tell(name, reading),
      lookAgain: () => {},
      blind: () => {},
      seeing: () => {},
      blindPart: () => {},
      recovered: () => {},
      saveCursor: (cursor, value) => this.#cursors.set(`${name}/${cursor}`, value),
      cursor: (cursor) => this.#cursors.get(`${name}/${cursor}`),
      lastSeenAt: undefined,
      wasStored: () => false,
      signal: this.#stop.signal,
    };
  }
}

/** Further files of the machine: text, or a real folder that is copied. */
export type Files = Readonly<Record<string, string | { readonly folder: string }>>;
