/**
 * For tests: collapses of which the truth is known. A graph of needs, one or more things that fail
 * by themselves, and what falls with them, each after a while; then what tocsin gets to see of it:
 * moments that are off, sources that look now and then, needs that nobody declares.
 */
import type { Alert, Severity } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import { failure, thing } from './world.fixture.ts';

export type Random = () => number;

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `needy` needs `needed`. */
type Edge = readonly [needy: string, needed: string];

export interface Shape {
  readonly edges: readonly Edge[];
  /** Things that may fail by themselves. */
  readonly firsts: readonly string[];
  /** Told by a look each so many milliseconds, not by the moment. */
  readonly looked?: number;
}

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const pick = <T>(all: readonly T[], random: Random): T =>
  all[Math.floor(random() * all.length)] as T;

const pairs = (needy: readonly string[], needed: readonly string[], random: Random): Edge[] =>
  needy.map((name) => [name, pick(needed, random)]);

export const shapes = {
  chain(): Shape {
    const all = names('c', 12);
    return { edges: all.slice(1).map((name, i) => [name, `c${i}`]), firsts: all.slice(0, 6) };
  },
  star(): Shape {
    const edges = names('s', 40).map((name): Edge => [name, 'hub']);
    return { edges, firsts: ['hub'] };
  },
  diamonds(): Shape {
    const edges = names('d', 5).flatMap((name, i): Edge[] => [
      [`left-${name}`, name],
      [`right-${name}`, name],
      [`d${i + 1}`, `left-${name}`],
      [`d${i + 1}`, `right-${name}`],
    ]);
    return { edges, firsts: names('d', 4) };
  },
  layers(random: Random): Shape {
    const layers = names('l', 5).map((layer) => names(`${layer}-`, 12));
    const edges = layers.slice(1).flatMap((layer, i) => [...pairs(layer, layers[i] ?? [], random)]);
    return { edges, firsts: (layers[0] ?? []).slice(0, 6) };
  },
  circles(random: Random): Shape {
    const rings = names('r', 4).map((ring) => names(`${ring}-`, 4));
    const edges = rings.flatMap((ring, i): Edge[] => [
      ...ring.map((name, k): Edge => [name, ring[(k + 1) % ring.length] ?? name]),
      ...(i === 0 ? [] : [[ring[0] ?? '', pick(rings[i - 1] ?? [], random)] as Edge]),
    ]);
    return { edges, firsts: names('r0-', 4) };
  },
  /** Device, LUN, target, session: the looks of a second. */
  scst(random: Random): Shape {
    const [devices, targets] = [names('disk', 8), names('target', 4)];
    const luns = names('lun', 24);
    const sessions = names('initiator', 16);
    const edges = [
      ...pairs(luns, devices, random),
      ...pairs(luns, targets, random),
      ...pairs(sessions, luns, random),
    ];
    return { edges, firsts: [...devices, ...targets], looked: 1000 };
  },
  /** Library, drive, exported device, session: some looked at, half a minute apart. */
  tape(random: Random): Shape {
    const [libraries, drives] = [names('library', 3), names('drive', 12)];
    const devices = drives.map((name) => `exported-${name}`);
    const edges = [
      ...pairs(drives, libraries, random),
      ...devices.map((name, i): Edge => [name, drives[i] ?? '']),
      ...pairs(names('backup', 12), devices, random),
    ];
    return { edges, firsts: libraries, looked: 10_000 };
  },
} as const satisfies Readonly<Record<string, (random: Random) => Shape>>;

export type ShapeName = keyof typeof shapes;

export interface Collapse {
  readonly resources: readonly Resource[];
  /** In the order in which they are told. */
  readonly alerts: readonly Alert[];
  /** What is to blame for what; null: it failed by itself. */
  readonly truth: ReadonlyMap<string, string | null>;
}

interface Fall {
  readonly at: number;
  readonly cause: string | null;
}

/** Who falls when, and because of whom; each falls with the first of those it needs. */
function fall(shape: Shape, roots: readonly string[], random: Random): ReadonlyMap<string, Fall> {
  const falls = new Map<string, Fall>();
  const waiting: (Fall & { readonly name: string })[] = roots.map((name, i) => ({
    name,
    cause: null,
    at: i * 400 * random(),
  }));
  for (;;) {
    waiting.sort((a, b) => a.at - b.at);
    const next = waiting.shift();
    if (next === undefined) return falls;
    if (falls.has(next.name)) continue;
    falls.set(next.name, { at: next.at, cause: next.cause });
    const cause = next.cause ?? next.name;
    for (const [needy, needed] of shape.edges) {
      if (needed !== next.name || falls.has(needy)) continue;
      // One in ten goes on without what it needs.
      if (random() < 0.9) waiting.push({ name: needy, at: next.at + 10 + 900 * random(), cause });
    }
  }
}

const severityOf = (random: Random): Severity => (random() < 0.7 ? 'critical' : 'warning');

/** What is seen of it: sources are late or off by a little, some needs are not declared. */
function see(shape: Shape, falls: ReadonlyMap<string, Fall>, random: Random): Collapse {
  const facts = new Map<string, { needs: string; neededBy: string }>();
  const of = (name: string) => {
    const known = facts.get(name) ?? { needs: '', neededBy: '' };
    facts.set(name, known);
    return known;
  };
  for (const [needy, needed] of shape.edges) {
    if (random() < 0.01) continue;
    if (random() < 0.5) of(needy).needs += ` ${needed}`;
    else of(needed).neededBy += ` ${needy}`;
  }
  const alerts = [...falls].map(([name, { at }]) => {
    const looked = shape.looked !== undefined;
    const told = looked ? Math.ceil(at / shape.looked) * shape.looked : at + (random() - 0.5) * 600;
    return failure(name, { at: told, looked, severity: severityOf(random) });
  });
  return {
    resources: [...facts].map(([name, named]) => thing(name, named)),
    alerts: alerts.sort((a, b) => a.startsAt - b.startsAt),
    truth: new Map([...falls].map(([name, { cause }]) => [name, cause])),
  };
}

/** All that needs this one, and itself. */
function dependantsOf({ edges }: Shape, name: string): ReadonlySet<string> {
  const all = new Set([name]);
  for (const one of all) {
    for (const [needy, needed] of edges) if (needed === one) all.add(needy);
  }
  return all;
}

/**
 * One or two firsts that fall by themselves, and now and then something that only fails just then.
 * `nested`: the second may need the first, so that nothing but chance tells it from a victim.
 */
export function collapseOf(name: ShapeName, seed: number, nested = false): Collapse {
  const random = randomOf(seed);
  const shape = shapes[name](random);
  const roots = [pick(shape.firsts, random)];
  const second = pick(shape.firsts, random);
  const isApart = roots.every(
    (root) => !dependantsOf(shape, root).has(second) && !dependantsOf(shape, second).has(root),
  );
  if (nested || (isApart && random() < 0.7)) roots.push(second);
  // Alone in the world: nothing needs it, and it needs nothing.
  roots.push(...names('stranger', Math.floor(random() * 3)));
  const falls = fall(shape, [...new Set(roots)], random);
  return see(shape, falls, random);
}
