/** What is told at the start of what happened while tocsin was away, and to its database. */
import type { Event } from '../domain/reading.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import type { Log } from '../platform/log.ts';
import type { OpenReport, Store } from '../store/store.ts';
import type { Pipeline } from './pipeline.ts';

/** A blind time that a kill left open ended, as such, when tocsin did. */
async function closeBlindTimes(
  store: Store,
  pipeline: Pipeline,
  startedAt: EpochMs,
  lastSeenAt: EpochMs,
): Promise<void> {
  for (const blind of await store.listBlind(lastSeenAt)) {
    if (blind.until !== null || blind.since >= startedAt) continue;
    pipeline.blindTime({ ...blind, until: Math.max(blind.since, lastSeenAt) });
  }
}

/** Events this long before the end are compared one by one; what is older was told. */
const comparedSpan = minutes(10);
const comparedMax = 20_000;

const nameOf = ({ kind, id, event, key }: Event): string => `${kind} ${id} ${event} ${key}`;

/**
 * Says of an event whether it was stored before this start: a journal read again from some
 * seconds before the end must not raise anything twice.
 */
export async function rememberEvents(
  store: Pick<Store, 'listEvents'>,
  lastSeenAt: EpochMs | null,
): Promise<(event: Event) => boolean> {
  if (lastSeenAt === null) return () => false;
  const since = lastSeenAt - comparedSpan;
  const stored = await store.listEvents({ since, limit: comparedMax });
  const names = new Set(stored.map(nameOf));
  const whole = stored.length < comparedMax;
  const from = whole ? since : Math.min(...stored.map(({ at }) => at));
  return (event) => event.at < from || names.has(nameOf(event));
}

/** In the log, because it is what somebody who goes back by a release looks for. */
function tellMigration({ migrated }: OpenReport, log: Pick<Log, 'notice'>): void {
  if (migrated === null) return;
  const { from, to, copy } = migrated;
  const kept = copy === null ? 'there was no room for a copy' : `as it was before: ${copy}`;
  log.notice(`database brought from schema ${from} to ${to}; ${kept}`);
}

export function tellOpened(report: OpenReport, log: Pick<Log, 'notice'>): void {
  tellMigration(report, log);
  if (report.volatile?.type === 'flushed')
    log.notice('database: what was kept in memory, while its disk took no writing, is on the disk');
}

const common = {
  severity: 'critical',
  source: 'system',
  resource: { kind: 'tocsin.component', id: 'database' },
  labels: { component: 'database' },
  expiresAt: null,
} as const;

async function raiseApart(pipeline: Pipeline, path: string): Promise<void> {
  await pipeline.raise(
    {
      ...common,
      title: 'What tocsin kept in memory does not go on from its database',
      message: `While the disk took no writing, tocsin went on in memory. That is now ${path}.`,
      advice:
        'The database on the disk is used as it was. Alerts and acknowledgements of the time in ' +
        'between are in that file alone. Resolve this alert when you have seen it.',
      key: 'database-apart',
    },
    'tocsin',
  );
}

export async function tellOpening(
  store: Store,
  pipeline: Pipeline,
  startedAt: EpochMs,
  lastSeenAt: EpochMs | null,
): Promise<void> {
  if (lastSeenAt !== null) {
    const why = 'tocsin did not run';
    pipeline.blindTime({ source: 'tocsin', since: lastSeenAt, until: startedAt, why });
    await closeBlindTimes(store, pipeline, startedAt, lastSeenAt);
  }
  const { setAside, volatile, why } = store.opened;
  if (volatile?.type === 'apart') await raiseApart(pipeline, volatile.path);
  if (setAside === null) return;
  const anew =
    volatile?.type === 'flushed' ? 'replaced by what was kept in memory' : 'started anew';
  await pipeline.raise(
    {
      ...common,
      title: `tocsin’s database was not sound and was ${anew}`,
      message: `${why ?? 'Not sound'}. The old file is now ${setAside}.`,
      advice:
        'Check the disk it lies on. Alerts and events from before are in the old file; what is ' +
        'wrong now has been found again. Resolve this alert when you have seen it.',
      key: 'database-set-aside',
    },
    'tocsin',
  );
}
