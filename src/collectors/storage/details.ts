/**
 * What only commands and other services know, kept until it is asked again: details of pools,
 * LVM, datasets that are not mounted, SMART. Each has a pace of its own; what refuses is asked
 * less often.
 */
import { type Ms, minutes } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Probes } from '../../platform/probes.ts';
import type { SystemBus } from '../../platform/system-bus.ts';
import type { Look } from '../statfs.ts';
import type { Asking } from './asking.ts';
import type { Disk } from './disks.ts';
import { createLane } from './lane.ts';
import { askLvm, type LvmDetails } from './lvm.ts';
import { readUdisks, type Smart, type SmartBySign, smartOf } from './smart.ts';
import { askSmartctl } from './smartctl.ts';
import { askDataset, askZpool, type ZpoolDetails } from './zfs.ts';

/** rules.md asks for 60 s; a little less, so that every second look of 30 s asks. */
const commandEvery: Ms = minutes(1) - 5000;
/** A command that is not allowed or not there will not be so a minute later. */
const refusedEvery: Ms = minutes(10);
/** udisks2 reads the disks every ten minutes. */
const udisksEvery: Ms = minutes(5);
const smartctlEvery: Ms = minutes(30);
const poolsAtOnceMax = 4;

export interface DetailPorts {
  readonly clock: Clock;
  readonly probes: Probes;
  readonly systemBus: SystemBus;
}

export interface Wanted {
  /** Pools that may be asked: not the suspended ones. */
  readonly pools: readonly string[];
  readonly datasets: readonly string[];
  readonly lvm: boolean;
  readonly disks: readonly Disk[];
}

export class Details {
  readonly zpools = new Map<string, ZpoolDetails>();
  readonly datasets = new Map<string, Look>();
  lvm: LvmDetails | undefined;
  readonly #smartctl = new Map<string, Smart>();
  #udisks: SmartBySign = new Map();
  readonly #ports: DetailPorts;
  readonly #allowed: { readonly commands: boolean; readonly smartctl: boolean };
  readonly #timeout: Ms;
  /** What was asked when, and when again. */
  readonly #dueAt = new Map<string, Ms>();
  readonly #lane = createLane(poolsAtOnceMax);

  constructor(
    ports: DetailPorts,
    settings: {
      readonly commands: boolean;
      readonly smartctl: boolean;
      readonly commandTimeout: Ms;
    },
  ) {
    this.#ports = ports;
    this.#allowed = settings;
    this.#timeout = settings.commandTimeout;
  }

  smartOf(disk: Disk): Smart | undefined {
    return this.#smartctl.get(disk.id) ?? smartOf(this.#udisks, disk);
  }

  /** Resolves when all that is due has been heard of. */
  async refresh(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { probes } = this.#ports;
    const asking = { probes, timeout: this.#timeout, signal };
    this.#forgetOthers(wanted);
    const works: Promise<void>[] = [this.#refreshUdisks()];
    if (this.#allowed.commands) works.push(...this.#commands(wanted, asking));
    if (this.#allowed.smartctl) works.push(this.#refreshSmartctl(wanted.disks, asking));
    await Promise.all(works);
  }

  #commands(wanted: Wanted, asking: Asking): Promise<void>[] {
    const works = wanted.pools.map((pool) =>
      this.#ask(`pool ${pool}`, asking, async () => {
        const details = await askZpool(pool, asking);
        return this.#keep(() => this.zpools.set(pool, details), details.type === 'told');
      }),
    );
    for (const dataset of wanted.datasets) {
      const work = this.#ask(`dataset ${dataset}`, asking, async () => {
        const look = await askDataset(dataset, asking);
        return this.#keep(() => this.datasets.set(dataset, look), look.type !== 'unknown');
      });
      works.push(work);
    }
    if (!wanted.lvm) return works;
    const lvm = this.#ask('lvm', asking, async () => {
      const details = await askLvm(asking);
      return this.#keep(() => (this.lvm = details), details.type === 'told');
    });
    return [...works, lvm];
  }

  #keep(put: () => void, isAnswer: boolean): Ms {
    put();
    return isAnswer ? commandEvery : refusedEvery;
  }

  /** Asks if it is time; `ask` says when it is time again. */
  async #ask(name: string, { signal }: Asking, ask: () => Promise<Ms>): Promise<void> {
    if (!this.#isDue(name)) return;
    await this.#lane(async () => {
      if (signal.aborted) return;
      const began = this.#ports.clock.monotonic();
      this.#dueAt.set(name, began + (await ask()));
    });
  }

  #isDue(name: string): boolean {
    const now = this.#ports.clock.monotonic();
    if (now < (this.#dueAt.get(name) ?? -Infinity)) return false;
    // Until the answer says when: a second asker would find it busy.
    this.#dueAt.set(name, now + commandEvery);
    return true;
  }

  async #refreshUdisks(): Promise<void> {
    if (!this.#isDue('udisks')) return;
    this.#dueAt.set('udisks', this.#ports.clock.monotonic() + udisksEvery);
    this.#udisks = await readUdisks(this.#ports.systemBus);
  }

  async #refreshSmartctl(disks: readonly Disk[], asking: Asking): Promise<void> {
    const { clock } = this.#ports;
    for (const disk of disks) {
      if (asking.signal.aborted || !this.#isDue(`disk ${disk.id}`)) continue;
      this.#dueAt.set(`disk ${disk.id}`, clock.monotonic() + smartctlEvery);
      const smart = await askSmartctl(disk, `/dev/${disk.node}`, asking, clock.now());
      if (smart !== undefined) this.#smartctl.set(disk.id, smart);
    }
  }

  #forgetOthers({ pools, datasets, disks }: Wanted): void {
    const ids = disks.map(({ id }) => id);
    for (const pool of this.zpools.keys()) if (!pools.includes(pool)) this.zpools.delete(pool);
    for (const one of this.datasets.keys()) if (!datasets.includes(one)) this.datasets.delete(one);
    for (const id of this.#smartctl.keys()) if (!ids.includes(id)) this.#smartctl.delete(id);
  }
}
