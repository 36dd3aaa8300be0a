/**
 * A world from one seed: a machine that breaks, people who act, channels that fail, processes that
 * are killed; and what must hold meanwhile and at the end.
 */
import { collectors } from '../../src/collectors/registry.ts';
import type { Profile } from '../../src/delivery/profile.ts';
import { type EpochMs, hours, type Ms, minutes, seconds } from '../../src/domain/time.ts';
import type { Log } from '../../src/platform/log.ts';
import type { CompiledRules } from '../../src/rules/compiled.ts';
import { SimulatedCalendar } from './calendar.ts';
import { Chance } from './chance.ts';
import { profiles as allProfiles, Network } from './channels.ts';
import { checkEnd, checkHouse } from './checks.ts';
import { Disk } from './disk.ts';
import { House } from './house.ts';
import { Plant } from './plant.ts';
import { ruleSet } from './rule-sets.ts';
import { Tape } from './tape.ts';
import { Life, Timeline } from './timeline.ts';
import { Truth } from './truth.ts';

/** Evenings before clocks change, and one before an ordinary week. */
const starts: readonly [EpochMs, ...EpochMs[]] = [
  Date.UTC(2026, 9, 24, 19),
  Date.UTC(2027, 2, 27, 19),
  Date.UTC(2026, 10, 22, 6),
];

/** After everything works again: over a Sunday, over waiting times, over each repetition. */
const healFor = hours(50);

export interface Scale {
  readonly seed: number;
  readonly resources: number;
  /** All that are in the settings when nobody changes them. */
  readonly profiles?: readonly Profile[];
  /** How long everything works at the end. */
  readonly heals?: Ms;
}

export interface Report {
  /** What did not hold; empty when all did. */
  readonly wrong: readonly string[];
  readonly changes: number;
  readonly alerts: number;
  readonly rules: number;
  readonly lives: number;
  readonly messages: number;
  readonly failures: number;
  readonly recorded: number;
  readonly reasons: ReadonlyMap<string, number>;
}

export class Simulation {
  readonly timeline: Timeline;
  readonly plant: Plant;
  readonly network: Network;
  readonly disk: Disk;
  readonly truth = new Truth();
  readonly calendar = new SimulatedCalendar();
  /** undefined: nobody is at home. */
  house: House | undefined;
  rules: CompiledRules;
  profiles: readonly Profile[];
  isHealing = false;
  readonly wrong: string[] = [];
  readonly #scale: Required<Scale>;
  readonly #chance: Chance;
  #life: Life;
  #killed = Promise.withResolvers<void>();
  #tape: Tape | undefined;
  #killAfter: number | undefined;
  #fullUntil: Ms = Number.NEGATIVE_INFINITY;
  #lives = 0;
  #recorded = 0;

