/**
 * The heart: inventory, engine, store and publication, joined. Readings go in at the pipeline,
 * durable changes come out at the publication.
 */
import type { RunningCollector } from '../collectors/collector.ts';
import type { Change } from '../domain/alert.ts';
import type { Kind } from '../domain/kind.ts';
import type { EpochMs } from '../domain/time.ts';
import { createInventory } from '../inventory/create.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Notice } from '../operations/house.ts';
import { renderEvent } from '../operations/render.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { type CompiledRules, digestsOf } from '../rules/compiled.ts';
import { createEngine } from '../rules/engine/create.ts';
import type { Engine, FlapSettings } from '../rules/engine.ts';
import type { Remembered, Store, StoredEvent } from '../store/store.ts';
import { CommitQueue } from './commit-queue.ts';
import { DatabaseHealth } from './database-health.ts';
import { EvidenceDesk } from './evidence.ts';
import { createHealthBoard, type HealthBoard } from './health.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { MuteDesk } from './mute-desk.ts';
import { type MuteParts, openMutes } from './open-mutes.ts';
import { Pipeline } from './pipeline.ts';
import { createPublication, type Publication } from './publication.ts';
import { Taps } from './taps.ts';
import { TaskDesk } from './task-desk.ts';
import { taskNotices } from './task-notices.ts';

export interface HeartParts {
  readonly store: Store;
  readonly remembered: Remembered;
  readonly rules: CompiledRules;
  readonly kinds: readonly Kind[];
  readonly clock: Clock;
  readonly log: Log;
  readonly mutes: Pick<MuteParts, 'calendar' | 'settings' | 'tell'>;
  /** null: nobody looks for what flaps. */
  readonly flapping: FlapSettings | null;
  readonly findCollector: (name: string) => RunningCollector | undefined;
  /** The store cannot go on: the process must end and start anew. */
  readonly onBroken: (why: string) => void;
}

export interface Heart {
  readonly inventory: Inventory;
  readonly engine: Engine;
  readonly queue: CommitQueue;
  readonly pipeline: Pipeline;
  readonly publication: Publication;
  readonly health: HealthBoard;
  readonly tasks: TaskDesk;
  readonly mutes: MuteDesk;
  readonly ledger: Ledger;
  /** Who sees what comes in. */
  readonly taps: Taps;
  /** What began before is found late. */
  readonly watchingSince: EpochMs;
  /** What has to be left out because a limit is reached; null when nothing has. */
  readonly leftOut: () => string | null;
  /** What the store says of its disk: the reserve is spent, there is room again (null). */
  readonly tellCondition: (text: string | null) => void;
}

/** `scst.target` -> `scst`: the stream's type of what happens to a kind. */
function noticeType(kind: string): Notice['type'] {
  const first = kind.slice(0, kind.indexOf('.'));
  const own = ['task', 'storage', 'scst', 'tape', 'vtl'] as const;
  return own.find((type) => type === first) ?? 'system';
}

/** As the list of events shows it. */
function noticeOf(stored: StoredEvent, kinds: readonly Kind[]): Notice {
  const { event, resource, foundBy, attributes: after } = renderEvent(stored, kinds);
  const data = { event, resource, foundBy, before: null, after };
  return { type: noticeType(stored.kind), at: stored.at, data };
}

function describeLeftOut(engine: Engine, inventory: Inventory): string | null {
  const said = [
    [engine.putOff(), 'alerts are put off'],
    [inventory.leftOut(), 'resources are not taken in'],
  ] as const;
  const texts = said.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return texts.length === 0 ? null : texts.join('; ');
}

function startEngine(parts: HeartParts, { past }: Inventory, watchingSince: EpochMs): Engine {
  const { rules, remembered, kinds, flapping } = parts;
  const variables = new Map(kinds.map(({ name, variable }) => [name, variable]));
  const variableOf = (kind: string): string => variables.get(kind) ?? 'resource';
  const limits = { watchingSince, kinds, flapping };
  return createEngine(rules, remembered, past, variableOf, limits);
}

export function buildHeart(parts: HeartParts): Heart {
  const { store, remembered, clock, log } = parts;
  const inventory = createInventory();
  const watchingSince = clock.now();
  const engine = startEngine(parts, inventory, watchingSince);
  const publication = createPublication(store, remembered);
  const ledger = createLedger(clock);

  const queue = new CommitQueue({
    store,
    clock,
    expiries: () => engine.expiries(),
    onPublish: (changes: readonly Change[], events) => {
      ledger.takeChanges(changes);
      publication.publish(changes);
      for (const event of events) publication.tell(noticeOf(event, parts.kinds));
      evidence.take(changes);
    },
    onState: (state) => {
      database.commits(state);
      if (state.type === 'broken') parts.onBroken(state.why);
    },
  });
  queue.add({ digests: digestsOf(parts.rules) });
  const taps = new Taps(parts.rules);
  const pipeline = new Pipeline({
    inventory,
    engine,
    queue,
    clock,
    log,
    onBlind: (blind) => ledger.takeBlind(blind),
    published: (seq) => publication.reached(seq),
    tap: taps.tap,
    onDifferences: (differences) => {
      for (const notice of taskNotices(differences)) publication.tell(notice);
    },
  });
  const deskParts = { pipeline, queue, store, inventory, clock };
  const tasks = new TaskDesk(deskParts, remembered.tasks);
  const mutes = openMutes({ ...deskParts, ...parts.mutes, log, publication }, remembered);
  const health = createHealthBoard(clock, (name, reading) => pipeline.tell(name, reading));
  const evidence = new EvidenceDesk({
    pipeline,
    findResource: (ref) => inventory.find(ref),
    findCollector: parts.findCollector,
    clock,
    log,
  });
  const database = new DatabaseHealth((state) => health.set('database', 'database', state), log);
  database.tell();
  const heart = { inventory, engine, queue, pipeline, publication, health, tasks, mutes, ledger };
  return {
    ...heart,
    taps,
    watchingSince,
    leftOut: () => describeLeftOut(engine, inventory),
    tellCondition: (text) => database.condition(text),
  };
}
