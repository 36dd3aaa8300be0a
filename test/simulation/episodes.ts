/**
 * Episodes: what the tests of the shipped rules say may happen to a resource, told of resources
 * of the simulation at any time. So every rule of ours fires here for what it was made for.
 */
import { kinds } from '../../src/collectors/registry.ts';
import type {
  AttributeReading,
  Reading,
  ResourceReading,
  ResourceRef,
} from '../../src/domain/reading.ts';
import type { EpochMs, Ms } from '../../src/domain/time.ts';
import { type RuleTest, readTests } from '../../src/rules/trial/test-file.ts';
import { loadShipped } from '../support/shipped-rules.ts';
import { collectorOf } from './plant.ts';

export interface Episode {
  readonly steps: readonly { readonly at: Ms; readonly reading: Reading }[];
  readonly collector: string;
}

type Partial = Extract<Reading, { readonly type: 'partial' }>;

const instants = new Set(
  kinds.flatMap(({ name, attributes }) =>
    Object.entries(attributes)
      .filter(([, { type }]) => type === 'instant')
      .map(([attribute]) => `${name} ${attribute}`),
  ),
);

/** Tests that speak of one collector's resources alone, and never of a blind one. */
export const tests: readonly RuleTest[] = readAll();

function readAll(): readonly RuleTest[] {
  const written = loadShipped().loaded.tests;
  return written
    .flatMap((one) => readTests(one, kinds).tests)
    .filter(({ steps }) => steps.every(({ type }) => type === 'read') && ownerOf(steps) !== null);
}

function ownerOf(steps: RuleTest['steps']): string | null {
  const owners = new Set(
    steps.flatMap((step) =>
      step.type === 'read' && step.reading.type === 'partial'
        ? refsOf(step.reading).map(({ kind }) => collectorOf.get(kind) ?? null)
        : [],
    ),
  );
  const [owner = null] = owners;
  return owners.size === 1 ? owner : null;
}

function refsOf({ resources, gone, events }: Partial): readonly ResourceRef[] {
  return [...resources, ...gone, ...events];
}

/** The test as it happens at `start`, to resources with names of their own. */
export function episodeOf(test: RuleTest, name: string, start: EpochMs): Episode {
  const readings = test.steps.flatMap((step) =>
    step.type === 'read' && step.reading.type === 'partial'
      ? [{ at: step.at, reading: step.reading }]
      : [],
  );
  const ids = new Set(readings.flatMap(({ reading }) => refsOf(reading).map(({ id }) => id)));
  const renamed = (text: string): string => (ids.has(text) ? `${text}~${name}` : text);
  const moved = (at: EpochMs): EpochMs => at - test.start + start;
  const fact = (kind: string, attribute: string, value: AttributeReading): AttributeReading => {
    if (typeof value === 'string') return renamed(value);
    const isInstant = typeof value === 'number' && instants.has(`${kind} ${attribute}`);
    return isInstant ? moved(value) : value;
  };
  const resource = ({ kind, id, attributes }: ResourceReading): ResourceReading => ({
    kind,
    id: renamed(id),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, fact(kind, key, value)]),
    ),
  });
  const steps = readings.map(({ at, reading }) => ({
    at,
    reading: {
      ...reading,
      resources: reading.resources.map(resource),
      gone: reading.gone.map(({ kind, id }) => ({ kind, id: renamed(id) })),
      events: reading.events.map((event) => ({
        ...event,
        id: renamed(event.id),
        at: moved(event.at),
        key: `${event.key}~${name}`,
      })),
    },
  }));
  return { steps, collector: ownerOf(test.steps) ?? '' };
}

/** Everything that the episode has named. */
export const namesOf = ({ steps }: Episode): readonly ResourceRef[] => [
  ...new Map(
    steps.flatMap(({ reading }) =>
      reading.type === 'partial'
        ? refsOf(reading).map(({ kind, id }) => [`${kind} ${id}`, { kind, id }] as const)
        : [],
    ),
  ).values(),
];
