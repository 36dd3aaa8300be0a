/** The daemon as operations see it. */
import type { Alert } from '../domain/alert.ts';
import type { Kind } from '../domain/kind.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { History } from '../history/history.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Figures } from '../operations/figures.ts';
import type { ActAnswer, House, Tasks } from '../operations/house.ts';
import type { Access } from '../operations/house-access.ts';
import type { Audit } from '../operations/house-audit.ts';
import type { Mutes } from '../operations/house-mutes.ts';
import type { Records } from '../operations/house-records.ts';
import type { Clock } from '../platform/clock.ts';
import { within } from '../platform/within.ts';
import type { Deed, Engine } from '../rules/engine.ts';
import { emptyBatch, type Store } from '../store/store.ts';
import type { Delivery } from './delivery.ts';
import type { HealthBoard } from './health.ts';
import type { Pipeline } from './pipeline.ts';
import type { Publication } from './publication.ts';

export interface HouseParts {
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly kinds: readonly Kind[];
  readonly clock: Clock;
  readonly publication: Publication;
  readonly store: Store;
  readonly history: History;
  readonly pipeline: Pipeline;
  readonly inventory: Inventory;
  readonly engine: Engine;
  readonly health: HealthBoard;
  readonly tasks: Tasks;
  readonly records: Records;
  readonly mutes: Mutes;
  readonly delivery: Delivery;
  readonly access: Access;
  readonly audit: Audit;
  readonly figures: () => Figures;
  readonly validateRules: House['validateRules'];
  readonly recentEdits: House['recentEdits'];
  readonly ruleDesk: House['ruleDesk'];
  readonly ready: () => boolean;
  readonly alive: () => string | null;
  readonly reload: () => Promise<void>;
}

/** An answer does not wait longer to be kept: on a frozen disk the deed is done and told. */
const keptWithin = seconds(5);

const repliesIn = (store: Store, clock: Clock): House['replies'] => ({
  find: (caller, key) => store.findReply(caller, key, clock.now()),
  async keep(reply) {
    const kept = store.commit({ ...emptyBatch, replies: [reply] });
    await within(clock, keptWithin, kept, undefined);
  },
});

export function createHouse(parts: HouseParts): House {
  const { publication, store, pipeline, inventory, engine, health } = parts;

  const findAlert = async (id: string): Promise<Alert | undefined> =>
    publication.find(id) ?? (await store.findAlert(id));

  async function act(id: string, deed: Deed, by: string): Promise<ActAnswer> {
    const before = await findAlert(id);
    if (before === undefined) return { type: 'unknown' };
    if (before.phase === 'resolved') return { type: 'already-resolved', alert: before };
    const seq = await pipeline.act(id, deed, by);
    const after = await findAlert(id);
    return { type: 'done', alert: after ?? before, changed: seq !== undefined };
  }

  return {
    version: parts.version,
    startedAt: parts.startedAt,
    kinds: parts.kinds,
    now: () => parts.clock.now(),
    feed: publication,
    activeAlerts: () => publication.active(),
    listResolved: (query) => store.listResolved(query),
    findAlert,
    changesOf: (id) => store.changesOf(id),
    act,
    async raise(alert, by) {
      const id = await pipeline.raise(alert, by);
      return id === undefined ? undefined : findAlert(id);
    },
    expiries: () => engine.expiries(),
    tasks: parts.tasks,
    records: parts.records,
    mutes: parts.mutes,
    delivery: parts.delivery.desk,
    recentEdits: parts.recentEdits,
    listTasks: (query) => store.listTasks(query),
    listEvents: (query) => store.listEvents(query),
    resources: (kind) => inventory.list(kind),
    findResource: (kind, id) => inventory.find({ kind, id }),
    rules: () => engine.rules(),
    ruleDesk: parts.ruleDesk,
    replies: repliesIn(store, parts.clock),
    access: parts.access,
    audit: parts.audit,
    validateRules: parts.validateRules,
    health: () => ({ status: health.overall(), components: health.components() }),
    figures: parts.figures,
    numbers: (query) => parts.history.query(query),
    blindTimes: (since) => store.listBlind(since),
    ready: parts.ready,
    alive: parts.alive,
    async reload() {
      await parts.reload();
      return health.components().configuration?.reason ?? null;
    },
  };
}
