/**
 * The machine that is watched: what is true of each resource now, and who sees it. Most of it is
 * units that need each other, and devices with LUNs, targets and sessions.
 */
import { collectors, kinds } from '../../src/collectors/registry.ts';
import type {
  AttributeReading,
  Event,
  Reading,
  ResourceReading,
  ResourceRef,
} from '../../src/domain/reading.ts';
import { complete, partial, refKey } from '../../src/domain/reading.ts';
import type { Chance } from './chance.ts';

export type Facts = Readonly<Record<string, AttributeReading>>;

/** Each kind is seen by the first collector that declares it; tocsin's own by nobody here. */
export const collectorOf: ReadonlyMap<string, string> = new Map(
  kinds.flatMap(({ name }) => {
    const owner = collectors.find((one) => one.kinds.some((kind) => kind.name === name));
    return owner === undefined ? [] : [[name, owner.name]];
  }),
);

const unit: Facts = {
  type: 'service',
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  description: 'A unit',
  watched: true,
  declared: false,
  mustRun: false,
  wanted: true,
  present: true,
  oneshot: false,
  restarting: false,
  gaveUp: false,
  needDaemonReload: false,
  nRestarts: 0,
  execMainCode: 'exited',
  execMainStatus: 0,
};

const device: Facts = {
  present: true,
  declared: true,
  active: true,
  exports: 1,
  blocked: 0,
  handler: 'vdisk_fileio',
  backingPresent: true,
  readOnly: false,
  declaredReadOnly: false,
};

const target: Facts = { present: true, declared: true, declaredEnabled: true, enabled: true };

const repository: Facts = {
  configured: true,
  reachable: true,
  mounted: true,
  readOnly: false,
  declaredReadOnly: false,
  usedRatio: 0.5,
  inodesUsedRatio: 0.1,
};

/** Facts that make an alert, and those that end it. */
export interface Fault {
  readonly kind: string;
  readonly bad: Facts;
  readonly good: Facts;
}

export const faults: readonly [Fault, ...Fault[]] = [
  {
    kind: 'systemd.unit',
    bad: { activeState: 'failed', subState: 'failed', result: 'exit-code' },
    good: { activeState: 'active', subState: 'running', result: 'success', gaveUp: false },
  },
  {
    kind: 'systemd.unit',
    bad: { activeState: 'failed', subState: 'failed', result: 'exit-code', gaveUp: true },
    good: { activeState: 'active', subState: 'running', result: 'success', gaveUp: false },
  },
  {
    kind: 'systemd.unit',
    bad: { activeState: 'activating', subState: 'start' },
    good: { activeState: 'active', subState: 'running' },
  },
  { kind: 'scst.device', bad: { backingPresent: false }, good: { backingPresent: true } },
  { kind: 'scst.device', bad: { active: false }, good: { active: true } },
  { kind: 'scst.target', bad: { enabled: false }, good: { enabled: true } },
  { kind: 'scst.target', bad: { present: false }, good: { present: true } },
  { kind: 'storage.repository', bad: { usedRatio: 0.9 }, good: { usedRatio: 0.4 } },
  { kind: 'storage.repository', bad: { usedRatio: 0.97 }, good: { usedRatio: 0.85 } },
  { kind: 'storage.repository', bad: { reachable: false }, good: { reachable: true } },
];

export class Plant {
  readonly #facts = new Map<string, ResourceReading>();
  readonly #byKind = new Map<string, ResourceRef[]>();
  /** Collectors that cannot see. */
  readonly blind = new Set<string>();
  /** What each unit is needed by. */
  readonly needy = new Map<string, string[]>();
  #events = 0;

  constructor(size: number, chance: Chance) {
    this.#addUnits(Math.ceil(size * 0.6), chance);
    this.#addScst(Math.ceil(size * 0.3), chance);
    for (let i = 0; i < Math.ceil(size * 0.1); i++)
      this.set({ kind: 'storage.repository', id: `repository-${i}` }, repository);
  }

  get size(): number {
    return this.#facts.size;
  }

  set(ref: ResourceRef, facts: Facts): ResourceReading {
    const key = refKey(ref);
    const before = this.#facts.get(key);
    const attributes = { ...before?.attributes, ...facts };
    const { kind, id } = ref;
    this.#facts.set(key, { kind, id, attributes });
    if (before === undefined) {
      const all = this.#byKind.get(kind) ?? [];
      this.#byKind.set(kind, all);
      all.push(ref);
    }
    return { kind, id, attributes: facts };
  }

  remove(ref: ResourceRef): void {
    this.#facts.delete(refKey(ref));
    const all = this.#byKind.get(ref.kind);
    if (all !== undefined)
      this.#byKind.set(
        ref.kind,
        all.filter(({ id }) => id !== ref.id),
      );
  }

  find(ref: ResourceRef): Facts | undefined {
    return this.#facts.get(refKey(ref))?.attributes;
  }

  pick(kind: string, chance: Chance): ResourceRef | undefined {
    return chance.pick(this.#byKind.get(kind) ?? []);
  }

  /** All that one collector sees. */
  readingOf(collector: string): Reading {
    const seen = [...this.#facts.values()].filter(
      ({ kind }) => collectorOf.get(kind) === collector,
    );
    return complete(seen);
  }

  /** A unit's run ended badly. */
  runFailed(id: string, at: number): Reading {
    this.#events += 1;
    const event: Event = {
      event: 'run-failed',
      kind: 'systemd.unit',
      id,
      at,
      foundBy: 'signal',
      attributes: {},
      key: `run-${this.#events}`,
    };
    return partial([], { events: [event] });
  }

  #addUnits(count: number, chance: Chance): void {
    for (let i = 0; i < count; i++) {
      const id = `unit-${i}.service`;
      // Every tenth is a root of its own; the others need one or two that came before.
      const needs =
        i % 10 === 0 ? [] : [...new Set([this.#before(i, chance), this.#before(i, chance)])];
      for (const other of needs) this.needy.set(other, [...(this.needy.get(other) ?? []), id]);
      this.set({ kind: 'systemd.unit', id }, { ...unit, needs: needs.join(' ') });
    }
  }

  #before(i: number, chance: Chance): string {
    const root = i - (i % 10);
    return `unit-${root + Math.floor(chance.between(0, i - root))}.service`;
  }

  #addScst(count: number, chance: Chance): void {
    const targets = Math.ceil(count / 20);
    for (let i = 0; i < targets; i++)
      this.set({ kind: 'scst.target', id: `iscsi/iqn.${i}` }, { ...target, driver: 'iscsi' });
    for (let i = 0; i < Math.ceil(count / 2); i++) {
      const of = `iscsi/iqn.${Math.floor(chance.between(0, targets))}`;
      this.set({ kind: 'scst.device', id: `disk${i}` }, device);
      const facts = { target: of, device: `disk${i}`, present: true, declared: true };
      this.set({ kind: 'scst.lun', id: `${of}/${i}` }, { ...facts, wrongDevice: false });
    }
  }
}
