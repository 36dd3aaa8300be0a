/** Who is to blame for a job that failed by dependency: searched on demand, within limits. */
import { namesOf, type Properties } from './facts.ts';
import type { State } from './state.ts';

/** Units looked at for one failure; a chain of dependencies is rarely longer than five. */
export const blamedMax = 32;

/** Dependencies whose failure stops a unit from starting (systemd.unit(5)). */
const strong = ['Requires', 'Requisite', 'BindsTo'] as const;

export type Ask = (name: string) => Promise<Properties | undefined>;

/**
 * The nearest failed unit among what `name` needs, and what that needs in turn. A job of a device
 * that never came has timed out, and the device is not failed: results of jobs count too.
 */
export async function findBlamed(state: State, name: string, ask: Ask): Promise<string | null> {
  const queue = [name];
  const seen = new Set(queue);
  let suspect: string | null = null;
  for (let asked = 0; asked < blamedMax; asked++) {
    const next = queue.shift();
    if (next === undefined) break;
    const properties = await ask(next);
    if (properties === undefined) continue;
    for (const needed of strong.flatMap((property) => namesOf(properties[property]))) {
      if (seen.has(needed)) continue;
      seen.add(needed);
      const job = state.failedJobs.get(needed);
      if (state.units.get(needed)?.attributes.activeState === 'failed') return needed;
      if (job !== undefined && job !== 'dependency') suspect ??= needed;
      queue.push(needed);
    }
  }
  return suspect;
}
