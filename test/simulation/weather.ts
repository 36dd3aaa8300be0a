/**
 * What happens in a simulated world, and how often. Each seed has a weather of its own: what is
 * rare in one is common in another, and some things never happen.
 */
import { collectors } from '../../src/collectors/registry.ts';
import { partial, unreadable } from '../../src/domain/reading.ts';
import { hours, type Ms, minutes, seconds } from '../../src/domain/time.ts';
import type { Chance } from './chance.ts';
import { modes, profiles } from './channels.ts';
import { episodeOf, namesOf, tests } from './episodes.ts';
import type { House } from './house.ts';
import { People } from './people.ts';
import { collectorOf, type Facts, faults } from './plant.ts';
import { ruleSet, ruleSetCount } from './rule-sets.ts';
import type { Simulation } from './simulation.ts';

type Ref = { readonly kind: string; readonly id: string };

class Weather {
  readonly #simulation: Simulation;
  readonly #chance: Chance;
  readonly #people: People;
  #episodes = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#chance = simulation.chance('weather');
    this.#people = new People(simulation.chance('people'), () => simulation.timeline.now());
  }

  /** Each thing that can happen, with the mean time between two of it. */
  begin(): void {
    for (const [happen, mean] of [...this.#happenings(), ...this.#deeds()]) {
      const often = this.#chance.one([0, 0.3, 1, 1, 4]);
      if (often > 0) this.#repeat(happen, mean / often);
    }
    this.#repeat(() => this.#simulation.lookAround(), hours(1));
  }

  /** Nothing but resources that break and recover. */
  breakNow(mean: Ms): void {
    this.#repeat(() => this.#fault(), mean);
    this.#repeat(() => this.#collapse(), mean * 10);
  }

  #happenings(): readonly (readonly [happen: () => void, mean: Ms])[] {
    return [
      [() => this.#fault(), minutes(8)],
      [() => this.#collapse(), hours(3)],
      [() => this.#flap(), hours(8)],
      [() => this.#episode(), minutes(15)],
      [() => this.#unreadable(), hours(1)],
      [() => this.#blind(), hours(6)],
      [() => this.#runFailed(), minutes(30)],
      [() => this.#jump(), hours(14)],
      [() => this.#outage(), hours(3)],
      [() => this.#simulation.fillDisk(this.#chance.about(minutes(2))), hours(20)],
      [() => this.#silentCalendar(), hours(20)],
      [() => this.#simulation.killSoon(Math.floor(this.#chance.between(0, 20))), hours(8)],
      [() => void this.#simulation.stop(), hours(15)],
      [() => this.#reload(), hours(12)],
      [() => this.#channels(), hours(24)],
    ];
  }

  #deeds(): readonly (readonly [happen: () => void, mean: Ms])[] {
    const people = this.#people;
    const home = (deed: (house: House) => void) => () => this.#simulation.with(deed);
    return [
      [home((house) => people.acknowledge(house)), minutes(20)],
      [home((house) => people.unacknowledge(house)), hours(1)],
      [home((house) => people.resolve(house)), minutes(40)],
      [home((house) => people.comment(house)), hours(2)],
      [home((house) => people.silence(house)), hours(1)],
      [home((house) => people.expire(house)), hours(2)],
      [home((house) => people.window(house)), hours(5)],
      [home((house) => people.raise(house)), minutes(40)],
    ];
  }

  #repeat(happen: () => void, mean: Ms): void {
    const { timeline } = this.#simulation;
    timeline.after(this.#chance.about(mean), () => {
      if (this.#simulation.isHealing) return;
      happen();
      this.#repeat(happen, mean);
    });
  }

  #later(delay: Ms, happen: () => void): void {
    this.#simulation.timeline.after(delay, happen);
  }

  /** It is so from now on, and whoever can see it says so. */
  #set(ref: Ref, facts: Facts): void {
    const simulation = this.#simulation;
    const read = simulation.plant.set(ref, facts);
    const collector = collectorOf.get(ref.kind) ?? '';
    if (simulation.plant.blind.has(collector)) return;
    simulation.with(({ heart }) => heart.pipeline.tell(collector, partial([read])));
  }

  #fault(): void {
    const fault = this.#chance.one(faults);
    const ref = this.#simulation.plant.pick(fault.kind, this.#chance);
    if (ref === undefined) return;
    this.#set(ref, fault.bad);
    // Some stay for good.
    if (this.#chance.is(0.9))
      this.#later(this.#chance.about(hours(1)), () => this.#set(ref, fault.good));
  }

  /** A unit fails, and with it what needs it, and so on; later all of it comes back. */
  #collapse(): void {
    const first = this.#simulation.plant.pick('systemd.unit', this.#chance);
    if (first === undefined) return;
    const fallen = new Set([first.id]);
    for (const id of fallen)
      for (const needy of this.#simulation.plant.needy.get(id) ?? [])
        if (this.#chance.is(0.8)) fallen.add(needy);
    const length = this.#chance.about(hours(1));
    let delay: Ms = 0;
    for (const id of fallen) {
      const ref = { kind: 'systemd.unit', id };
      const why = id === first.id ? 'exit-code' : 'dependency';
      this.#later(delay, () => this.#set(ref, { activeState: 'failed', result: why }));
      this.#later(length + delay, () =>
        this.#set(ref, { activeState: 'active', result: 'success' }),
      );
      delay += this.#chance.is(0.5) ? 0 : this.#chance.about(seconds(2));
    }
  }

  #flap(): void {
    const ref = this.#simulation.plant.pick('systemd.unit', this.#chance);
    if (ref === undefined) return;
    let at: Ms = 0;
    for (let i = 0; i < 2 * this.#chance.between(3, 20); i++) {
      const activeState = i % 2 === 0 ? 'failed' : 'active';
      this.#later(at, () => this.#set(ref, { activeState, nRestarts: i }));
      at += this.#chance.about(minutes(2));
    }
    this.#later(at, () => this.#set(ref, { activeState: 'active' }));
  }

  #episode(): void {
    const { plant, timeline } = this.#simulation;
    const test = this.#chance.pick(tests);
    if (test === undefined) return;
    this.#episodes += 1;
    const episode = episodeOf(test, `e${this.#episodes}`, timeline.now());
    const { collector } = episode;
    for (const { at, reading } of episode.steps) {
      this.#later(at, () => {
        if (reading.type !== 'partial') return;
        for (const { kind, id, attributes } of reading.resources)
          plant.set({ kind, id }, attributes);
        for (const ref of reading.gone) plant.remove(ref);
        if (plant.blind.has(collector)) return;
        this.#simulation.with(({ heart }) => heart.pipeline.tell(collector, reading));
      });
    }
    const end = (episode.steps.at(-1)?.at ?? 0) + this.#chance.about(hours(2));
    this.#later(end, () => {
      const gone = namesOf(episode);
      for (const ref of gone) plant.remove(ref);
      if (plant.blind.has(collector)) return;
      this.#simulation.with(({ heart }) => heart.pipeline.tell(collector, partial([], { gone })));
    });
  }

  #unreadable(): void {
    const { kind, bad } = this.#chance.one(faults);
    const { plant } = this.#simulation;
    const ref = plant.pick(kind, this.#chance);
    const [name] = Object.keys(bad);
    const before = ref && name !== undefined ? plant.find(ref)?.[name] : undefined;
    if (ref === undefined || name === undefined || before === undefined) return;
    this.#set(ref, { [name]: unreadable('EIO') });
    this.#later(this.#chance.about(minutes(20)), () => this.#set(ref, { [name]: before }));
  }

  #runFailed(): void {
    const { plant, timeline } = this.#simulation;
    const unit = plant.pick('systemd.unit', this.#chance);
    if (unit === undefined || plant.blind.has('systemd')) return;
    const reading = plant.runFailed(unit.id, timeline.now());
    this.#simulation.with(({ heart }) => heart.pipeline.tell('systemd', reading));
  }

  #blind(): void {
    const collector = this.#chance.pick(collectors)?.name;
    if (collector === undefined) return;
    this.#simulation.blind(collector);
    this.#later(this.#chance.about(minutes(40)), () => this.#simulation.see(collector));
  }

  #jump(): void {
    const length = this.#chance.one([seconds(5), minutes(3), hours(2)]);
    this.#simulation.timeline.jump(this.#chance.is(0.5) ? length : -length);
  }

  #outage(): void {
    const all = this.#chance.is(0.2) ? profiles : [this.#chance.pick(profiles)];
    const mode = this.#chance.one(modes);
    const { network } = this.#simulation;
    for (const one of all) if (one !== undefined) network.modes.set(one.name, mode);
    const length = this.#chance.is(0.1) ? hours(24) : this.#chance.about(hours(1));
    this.#later(length, () => {
      for (const one of all) if (one !== undefined) network.modes.delete(one.name);
    });
  }

  #silentCalendar(): void {
    this.#simulation.calendar.isAway = true;
    this.#later(this.#chance.about(hours(1)), () => {
      this.#simulation.calendar.isAway = false;
    });
  }

  #reload(): void {
    this.#simulation.reload(ruleSet(Math.floor(this.#chance.between(0, ruleSetCount))));
  }

  #channels(): void {
    const without = this.#chance.pick(profiles)?.name;
    this.#simulation.configure(
      this.#chance.is(0.5) ? profiles : profiles.filter(({ name }) => name !== without),
    );
  }
}

export const startWeather = (simulation: Simulation): void => new Weather(simulation).begin();

/** Faults alone, one in so much time. */
export const startFaults = (simulation: Simulation, mean: Ms): void =>
  new Weather(simulation).breakNow(mean);
