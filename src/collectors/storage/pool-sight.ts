/** What each source says of its pools, in one shape. */
import { type ResourceReading, reading, unreadable } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import { type PoolType, storagePool } from './kinds.ts';
import type { Memory, SeenPool } from './memory.ts';

export type PoolAttributes = Parameters<typeof reading<(typeof storagePool)['attributes']>>[2];

export interface PoolSight {
  readonly id: string;
  readonly type: PoolType;
  readonly attributes: PoolAttributes;
}

/** The pools of one source, or why it cannot be asked. */
export type PoolsSight =
  | { readonly type: 'seen'; readonly pools: readonly PoolSight[] }
  | { readonly type: 'unreadable'; readonly why: string };

const factNames = ['present', 'state', 'usable', 'degraded', 'sizeBytes', 'usedBytes'] as const;

function lost(id: string, seen: SeenPool, why: string | undefined): ResourceReading {
  const { type, firstSeenAt } = seen;
  const value = why === undefined ? null : unreadable(why);
  const facts = Object.fromEntries(factNames.map((name) => [name, value]));
  const present = why === undefined ? { present: false } : {};
  return reading(storagePool, id, { type, ...facts, ...present, firstSeenAt });
}

/** Remembers what is there; of what is not, tells whether it is lost or cannot be seen. */
export function poolReadings(
  sights: ReadonlyMap<PoolType, PoolsSight>,
  memory: Memory,
  now: EpochMs,
): readonly ResourceReading[] {
  const readings = new Map<string, ResourceReading>();
  for (const [type, sight] of sights) {
    if (sight.type === 'unreadable') continue;
    for (const pool of sight.pools) {
      // A volume group may have the name of a ZFS pool: the first one keeps it.
      const id = readings.has(pool.id) ? `${type}:${pool.id}` : pool.id;
      readings.set(id, poolReading(id, pool, memory, now));
    }
  }
  for (const [id, seen] of memory.pools) {
    if (readings.has(id)) continue;
    const sight = sights.get(seen.type);
    const why = sight?.type === 'unreadable' ? sight.why : undefined;
    if (sight === undefined) continue;
    if (why === undefined) memory.keepPool(id, { ...seen, lostAt: seen.lostAt ?? now });
    readings.set(id, lost(id, seen, why));
  }
  return [...readings.values()];
}

function poolReading(
  id: string,
  { type, attributes }: PoolSight,
  memory: Memory,
  now: EpochMs,
): ResourceReading {
  const before = memory.pools.get(id);
  const known = before?.type === type ? before : undefined;
  const { lastScrubAt: scrubbed, scrubErrors: found } = attributes;
  // A resilver takes the place of the scrub in what zpool says.
  const lastScrubAt = typeof scrubbed === 'number' ? scrubbed : known?.lastScrubAt;
  const scrubErrors = typeof found === 'number' ? found : known?.scrubErrors;
  const firstSeenAt = known?.firstSeenAt ?? now;
  memory.keepPool(id, {
    type,
    firstSeenAt,
    ...(lastScrubAt === undefined ? {} : { lastScrubAt }),
    ...(scrubErrors === undefined ? {} : { scrubErrors }),
  });
  return reading(storagePool, id, {
    type,
    present: true,
    ...attributes,
    firstSeenAt,
    lastScrubAt: lastScrubAt ?? null,
    scrubErrors: scrubErrors ?? null,
  });
}
