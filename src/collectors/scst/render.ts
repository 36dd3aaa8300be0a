/** All resources of SCST from all that is known, in slices. */
import type { ResourceReading } from '../../domain/reading.ts';
import { declaredBefore, type Facts, idsOf } from './facts.ts';
import type { Pace } from './pace.ts';
import { renderCore, renderDriver } from './render-core.ts';
import { deviceIds, isForeign, renderDevice, renderGroup } from './render-storage.ts';
import {
  isUnused,
  type LunPlace,
  renderLun,
  renderSession,
  renderTarget,
} from './render-targets.ts';
import type { Visitor } from './sessions.ts';
import {
  type DeviceNode,
  type DriverNode,
  type GroupNode,
  type TargetNode,
  targetsOf,
} from './tree.ts';

export function visitorsByTarget({ book }: Facts): ReadonlyMap<string, readonly Visitor[]> {
  return Map.groupBy(book.visitors.values(), ({ target }) => target);
}

/** LUNs that are there, then those that are declared and missing. */
function* lunPlaces(facts: Facts, targets: ReadonlyMap<string, TargetNode>): Generator<LunPlace> {
  const there = new Set<string>();
  for (const { id: target, sets } of targets.values()) {
    for (const { group, luns } of sets) {
      for (const node of luns) {
        there.add(node.id);
        yield { id: node.id, target, group, number: node.number, node, refusal: null };
      }
    }
  }
  for (const [id, lun] of declaredBefore(facts.configuration)?.luns ?? []) {
    if (there.has(id)) continue;
    const { target, group, number } = lun;
    const set = targets.get(target)?.sets.find((one) => one.group === group);
    const refusal = set?.refusal ?? facts.tree?.drivers.get(lun.driver)?.refusal ?? null;
    yield { id, target, group, number, node: undefined, refusal };
  }
}

function* renderEach(facts: Facts): Generator<ResourceReading> {
  const { tree, book } = facts;
  const before = declaredBefore(facts.configuration);
  yield renderCore(facts);
  for (const id of idsOf(tree?.drivers, before?.drivers))
    yield renderDriver(facts, id, tree?.drivers.get(id));
  const targets = new Map([...targetsOf(tree)].map((node) => [node.id, node]));
  const visitors = visitorsByTarget(facts);
  for (const id of idsOf(targets, before?.targets)) {
    const node = targets.get(id);
    if (!isUnused(facts, id, node)) yield renderTarget(facts, id, node, visitors.get(id) ?? []);
  }
  for (const lun of lunPlaces(facts, targets)) yield renderLun(facts, lun);
  for (const [id, visitor] of book.visitors) {
    if (!isUnused(facts, visitor.target, targets.get(visitor.target)))
      yield renderSession(facts, id, visitor);
  }
  for (const id of deviceIds(facts)) yield renderDevice(facts, id, tree?.devices.get(id));
  for (const id of idsOf(tree?.groups, before?.groups))
    yield renderGroup(facts, id, tree?.groups.get(id));
}

export async function renderAll(facts: Facts, pace: Pace): Promise<readonly ResourceReading[]> {
  const resources: ResourceReading[] = [];
  for (const resource of renderEach(facts)) {
    resources.push(resource);
    if (pace.due()) await pace.rest();
  }
  return resources;
}

/** Which resources are to be rendered, the others being the same as before. */
export interface Some {
  readonly core?: boolean;
  readonly drivers?: Iterable<DriverNode>;
  readonly targets?: Iterable<TargetNode>;
  readonly devices?: Iterable<DeviceNode> | 'all';
  readonly groups?: Iterable<GroupNode>;
  /** Those that are open. */
  readonly sessions?: boolean;
}

export function renderOnly(facts: Facts, some: Some): readonly ResourceReading[] {
  const { tree, book } = facts;
  const resources: ResourceReading[] = some.core === true ? [renderCore(facts)] : [];
  for (const node of some.drivers ?? []) resources.push(renderDriver(facts, node.name, node));
  const targets = [...(some.targets ?? [])].filter((node) => !isUnused(facts, node.id, node));
  const visitors = targets.length > 0 ? visitorsByTarget(facts) : new Map<string, Visitor[]>();
  for (const node of targets)
    resources.push(renderTarget(facts, node.id, node, visitors.get(node.id) ?? []));
  const devices = some.devices === 'all' ? (tree?.devices.values() ?? []) : (some.devices ?? []);
  const declared = declaredBefore(facts.configuration)?.devices;
  for (const node of devices) {
    if (!isForeign(node, declared?.get(node.name)))
      resources.push(renderDevice(facts, node.name, node));
  }
  for (const node of some.groups ?? []) resources.push(renderGroup(facts, node.id, node));
  const unused = new Set(
    [...targetsOf(tree)].filter((node) => isUnused(facts, node.id, node)).map(({ id }) => id),
  );
  for (const [id, visitor] of some.sessions === true ? book.visitors : []) {
    if (visitor.open.size > 0 && !unused.has(visitor.target))
      resources.push(renderSession(facts, id, visitor));
  }
  return resources;
}
