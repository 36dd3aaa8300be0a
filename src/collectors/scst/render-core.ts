/** Resources of SCST itself and of its drivers, and what of it is not saved. */
import { reading } from '../../domain/reading.ts';
import { type Fact, known, refused } from './attribute.ts';
import { declaredBefore, declaredFact, type Facts, type Rendered } from './facts.ts';
import { scstCore, scstDriver } from './kinds.ts';
import { listSome } from './names.ts';
import { handlerCount } from './render-storage.ts';
import { isUnused } from './render-targets.ts';
import type { DriverNode, TargetNode } from './tree.ts';
import { countedTargets } from './unsaved.ts';

/** A target accepts logins unless it, its driver or its daemon is off. */
function isActive({ tree }: Facts, target: TargetNode): boolean {
  const driver = tree?.drivers.get(target.driver);
  if (target.enabled === false || driver?.enabled === false) return false;
  const openState = known(driver?.openState ?? null);
  return openState === undefined || openState === 'open';
}

function earliest(...instants: readonly (number | null)[]): number | null {
  const some = instants.filter((at) => at !== null);
  return some.length === 0 ? null : Math.min(...some);
}

/** Left out until the first look at the threads. */
function threadFacts({ threads }: Facts) {
  if (threads === undefined) return {};
  if (refused(threads)) return { hungThreads: threads, hungSince: threads, hungNames: threads };
  const { names, since } = threads;
  return {
    hungThreads: names.length,
    hungSince: since,
    hungNames: names.length === 0 ? null : listSome(names),
  };
}

function versionOf(version: Fact<string>): Fact<string> {
  return typeof version === 'string' ? version.replace(/^SCST version:\s*/, '') : version;
}

function unsavedFacts({ configuration, unsaved: names }: Facts) {
  const unsaved = declaredFact(configuration, () => names.length);
  const unsavedFirst = names.length === 0 ? null : listSome(names);
  return { unsaved, unsavedFirst: refused(unsaved) ? unsaved : unsavedFirst };
}

const isDeclaredUnused = (facts: Facts, id: string): boolean => isUnused(facts, id, undefined);

export function renderCore(facts: Facts): Rendered {
  const { tree, configuration, book } = facts;
  const targets = countedTargets(facts);
  const counted = new Set(targets.map(({ id }) => id));
  const open = [...book.visitors.values()].filter(
    (visitor) => visitor.open.size > 0 && counted.has(visitor.target),
  );
  return reading(scstCore, 'scst', {
    loaded: tree !== undefined,
    unit: 'scst.service',
    expected: configuration.type !== 'none' || facts.serviceEnabled,
    version: tree === undefined ? null : versionOf(tree.version),
    suspended: tree?.suspended ?? null,
    managementResult: tree?.managementResult ?? null,
    managementStuckSince: earliest(facts.queueSilentSince, facts.managementBusySince),
    targets: targets.length,
    activeTargets: targets.filter((target) => isActive(facts, target)).length,
    declaredTargets: declaredFact(
      configuration,
      (declared) =>
        [...declared.targets.keys()].filter((id) => !isDeclaredUnused(facts, id)).length,
    ),
    devices: handlerCount(facts),
    sessions: open.reduce((sum, visitor) => sum + visitor.open.size, 0),
    initiators: new Set(open.map(({ initiator }) => initiator)).size,
    ...threadFacts(facts),
    configuration: configuration.type,
    configurationProblem: configuration.type === 'broken' ? configuration.why : null,
    ...unsavedFacts(facts),
  });
}

export function renderDriver(facts: Facts, id: string, node: DriverNode | undefined): Rendered {
  const { configuration } = facts;
  const before = declaredBefore(configuration)?.drivers.get(id);
  const expected = (before?.targets ?? 0) > 0 || facts.wereOpen.has(id);
  return reading(scstDriver, id, {
    present: node !== undefined,
    enabled: node?.enabled ?? null,
    openState: node?.openState ?? null,
    expected,
    targets:
      node?.refusal ?? (node?.targets ?? []).filter((one) => !isUnused(facts, one.id, one)).length,
    declared: declaredFact(configuration, ({ drivers }) => drivers.has(id)),
    declaredEnabled: declaredFact(configuration, ({ drivers }) => {
      const driver = drivers.get(id);
      return driver === undefined ? null : (driver.enabled ?? false);
    }),
    declaredTargets: declaredFact(configuration, ({ drivers }) => drivers.get(id)?.targets ?? 0),
    portalListening: id === 'iscsi' ? facts.portal : null,
  });
}
