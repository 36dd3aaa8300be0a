/**
 * The publication: what is durable and may be told. Keeps the active alerts and the latest
 * changes at hand, and rings the bell. The bell carries no data, so a lost ring loses nothing.
 */
import type { Alert, Change } from '../domain/alert.ts';
import type { Feed, Notice } from '../operations/house.ts';
import type { StoreReads } from '../store/store.ts';

/** Older changes are read from the store. */
const recentChangesMax = 2000;

export interface Publication extends Feed {
  /** In order; what was published before is passed over. */
  publish(changes: readonly Change[]): void;
  tell(notice: Notice): void;
  active(): readonly Alert[];
  find(id: string): Alert | undefined;
  /** Resolves when the change with this number is published. */
  reached(seq: number): Promise<void>;
}

interface Waiting {
  readonly seq: number;
  readonly resolve: () => void;
}

export function createPublication(
  reads: Pick<StoreReads, 'changesAfter' | 'oldestSeq'>,
  start: { readonly alerts: readonly Alert[]; readonly lastSeq: number },
): Publication {
  const atStart = start.alerts.filter(({ phase }) => phase !== 'resolved');
  const active = new Map(atStart.map((alert) => [alert.id, alert]));
  const bells = new Set<() => void>();
  const takers = new Set<(notice: Notice) => void>();
  let recent: Change[] = [];
  let lastSeq = start.lastSeq;
  let waiting: Waiting[] = [];

  function remember(change: Change): void {
    lastSeq = change.seq;
    recent.push(change);
    const { alert } = change;
    if (alert.phase === 'resolved') active.delete(alert.id);
    else active.set(alert.id, alert);
  }

  return {
    publish(changes) {
      const fresh = changes.filter((change) => change.seq > lastSeq);
      if (fresh.length === 0) return;
      for (const change of fresh) remember(change);
      // Cut rarely and by half, so that publishing one change costs one push.
      if (recent.length > recentChangesMax * 2) recent = recent.slice(-recentChangesMax);
      const arrived = waiting.filter(({ seq }) => seq <= lastSeq);
      waiting = waiting.filter(({ seq }) => seq > lastSeq);
      for (const one of arrived) one.resolve();
      for (const ring of bells) ring();
    },
    tell(notice) {
      for (const take of takers) take(notice);
    },
    active: () => [...active.values()],
    find: (id) => active.get(id),
    reached(seq) {
      if (seq <= lastSeq) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ seq, resolve }));
    },
    lastSeq: () => lastSeq,
    oldestSeq: () => reads.oldestSeq(),
    async after(seq, limit) {
      const first = recent[0]?.seq;
      if (first === undefined || seq < first - 1) {
        const stored = await reads.changesAfter(seq, limit);
        // What is stored but not yet published is told when it is.
        return stored.filter((change) => change.seq <= lastSeq);
      }
      const from = seq - first + 1;
      return recent.slice(from, from + limit);
    },
    onRing(ring) {
      bells.add(ring);
      return () => bells.delete(ring);
    },
    onNotice(take) {
      takers.add(take);
      return () => takers.delete(take);
    },
  };
}
