/** Thirty collapses of which the truth is known, each from a seed: how often is it found? */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Collapse, collapseOf, type ShapeName, shapes } from './collapse.fixture.ts';
import { World } from './world.fixture.ts';

const graphs = 30;

interface Score {
  right: number;
  all: number;
}

function judge(collapse: Collapse, score: Score): void {
  const world = new World(collapse.resources).fail(...collapse.alerts).settle();
  assert.equal(world.verdicts.size, collapse.alerts.length, 'no alert is lost');
  for (const { id } of collapse.alerts) {
    const verdict = world.verdicts.get(id);
    assert.ok(verdict);
    const truth = collapse.truth.get(id) ?? null;
    const said = verdict.cause?.id ?? null;
    score.all += 1;
    if (said === truth) score.right += 1;
    if (said === null) continue;
    assert.equal(world.verdicts.get(said)?.cause, undefined, `${said} is told, being a first`);
    if (said === truth || truth === null) continue;
    const shown = verdict.alternatives.map((one) => one.id);
    const isKnown = isDeclared(collapse, id, truth);
    if (isKnown)
      assert.ok(shown.includes(truth), `${id}: ${said}, truly ${truth}, not in ${shown.join()}`);
  }
}

const wordsIn = (fact: unknown): readonly string[] =>
  typeof fact === 'string' ? fact.split(' ').filter((word) => word !== '') : [];

/** Whether a way from the victim to the truth was there to be seen at all. */
function isDeclared({ resources }: Collapse, victim: string, truth: string): boolean {
  const reached = new Set([victim]);
  for (const name of reached) {
    for (const { id, attributes } of resources) {
      const [needs, neededBy] = [attributes.needs, attributes.neededBy].map(wordsIn);
      if (id === name) for (const one of needs ?? []) reached.add(one);
      if (neededBy?.includes(name)) reached.add(id);
    }
  }
  return reached.has(truth);
}

function scoreOf(nested: boolean): Score {
  const names = Object.keys(shapes) as ShapeName[];
  const score: Score = { right: 0, all: 0 };
  for (let seed = 1; seed <= graphs; seed++) {
    const name = names[seed % names.length] ?? 'chain';
    try {
      judge(collapseOf(name, seed, nested), score);
    } catch (error) {
      throw new Error(`SEED=${seed} (${name})`, { cause: error });
    }
  }
  assert.ok(score.all > 300, `only ${score.all} alerts`);
  return score;
}

test(`of ${graphs} collapses from seeds at least 95 % of all blame is right`, () => {
  const { right, all } = scoreOf(false);
  assert.ok(right / all >= 0.95, `${right} of ${all} right`);
});

test('two of a chain that fail at once are told apart by nothing, and both are named', () => {
  const { right, all } = scoreOf(true);
  assert.ok(right < all, 'some blame is wrong, and the truth is among the alternatives');
});
