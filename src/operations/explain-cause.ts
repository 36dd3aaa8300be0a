/** Why one alert is blamed on another: by a rule, by its source, or by what its resource needs. */
import type { Alert } from '../domain/alert.ts';
import { type ResourceRef, refKey } from '../domain/reading.ts';
import { type Edge, edgesOf } from '../domain/topology.ts';
import type { House } from './house.ts';

export const certainties = [
  'certain', // a rule or the source itself says so
  'likely', // it failed first, and the other needs it
] as const;

export interface Blame {
  readonly certainty: (typeof certainties)[number];
  readonly why: string;
}

/** The shortest way from what is needed to who needs it; undefined when there is none. */
export function wayOf(
  from: ResourceRef,
  to: ResourceRef,
  edges: readonly Edge[],
): readonly Edge[] | undefined {
  const below = Map.groupBy(edges, (edge) => refKey(edge.from));
  const ways = new Map<string, readonly Edge[]>([[refKey(from), []]]);
  for (const [key, way] of ways) {
    if (key === refKey(to)) return way;
    for (const edge of below.get(key) ?? []) {
      const next = refKey(edge.to);
      if (!ways.has(next)) ways.set(next, [...way, edge]);
    }
  }
  return undefined;
}

/** Names in attributes with which the source says itself who is to blame. */
function accusedBy(house: House, { kind, id }: ResourceRef): ReadonlySet<string> {
  const declared = house.kinds.find(({ name }) => name === kind);
  const attributes = house.findResource(kind, id)?.attributes ?? {};
  return new Set(
    Object.entries(declared?.attributes ?? {}).flatMap(([name, { refersTo }]) => {
      const fact = attributes[name];
      return refersTo?.strength === 'certain' && typeof fact === 'string'
        ? [refKey({ kind: refersTo.kind, id: fact })]
        : [];
    }),
  );
}

function isInhibition(house: House, victim: Alert, muter: Alert | undefined): boolean {
  if (muter === undefined) return false;
  const inhibitors = house.rules().find(({ id }) => id === victim.rule)?.definition.inhibitedBy;
  return JSON.stringify(inhibitors ?? []).includes(JSON.stringify(muter.rule));
}

const needs = ({ from, to, relation }: Edge): string => `${from.id} ${relation} ${to.id}`;

export async function explainBlame(house: House, victim: Alert, cause: Alert): Promise<Blame> {
  const muter = await house.findAlert(victim.mutedBy[0] ?? '');
  if (isInhibition(house, victim, muter)) {
    return {
      certainty: 'certain',
      why: `the rule ${victim.rule} names ${muter?.rule} as its cause`,
    };
  }
  const accused = accusedBy(house, victim.resource);
  const way = wayOf(cause.resource, victim.resource, edgesOf(house.resources(), house.kinds));
  const last = way?.at(-1);
  const isSure = last !== undefined && accused.has(refKey(last.from));
  const path = way?.map(needs).join('; ') ?? '';
  if (isSure) return { certainty: 'certain', why: `its source says so: ${path}` };
  const why = path === '' ? `${cause.resource.id} comes before it` : path;
  return { certainty: 'likely', why: `it failed first, and ${why}` };
}
