/**
 * No sequence of alerts, acknowledgements, silences, windows and restarts leaves a firing, unmuted,
 * unacknowledged alert unannounced: the whole house on a real database, short stories that shrink.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { partial } from '../../src/domain/reading.ts';
import { hours, type Ms, minutes, seconds } from '../../src/domain/time.ts';
import type { Deed } from '../../src/rules/engine.ts';
import { type Mode, modes, promptProfiles as told } from './channels.ts';
import type { House } from './house.ts';
import { Simulation } from './simulation.ts';

type Command = fc.AsyncCommand<object, Simulation>;

/** Something that is done to the house, and is over at once. */
class Step implements Command {
  readonly #name: string;
  readonly #run: (simulation: Simulation) => unknown;

  constructor(name: string, run: (simulation: Simulation) => unknown) {
    this.#name = name;
    this.#run = run;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, simulation: Simulation): Promise<void> {
    await this.#run(simulation);
    await simulation.timeline.pass(1);
    assert.deepEqual(simulation.wrong, []);
  }

  toString(): string {
    return this.#name;
  }
}

const unit = fc.nat(5).map((i) => `unit-${i}.service`);
const span = fc.constantFrom<Ms>(seconds(1), seconds(40), minutes(3), minutes(20), hours(3));
const home = (name: string, deed: (house: House) => unknown): Step =>
  new Step(name, (simulation) => simulation.with((house) => void deed(house)));

function become(id: string, activeState: string): Step {
  return new Step(`${id} is ${activeState}`, (simulation) => {
    const read = simulation.plant.set({ kind: 'systemd.unit', id }, { activeState });
    simulation.with(({ heart }) => heart.pipeline.tell('systemd', partial([read])));
  });
}

function act(name: string, nth: number, deedAt: (now: number) => Deed): Step {
  return new Step(`${name} ${nth}`, (simulation) =>
    simulation.with(({ heart }) => {
      const active = heart.publication.active();
      const alert = active[nth % Math.max(1, active.length)];
      const deed = deedAt(simulation.timeline.now());
      if (alert !== undefined) void heart.pipeline.act(alert.id, deed, 'uid:0');
    }),
  );
}

const about = (id: string) => [{ name: 'resourceId', operator: '=', value: id } as const];

function silence(id: string, length: Ms): Step {
  return new Step(`silence ${id} for ${length}`, (simulation) =>
    simulation.with(({ heart }) => {
      const startsAt = simulation.timeline.now();
      const draft = { matchers: about(id), startsAt, endsAt: startsAt + length, comment: 'c' };
      void heart.mutes.saveSilence(draft, 'uid:0');
    }),
  );
}

function openWindow(id: string, length: Ms): Step {
  return new Step(`window for ${id} of ${length}`, (simulation) =>
    simulation.with(({ heart }) => {
      const startsAt = simulation.timeline.now() + seconds(30);
      const schedule = { type: 'once', startsAt, endsAt: startsAt + length } as const;
      void heart.mutes.addWindow({ matchers: about(id), schedule, comment: 'c' }, 'uid:0');
    }),
  );
}

const fail = (mode: Mode): Step =>
  new Step(`channels ${mode}`, ({ network }) => {
    for (const { name } of told) network.modes.set(name, mode);
  });

const comment = null;
const nth = fc.nat(5);
const commands: fc.Arbitrary<Command>[] = [
  unit.map((id) => become(id, 'failed')),
  unit.map((id) => become(id, 'failed')),
  unit.map((id) => become(id, 'active')),
  nth.map((i) => act('acknowledge', i, () => ({ type: 'acknowledge', comment }))),
  fc.tuple(nth, span).map(([i, length]) =>
    act(`acknowledge for ${length}`, i, (now) => ({
      type: 'acknowledge',
      comment,
      until: now + length,
    })),
  ),
  nth.map((i) =>
    act('acknowledge until change', i, () => ({ type: 'acknowledge', comment, until: 'change' })),
  ),
  nth.map((i) => act('unacknowledge', i, () => ({ type: 'unacknowledge', comment }))),
  nth.map((i) => act('resolve', i, () => ({ type: 'resolve', comment }))),
  fc.tuple(unit, span).map(([id, length]) => silence(id, length)),
  fc.constant(
    home('end silences', ({ heart: { mutes } }) =>
      mutes.silences().map(({ id }) => mutes.expireSilence(id, 'uid:0')),
    ),
  ),
  fc.tuple(unit, span).map(([id, length]) => openWindow(id, length)),
  fc.constantFrom(...modes).map(fail),
  fc.constant(fail('ok')),
  fc.constant(new Step('stop', (simulation) => simulation.timeline.until(simulation.stop()))),
  fc.nat(4).map((i) => new Step(`kill ${i}`, (simulation) => simulation.killSoon(i))),
  fc
    .constantFrom<Ms>(-hours(1), hours(1))
    .map((by) => new Step(`clock ${by}`, ({ timeline }) => timeline.jump(by))),
  span.map((length) => new Step(`pass ${length}`, ({ timeline }) => timeline.pass(length))),
  span.map((length) => new Step(`pass ${length}`, ({ timeline }) => timeline.pass(length))),
];

/**
 * Rejects with the seed and the shortest story that leaves something unannounced. SEED=1047541127
 * found an end that was forgotten at a reload.
 */
export async function checkSequences(numRuns: number): Promise<void> {
  const seed = Number(process.env.SEED ?? 11);
  const stories = fc.commands(commands, { maxCommands: 30 });
  const property = fc.asyncProperty(stories, async (story) => {
    const simulation = new Simulation({ seed, resources: 10, profiles: told, heals: hours(5) });
    try {
      await simulation.start();
      await fc.asyncModelRun(() => ({ model: {}, real: simulation }), story);
      const { wrong } = await simulation.heal();
      assert.deepEqual(wrong, []);
    } finally {
      simulation.close();
    }
  });
  await fc.assert(property, { seed, numRuns });
}
