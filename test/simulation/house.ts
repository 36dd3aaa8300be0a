/**
 * One life of tocsind: heart, delivery and couriers as the daemon joins them, on simulated time.
 * Collectors and the doors are missing: the simulation is both.
 */
import { collectors, kinds } from '../../src/collectors/registry.ts';
import { createDeliveryDesk } from '../../src/daemon/delivery-desk.ts';
import { DeliveryWatch } from '../../src/daemon/delivery-watch.ts';
import { buildHeart, type Heart } from '../../src/daemon/heart.ts';
import { Settling } from '../../src/daemon/settling.ts';
import { type Courier, startCourier } from '../../src/delivery/courier.ts';
import type { Profile } from '../../src/delivery/profile.ts';
import { Pump } from '../../src/delivery/pump.ts';
import { days, hours, minutes } from '../../src/domain/time.ts';
import type { Calendar } from '../../src/platform/calendar.ts';
import type { Log } from '../../src/platform/log.ts';
import type { CompiledRules } from '../../src/rules/compiled.ts';
import type { Store } from '../../src/store/store.ts';
import type { Chance } from './chance.ts';
import type { Network } from './channels.ts';
import type { Plant } from './plant.ts';
import type { Life } from './timeline.ts';

export interface HouseParts {
  readonly life: Life;
  readonly store: Store;
  readonly rules: CompiledRules;
  readonly profiles: readonly Profile[];
  readonly calendar: Calendar;
  readonly network: Network;
  readonly plant: Plant;
  readonly chance: Chance;
  readonly log: Log;
}

export class House {
  readonly heart: Heart;
  readonly pump: Pump;
  readonly #parts: HouseParts;
  readonly #watch: DeliveryWatch;
  readonly #couriers = new Map<string, Courier>();
  readonly #settling = new Settling(collectors);
  /** Collectors that have looked since the start. */
  readonly #looked = new Set<string>();
  profiles: readonly Profile[];

  static async start(parts: HouseParts): Promise<House> {
    const house = new House(parts, await parts.store.remember());
    await house.#start();
    return house;
  }

  private constructor(parts: HouseParts, remembered: Awaited<ReturnType<Store['remember']>>) {
    const { calendar, life: clock, log, rules, store, chance } = parts;
    this.#parts = parts;
    this.profiles = parts.profiles;
    this.heart = buildHeart({
      store,
      remembered,
      rules,
      kinds,
      clock,
      log,
      mutes: {
        calendar,
        settings: () => ({ longest: days(30), remindAfter: days(2) }),
        tell: (note) => this.pump.tell(note),
      },
      flapping: { window: hours(1), enter: 6, exit: 3 },
      findCollector: () => undefined,
      onBroken: (why) => log.error(`the store is broken: ${why}`),
    });
    const { publication, pipeline } = this.heart;
    const active = () => publication.active();
    const { random } = chance;
    this.pump = new Pump({ feed: publication, active, store, clock, log, host: 'box', random });
    const desk = createDeliveryDesk({
      pump: this.pump,
      clock,
      store,
      profiles: () => this.profiles,
      members: () => ({}),
      nobodyToldAfter: () => minutes(5),
      findAlert: async (id) => publication.find(id) ?? (await store.findAlert(id)),
    });
    const tell = (reading: Parameters<typeof pipeline.tell>[1]): void =>
      pipeline.tell('delivery', reading);
    this.#watch = new DeliveryWatch({ desk, clock, publication, tell, cry: () => {} });
  }

  /** A collector has seen everything that it sees. */
  look(collector: string): void {
    const { pipeline } = this.heart;
    const { plant } = this.#parts;
    if (plant.blind.has(collector)) return;
    pipeline.tell(collector, plant.readingOf(collector));
    if (this.#looked.has(collector)) return;
    this.#looked.add(collector);
    const settled = this.#settling.settled(collector);
    if (settled.length > 0) pipeline.settle(settled, 'gone');
  }

  /** Other channels from now on. */
  async configure(profiles: readonly Profile[]): Promise<void> {
    this.profiles = profiles;
    await this.pump.configure(profiles);
    await this.#serve();
  }

  /** In the order of daemon.ts. */
  async stop(): Promise<void> {
    const { heart, pump } = this;
    heart.mutes.stop();
    await Promise.all([...this.#couriers.values()].map((courier) => courier.stop()));
    await heart.pipeline.applied();
    await heart.queue.settled();
    this.#watch.stop();
    await pump.stop();
    heart.pipeline.stop();
    heart.queue.stop();
  }

  async #start(): Promise<void> {
    const { pipeline, queue, mutes } = this.heart;
    await mutes.restored();
    for (const { name } of collectors) this.look(name);
    await pipeline.applied();
    await queue.settled();
    await this.pump.start(this.profiles);
    this.#watch.start();
    await this.#serve();
  }

  async #serve(): Promise<void> {
    const { life: clock, log, network, chance } = this.#parts;
    const wanted = new Set(this.profiles.map(({ name }) => name));
    for (const [name, courier] of this.#couriers) {
      if (wanted.has(name)) continue;
      this.#couriers.delete(name);
      await courier.stop();
    }
    const parts = { outbox: this.pump, clock, log, random: chance.random };
    for (const name of wanted)
      if (!this.#couriers.has(name))
        this.#couriers.set(name, startCourier(name, network.sender(), parts));
  }
}
