/** Any sequence of inputs for the small world of recording.fixture.ts. */
import fc from 'fast-check';
import {
  complete,
  type Event,
  partial,
  type ResourceReading,
  unreadable,
} from '../domain/reading.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { Input } from './input.ts';
import { rulesOf, start } from './recording.fixture.ts';

const id = fc.constantFrom('a', 'b', 'c', 'd');
const number = fc.oneof(
  fc.constantFrom(0, 10, 30, 45, 60, 90),
  fc.constant(Number.NaN),
  fc.constant(unreadable('EIO')),
);
const others = fc.array(id, { maxLength: 2 }).map((list) => list.join(' '));
const resource: fc.Arbitrary<ResourceReading> = fc.record({
  kind: fc.constant('test.thing'),
  id,
  attributes: fc.record(
    {
      x: number,
      y: fc.nat(200),
      state: fc.constantFrom('up', 'down'),
      needs: others,
      neededBy: others,
      after: others,
      blockedBy: others,
    },
    { requiredKeys: [] },
  ),
});
const event: fc.Arbitrary<Event> = fc.record({
  event: fc.constant('crashed'),
  kind: fc.constant('test.thing'),
  id,
  at: fc.constant(start),
  foundBy: fc.constantFrom('signal', 'journal'),
  attributes: fc.constant({}),
  key: fc.string({ maxLength: 2 }),
});
const events = fc.array(event, { maxLength: 2 });
const distinct = fc.uniqueArray(resource, { selector: (one) => one.id, maxLength: 4 });
const reading = (given: Parameters<typeof complete>): Input => ({
  type: 'reading',
  collector: 'tests',
  reading: complete(...given),
});

const matchers = [{ name: 'thing', operator: '=', value: 'a' }] as const;

const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(distinct, events).map(reading) },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.array(resource, { maxLength: 3 }), id, events).map(
      ([some, gone, happened]): Input => ({
        type: 'reading' as const,
        collector: 'tests',
        reading: partial(some, {
          gone: some.length === 0 ? [{ kind: 'test.thing', id: gone }] : [],
          events: happened,
        }),
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Input>(
      { type: 'stale', collector: 'tests', why: 'blind' },
      { type: 'fresh', collector: 'tests' },
      { type: 'advance' },
      { type: 'clock', delta: minutes(7) },
      { type: 'mutes', mutes: [{ id: 'silence', type: 'silence', matchers }] },
      { type: 'mutes', mutes: [] },
      { type: 'settle', kinds: ['test.thing'], by: 'gone' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(50, 70).map((x): Input => ({ type: 'reload', rules: rulesOf(x) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('acknowledge' as const, 'unacknowledge' as const, 'resolve' as const)
      .map(
        (type): Input => ({
          type: 'act',
          alertId: 'first',
          deed: { type, comment: null },
          by: 'uid:0',
        }),
      ),
  },
);

const wait = fc.constantFrom(0, 1, seconds(7), seconds(30), minutes(1));
/** Things that need each other, often in circles, of which some are down. */
const world = fc.tuple(
  ...['a', 'b', 'c', 'd'].map((name) =>
    fc.record({
      kind: fc.constant('test.thing'),
      id: fc.constant(name),
      attributes: fc.record({
        x: fc.constantFrom(0, 0, 60, 90),
        y: fc.constant(0),
        state: fc.constantFrom('up', 'down'),
        needs: others,
        blockedBy: others,
      }),
    }),
  ),
);

/** Inputs with the time that passes before each. */
export const storyArbitrary = fc
  .tuple(
    fc.tuple(
      world.map((all) => reading([all])),
      wait,
    ),
    fc.array(fc.tuple(input, wait), { maxLength: 30 }),
  )
  .map(([first, others]) => [first, ...others]);