  constructor(scale: Scale) {
    this.#scale = { profiles: allProfiles, heals: healFor, ...scale };
    this.profiles = this.#scale.profiles;
    this.#chance = this.chance('simulation');
    this.timeline = new Timeline(this.#chance.one(starts));
    this.plant = new Plant(scale.resources, this.chance('plant'));
    this.network = new Network(this.timeline, this.chance('network'));
    const slow = this.chance('disk');
    this.disk = new Disk({
      timeline: this.timeline,
      delay: () => (slow.is(0.8) ? 0 : slow.about(20)),
      onCommit: (when, { changes }) => {
        if (when === 'after') this.truth.take(changes);
        if (this.#killAfter === undefined || this.#isDiskInTrouble()) return;
        this.#killAfter -= 1;
        if (this.#killAfter < 0) this.kill();
      },
    });
    this.rules = ruleSet(0);
    this.truth.configure(this.profiles);
    this.#life = new Life(this.timeline);
  }

  chance(part: string): Chance {
    return new Chance(this.#scale.seed, part);
  }

  fillDisk(duration: Ms): void {
    this.disk.isFull = true;
    this.timeline.after(duration, () => {
      this.disk.isFull = false;
      this.#fullUntil = this.timeline.elapsed;
    });
  }

  /**
   * People are told all the same while nothing can be stored. Whoever is killed then does not know
   * afterwards what was told: it is told again, which is not a fault.
   */
  #isDiskInTrouble(): boolean {
    return this.disk.isFull || this.timeline.elapsed < this.#fullUntil + seconds(30);
  }

  /** What somebody does when there is somebody at home. */
  with(deed: (house: House) => void): void {
    if (this.house !== undefined && !this.#life.isOver) deed(this.house);
  }

  /** The process ends between two steps of a commit, this many from now. */
  killSoon(commits: number): void {
    if (!this.isHealing) this.#killAfter = commits;
  }

  kill(): void {
    this.#end();
    this.#killed.resolve();
    this.timeline.after(this.#chance.about(minutes(3)), () => void this.boot());
  }

  async stop(): Promise<void> {
    const { house } = this;
    if (house === undefined || this.#life.isOver || this.#isDiskInTrouble()) return;
    this.house = undefined;
    // Killed while it ends, it never says that it has ended.
    await Promise.race([house.stop(), this.#killed.promise]);
    if (this.#life.isOver) return;
    this.#end();
    this.timeline.after(this.#chance.about(seconds(20)), () => void this.boot());
  }

  /** Resolves when somebody is at home. */
  start(): Promise<void> {
    return this.timeline.until(this.boot());
  }

  async boot(): Promise<void> {
    if (!this.#life.isOver && this.#lives > 0) return;
    this.#lives += 1;
    const life = new Life(this.timeline);
    this.#life = life;
    this.#killed = Promise.withResolvers<void>();
    const { rules, profiles, calendar, network, plant } = this;
    const chance = this.chance(`life ${this.#lives}`);
    const store = this.disk.storeFor(life);
    const log = this.#log();
    const parts = { life, store, rules, profiles, calendar, network, plant, chance, log };
    const house = await House.start(parts);
    if (life.isOver) return;
    this.house = house;
    if (house.profiles !== this.profiles) await house.configure(this.profiles);
    if (chance.is(0.5)) this.#record(house);
  }

  configure(profiles: readonly Profile[]): void {
    this.profiles = profiles;
    this.truth.configure(profiles);
    this.with((house) => void house.configure(profiles));
  }

  reload(rules: CompiledRules): void {
    this.rules = rules;
    this.with(({ heart }) => heart.pipeline.reload(rules));
  }

  /** Time passes in a world in which something happens each hour, and is looked at. */
  async pass(duration: Ms): Promise<void> {
    const end = this.timeline.elapsed + duration;
    while (this.timeline.elapsed < end && this.wrong.length === 0) {
      await this.timeline.pass(Math.min(hours(1), end - this.timeline.elapsed));
      await this.#look();
    }
  }

  /** Everything works from now on, and time passes. */
  async heal(): Promise<Report> {
    this.isHealing = true;
    this.#killAfter = undefined;
    this.disk.isFull = false;
    this.calendar.isAway = false;
    this.network.modes.clear();
    for (const name of this.plant.blind) this.see(name);
    this.configure(this.#scale.profiles);
    await this.pass(this.#scale.heals);
    if (this.house === undefined) this.wrong.push('nobody is at home at the end');
    else if (this.wrong.length === 0) this.wrong.push(...checkEnd(this, this.house, this.disk));
    this.#endTape();
    return this.#report();
  }

  close(): void {
    this.#end();
    this.disk.remove();
  }

  blind(collector: string): void {
    this.plant.blind.add(collector);
    this.with(({ heart }) => heart.pipeline.markStale(collector, 'it does not answer'));
  }

  see(collector: string): void {
    if (!this.plant.blind.delete(collector)) return;
    this.with((house) => {
      house.heart.pipeline.markFresh(collector);
      house.look(collector);
    });
  }

  /** Each collector looks at everything. */
  lookAround(): void {
    this.with((house) => {
      for (const { name } of collectors) house.look(name);
    });
  }

  #log(): Log {
    const bug = (text: string): void => {
      if (!text.includes('no space left')) this.wrong.push(`log: ${text}`);
    };
    return { error: bug, warning: () => {}, notice: () => {}, info: () => {} };
  }

  #end(): void {
    this.#life.isOver = true;
    this.#killAfter = undefined;
    this.#endTape();
    this.house = undefined;
  }

  #record(house: House): void {
    this.#tape = new Tape(house, this.#life.now());
  }

  #endTape(): void {
    this.wrong.push(...(this.#tape?.play() ?? []));
    this.#recorded += this.#tape?.inputs ?? 0;
    this.#tape = undefined;
  }

  async #look(): Promise<void> {
    this.wrong.push(...this.truth.complaints.splice(0), ...this.network.complaints.splice(0));
    const { house } = this;
    if (house === undefined || this.disk.isFull) return;
    const life = this.#life;
    const { pipeline, queue } = house.heart;
    await this.timeline.pass(seconds(1));
    if (life.isOver || this.house !== house) return;
    const written = pipeline.applied().then(() => queue.settled());
    const settled = Promise.race([written, this.timeline.world.sleep(minutes(1))]);
    await this.timeline.until(settled);
    if (life.isOver || this.house !== house || queue.state.type !== 'ok') return;
    this.wrong.push(...checkHouse(house, life, this.disk));
  }

  #report(): Report {
    return {
      wrong: this.wrong,
      changes: this.truth.lastSeq,
      alerts: this.truth.alerts.size,
      rules: this.truth.rules.size,
      lives: this.#lives,
      messages: this.network.given.size,
      failures: this.network.failures,
      recorded: this.#recorded,
      reasons: this.truth.reasons,
    };
  }
}
