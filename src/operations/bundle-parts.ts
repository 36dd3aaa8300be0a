/** What goes into a bundle: an alert, whom it concerns, and what happened around it. */
import type { Alert } from '../domain/alert.ts';
import { type ResourceRef, refKey } from '../domain/reading.ts';
import { days, hours, minutes, rfc3339 } from '../domain/time.ts';
import { edgesOf } from '../domain/topology.ts';
import { originsOnly } from '../recording/bundle/redact.ts';
import { alertTimeline } from './alert-timeline.ts';
import type { Caller, House } from './house.ts';
import { renderAlert, renderEvent, renderResource } from './render.ts';

export interface Gathered {
  readonly name: string;
  /** For the manifest. */
  readonly holds: string;
  /** A list becomes lines of JSON; other values one JSON text. */
  readonly content: unknown;
}

const neighboursMax = 50;
const alertsMax = 200;
const eventsMax = 2000;
const timelineMax = 1000;

/** What is kept from this long before the alert began to this long after. */
const before = hours(1);
const after = minutes(30);

/** The resource and those that an edge joins to it, at first or second hand. */
function neighboursOf(house: House, of: ResourceRef) {
  const edges = edgesOf(house.resources(), house.kinds);
  const known = new Map([[refKey(of), of]]);
  for (let round = 0; round < 2; round++) {
    const reached = [...known.keys()];
    for (const { from, to } of edges) {
      const isNear = reached.includes(refKey(from)) || reached.includes(refKey(to));
      if (!isNear || known.size >= neighboursMax) continue;
      known.set(refKey(from), from);
      known.set(refKey(to), to);
    }
  }
  const near = edges.filter(({ from, to }) => known.has(refKey(from)) && known.has(refKey(to)));
  return { refs: [...known.values()], edges: near };
}

async function relatedAlerts(house: House, alert: Alert): Promise<readonly Alert[]> {
  const { cause, victims, alternatives, mutedBy } = alert;
  const ids = new Set([cause ?? '', ...victims, ...alternatives, ...mutedBy]);
  const found = await Promise.all(
    [...ids]
      .filter((id) => id !== '')
      .slice(0, alertsMax)
      .map((id) => house.findAlert(id)),
  );
  return found.filter((one) => one !== undefined);
}

async function eventsAround(house: House, alert: Alert, refs: readonly ResourceRef[]) {
  const since = alert.startsAt - days(1);
  const until = (alert.resolvedAt ?? house.now()) + after;
  const found = await Promise.all(
    refs.map(({ kind, id }) => house.listEvents({ kind, id, since, until, limit: eventsMax })),
  );
  const events = found.flat().sort((a, b) => a.number - b.number);
  return events.slice(-eventsMax).map((one) => renderEvent(one, house.kinds));
}

/** The alert's rule, and those that could mute it. */
function rulesOf(house: House, { rule }: Alert) {
  const all = house.rules();
  const own = all.find(({ id }) => id === rule);
  const named = JSON.stringify(own?.definition.inhibitedBy ?? '');
  return all.filter(({ id }) => id === rule || named.includes(`"${id}"`));
}

/** What is asked of others, all at once. */
async function askAround(house: House, alert: Alert, refs: readonly ResourceRef[], caller: Caller) {
  const [timeline, related, events, kept, blind] = await Promise.all([
    alertTimeline.run(house, { id: alert.id, limit: timelineMax }, caller),
    relatedAlerts(house, alert),
    eventsAround(house, alert, refs),
    house.records.keptAround(refs, alert.startsAt - before, alert.startsAt + after),
    house.blindTimes(alert.startsAt - days(1)),
  ]);
  const times = blind.map(({ since, until, ...rest }) => ({
    ...rest,
    since: rfc3339(since),
    until: until === null ? null : rfc3339(until),
  }));
  return { timeline, related, events, kept, times };
}

const part = (name: string, holds: string, content: unknown): Gathered => ({
  name,
  holds,
  content,
});

/** Tocsin itself, and what it runs on. */
function ofTocsin(house: House, times: readonly unknown[]): readonly Gathered[] {
  const { records, version } = house;
  const startedAt = rfc3339(house.startedAt);
  const health = { ...house.health(), blind: times };
  const settings = originsOnly(records.settings());
  return [
    part('health.json', 'how tocsin is, and when it could not see', health),
    part('versions.json', 'tocsin and what it runs on', {
      version,
      startedAt,
      ...records.machine(),
    }),
    part('settings.json', 'the settings; of addresses the host alone', settings),
  ];
}

export async function gatherBundle(
  house: House,
  alert: Alert,
  caller: Caller,
): Promise<readonly Gathered[]> {
  const { refs, edges } = neighboursOf(house, alert.resource);
  const { timeline, related, events, kept, times } = await askAround(house, alert, refs, caller);
  const evidence = alert.evidence.flatMap(({ title, lines }) => [`# ${title}`, ...lines]);
  const resources = refs.flatMap(({ kind, id }) => house.findResource(kind, id) ?? []);
  const rendered = resources.map((one) => renderResource(one, house.kinds));
  return [
    part('alert.json', 'the alert as it is now', renderAlert(alert)),
    part('evidence.txt', 'frozen when it fired: lines of the journal, facts', evidence),
    part('timeline.jsonl', 'what happened to it', timeline.items),
    part('related-alerts.jsonl', 'its cause, its victims, what mutes it', related.map(renderAlert)),
    part('resources.jsonl', 'its resource and those next to it', rendered),
    part('topology.jsonl', 'who of them needs whom', edges),
    part('events.jsonl', 'events of them, from a day before on', events),
    part('readings.jsonl', 'kept readings of them, around its begin', kept),
    part('rules.json', 'its rule, and those that mute it', { rules: rulesOf(house, alert) }),
    ...ofTocsin(house, times),
  ];
}
