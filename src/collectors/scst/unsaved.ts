/** What runs and is not in the configuration: it is lost at the next start. */
import { known } from './attribute.ts';
import type { Facts } from './facts.ts';
import type { Pace } from './pace.ts';
import { isUnused } from './render-targets.ts';
import { type TargetNode, targetsOf } from './tree.ts';

/** Targets that count: not the unused one that scst_local makes by itself. */
export const countedTargets = (facts: Facts): readonly TargetNode[] =>
  [...targetsOf(facts.tree)].filter((node) => !isUnused(facts, node.id, node));

/** A name for each difference; none while the configuration cannot be compared. */
export async function listUnsaved(facts: Facts, pace: Pace): Promise<readonly string[]> {
  if (facts.configuration.type !== 'good') return [];
  const { drivers, targets, luns, devices } = facts.configuration.declared;
  const names: string[] = [];
  for (const driver of facts.tree?.drivers.values() ?? []) {
    if (driver.enabled === true && drivers.get(driver.name)?.enabled !== true)
      names.push(`driver ${driver.name} (enabled)`);
  }
  for (const target of countedTargets(facts)) {
    const declared = targets.get(target.id);
    if (declared === undefined) names.push(`target ${target.id}`);
    else if (target.enabled === true && declared.enabled !== true)
      names.push(`target ${target.id} (enabled)`);
    if (declared === undefined) continue;
    for (const { id, device } of target.sets.flatMap((set) => set.luns)) {
      if (pace.due()) await pace.rest();
      const there = known(device);
      if (there !== undefined && luns.get(id)?.device !== there) names.push(`LUN ${id}`);
    }
  }
  for (const { name, handler } of facts.tree?.devices.values() ?? []) {
    if (known(handler) !== undefined && !devices.has(name)) names.push(`device ${name}`);
  }
  return names;
}
