/** One step of a test: what a collector would have told at that time. */
import { didYouMean } from '../../domain/nearest.ts';
import {
  type AttributeReading,
  type Event,
  partial,
  type Reading,
  unreadable,
} from '../../domain/reading.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { readText, refuseUnknownFields } from '../files/fields.ts';
import type { MapTree, Tree } from '../files/tree.ts';
import { fieldsOf, readAttributes, readResource, type TestReader } from './test-values.ts';

export type TestStep =
  | { readonly at: Ms; readonly type: 'read'; readonly reading: Reading }
  | { readonly at: Ms; readonly type: 'stale'; readonly why: string }
  | { readonly at: Ms; readonly type: 'fresh' };

function readSet(r: TestReader, map: MapTree, at: EpochMs): Reading | undefined {
  const named = readResource(r, map);
  if (named === undefined) return undefined;
  const attributes = readAttributes(r, named.rest, named.kind.attributes);
  return partial([{ kind: named.kind.name, id: named.id, attributes, at }]);
}

function readUnreadable(r: TestReader, map: MapTree, at: EpochMs): Reading | undefined {
  const named = readResource(r, map);
  if (named === undefined) return undefined;
  const attributes: Record<string, AttributeReading> = {};
  for (const [name, tree] of named.rest) {
    if (!Object.hasOwn(named.kind.attributes, name))
      r.complain(tree, `there is no attribute "${name}"`);
    else attributes[name] = unreadable(tree.type === 'scalar' ? String(tree.value) : 'unreadable');
  }
  return partial([{ kind: named.kind.name, id: named.id, attributes, at }]);
}

function readEvent(r: TestReader, map: MapTree, at: EpochMs): Reading | undefined {
  const name = readText(fieldsOf(r, map, 'the event'), 'event', { needed: true });
  const named = readResource(r, map);
  if (name === undefined || named === undefined) return undefined;
  const event = Object.hasOwn(named.kind.events, name.text)
    ? named.kind.events[name.text]
    : undefined;
  if (event === undefined) {
    const hint = didYouMean(name.text, Object.keys(named.kind.events));
    r.complain(name.tree, `${named.kind.name} has no event "${name.text}"${hint}`);
    return undefined;
  }
  const rest = named.rest.filter(([field]) => field !== 'event');
  const happened: Event = {
    event: name.text,
    kind: named.kind.name,
    id: named.id,
    at,
    foundBy: 'signal',
    attributes: readAttributes(r, rest, event.attributes),
    key: `${map.source.path}:${map.start}`,
  };
  return partial([], { events: [happened] });
}

function readGone(r: TestReader, tree: Tree): Reading | undefined {
  if (tree.type === 'scalar' && r.kind !== undefined)
    return partial([], { gone: [{ kind: r.kind, id: String(tree.value) }] });
  const named = tree.type === 'map' ? readResource(r, tree) : undefined;
  if (named) return partial([], { gone: [{ kind: named.kind.name, id: named.id }] });
  if (tree.type !== 'map') r.complain(tree, 'write { kind: KIND, id: ID }');
  return undefined;
}

const deeds = ['set', 'unreadable', 'event', 'gone', 'stale', 'fresh'] as const;

/** A step: `at`, and exactly one thing that happens then. */
export function readStep(r: TestReader, map: MapTree, at: Ms): TestStep | undefined {
  const fields = fieldsOf(r, map, 'the step');
  refuseUnknownFields(fields, ['at', ...deeds]);
  const given = deeds.filter((deed) => map.fields.has(deed));
  const [deed] = given;
  const tree = deed && map.fields.get(deed)?.value;
  if (given.length !== 1 || tree === undefined) {
    r.complain(map, `a step has one of ${deeds.join(', ')}`);
    return undefined;
  }
  if (deed === 'stale') {
    const why = readText(fields, 'stale', { needed: true })?.text ?? '';
    return { at, type: 'stale', why };
  }
  if (deed === 'fresh') return { at, type: 'fresh' };
  let reading: Reading | undefined;
  if (deed === 'gone') reading = readGone(r, tree);
  else if (tree.type !== 'map') r.complain(tree, `"${deed}" must hold "id" and attributes`);
  else if (deed === 'set') reading = readSet(r, tree, r.start + at);
  else if (deed === 'unreadable') reading = readUnreadable(r, tree, r.start + at);
  else reading = readEvent(r, tree, r.start + at);
  return reading && { at, type: 'read', reading };
}
