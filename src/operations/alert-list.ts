/**
 * The list of alerts: pending and firing ones from memory, resolved ones from the store, in one
 * order (newest first) and in pages that stay right while alerts come and change.
 */
import { type Static, Type } from 'typebox';
import { type Alert, alertSources, severities } from '../domain/alert.ts';
import type { EpochMs } from '../domain/time.ts';
import { type Matcher, matchesAlert, parseMatchers } from '../rules/matchers.ts';
import type { AlertQuery } from '../store/store.ts';
import { decodeCursor, digestOf, digestOfList, encodeCursor } from './cursor.ts';
import type { House } from './house.ts';
import { isRelative, readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { refuseField } from './refusals.ts';
import { renderAlert } from './render.ts';
import { alert, filter, limitDefault, line, name, page, paging, someOf, when } from './schemas.ts';

/** Resolved alerts read from the store at once, where matchers may drop most of them. */
const batchRows = 500;
/** Resolved alerts looked at for one page; after that the page ends early, with a cursor. */
const scannedRowsMax = 5000;

const phases = ['pending', 'firing', 'resolved', 'all'] as const;

const input = Type.Object(
  {
    severity: someOf(severities),
    source: someOf(alertSources),
    phase: someOf(phases),
    acknowledged: Type.Optional(Type.Boolean()),
    resourceKind: Type.Optional(name),
    resourceId: Type.Optional(name),
    rule: Type.Optional(
      Type.Unsafe<readonly string[]>({ ...Type.Array(name, { maxItems: 50 }), 'x-commas': true }),
    ),
    q: Type.Optional({ ...line, description: 'words that title or message hold' }),
    since: Type.Optional(when),
    until: Type.Optional(when),
    filter: Type.Optional(filter),
    ...paging,
  },
  { additionalProperties: false },
);
type Input = Static<typeof input>;

/** A place in the list: the last alert of the page before. */
interface Position {
  readonly startsAt: EpochMs;
  readonly id: string;
}

/** Newest first; equal instants by id, so that the order is total. */
const newestFirst = (a: Position, b: Position): number =>
  b.startsAt - a.startsAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Parses `filter=`; refuses what is no matcher, naming the place. */
export function readMatchers(texts: readonly string[] | undefined): readonly Matcher[] {
  const answer = parseMatchers(texts ?? []);
  if (answer.type === 'wrong') throw refuseField('filter', answer.why);
  return answer.matchers;
}

type Query = Omit<AlertQuery, 'limit' | 'after'>;

function queryOf(given: Input, now: EpochMs): Query {
  const { severity, source, rule, acknowledged, resourceKind, resourceId, q } = given;
  return {
    ...(severity && { severity }),
    ...(source && { source }),
    ...(rule && { rule }),
    ...(acknowledged !== undefined && { acknowledged }),
    ...(resourceKind !== undefined && { resourceKind }),
    ...(resourceId !== undefined && { resourceId }),
    ...(q !== undefined && { q }),
    ...(given.since !== undefined && { since: readPast('since', given.since, now) }),
    ...(given.until !== undefined && { until: readPast('until', given.until, now) }),
  };
}

function holdsWords(found: Alert, q: string): boolean {
  const text = `${found.title}\n${found.message}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The store's conditions, for the alerts that are in memory. */
const satisfies = (query: Query, found: Alert): boolean =>
  (query.severity?.includes(found.severity) ?? true) &&
  (query.source?.includes(found.source) ?? true) &&
  (query.rule?.includes(found.rule) ?? true) &&
  (query.acknowledged ?? found.acknowledged) === found.acknowledged &&
  (query.resourceKind ?? found.resource.kind) === found.resource.kind &&
  (query.resourceId ?? found.resource.id) === found.resource.id &&
  found.startsAt >= (query.since ?? found.startsAt) &&
  found.startsAt <= (query.until ?? found.startsAt) &&
  (query.q === undefined || holdsWords(found, query.q));

interface Resolved {
  readonly found: readonly Alert[];
  /** How far the store was read; undefined when to its end. */
  readonly readTo: Position | undefined;
}

/** Resolved alerts below `after` that the matchers let through, at least `wanted` if there are. */
async function readResolved(
  house: House,
  query: Query,
  matchers: readonly Matcher[],
  after: Position | undefined,
  wanted: number,
): Promise<Resolved> {
  const limit = matchers.length === 0 ? wanted : Math.max(wanted, batchRows);
  const found: Alert[] = [];
  let position = after;
  for (let scanned = 0; scanned < scannedRowsMax && found.length < wanted; scanned += limit) {
    const rows = await house.listResolved({
      ...query,
      ...(position && { after: position }),
      limit,
    });
    found.push(...rows.filter((row) => matchesAlert(matchers, row)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return { found, readTo: undefined };
    position = { startsAt: last.startsAt, id: last.id };
  }
  return { found, readTo: position };
}

/** The page below `after`, and where the next one begins; undefined when this is the last. */
async function readPage(
  house: House,
  given: Input,
  after: Position | undefined,
): Promise<{ readonly alerts: readonly Alert[]; readonly next: Position | undefined }> {
  const limit = given.limit ?? limitDefault;
  const wantedPhases: readonly string[] = given.phase ?? ['firing'];
  const wants = (phase: string): boolean =>
    wantedPhases.includes(phase) || wantedPhases.includes('all');
  const matchers = readMatchers(given.filter);
  const query = queryOf(given, house.now());
  // Memory before the store: an alert that resolves in between is then in both, never in none.
  const active = house
    .activeAlerts()
    .filter((one) => wants(one.phase) && satisfies(query, one) && matchesAlert(matchers, one))
    .filter((one) => after === undefined || newestFirst(after, one) < 0);
  const resolved: Resolved = wants('resolved')
    ? await readResolved(house, query, matchers, after, limit + 1)
    : { found: [], readTo: undefined };
  const byId = new Map([...active, ...resolved.found].map((one) => [one.id, one]));
  const { readTo } = resolved;
  const merged = [...byId.values()]
    .sort(newestFirst)
    // Below what was read of the store there may be others.
    .filter((one) => readTo === undefined || newestFirst(one, readTo) <= 0);
  const alerts = merged.slice(0, limit);
  return { alerts, next: merged.length > limit ? alerts.at(-1) : readTo };
}

export const listAlerts = defineOperation({
  name: 'alert.list',
  summary: 'Alerts, newest first; the firing ones unless phase says otherwise.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/alerts',
  input,
  output: page(alert),
  version(house, given) {
    if (isRelative(given.since) || isRelative(given.until)) return undefined;
    // startedAt, because numbers begin anew when a torn database was set aside.
    return `${house.startedAt.toString(36)}-${house.feed.lastSeq()}-${digestOf(given)}`;
  },
  async run(house, given) {
    const digest = digestOfList('alert.list', given);
    const place = decodeCursor(digest, given.cursor, ['number', 'string']);
    const after = place && { startsAt: place[0], id: place[1] };
    const { alerts, next } = await readPage(house, given, after);
    const nextCursor = next === undefined ? null : encodeCursor(digest, [next.startsAt, next.id]);
    return { items: alerts.map(renderAlert), nextCursor };
  },
});
