/** How alerts, events and resources look from outside (CONTRACT: "The alert"), ready for JSON. */
import type { Alert, Change } from '../domain/alert.ts';
import type { Attributes, Kind } from '../domain/kind.ts';
import { type AttributeReading, isUnreadable } from '../domain/reading.ts';
import type { Resource } from '../domain/resource.ts';
import { type EpochMs, rfc3339 } from '../domain/time.ts';
import type { StoredEvent } from '../store/store.ts';
import type { AlertView } from './schemas.ts';

export const renderInstant = (at: EpochMs | null): string | null =>
  at === null ? null : rfc3339(at);

export function renderAlert(alert: Alert): AlertView {
  return {
    id: alert.id,
    rule: alert.rule,
    origin: alert.origin,
    fingerprint: alert.fingerprint,
    severity: alert.severity,
    source: alert.source,
    phase: alert.phase,
    stale: alert.stale,
    title: alert.title,
    message: alert.message,
    advice: alert.advice,
    resource: alert.resource,
    labels: alert.labels,
    startsAt: rfc3339(alert.startsAt),
    detectedAt: rfc3339(alert.detectedAt),
    foundLate: alert.foundLate,
    firingAt: renderInstant(alert.firingAt),
    updatedAt: rfc3339(alert.updatedAt),
    resolvedAt: renderInstant(alert.resolvedAt),
    resolvedBy: alert.resolvedBy,
    stillTrue: alert.stillTrue,
    acknowledged: alert.acknowledged,
    acknowledgedBy: alert.acknowledgedBy,
    acknowledgedAt: renderInstant(alert.acknowledgedAt),
    acknowledgedUntil: renderInstant(alert.acknowledgedUntil),
    acknowledgedUntilChange: alert.acknowledgedUntilChange,
    comment: alert.comment,
    mutedBy: alert.mutedBy,
    cause: alert.cause,
    alternatives: alert.alternatives,
    victims: alert.victims,
    evidence: alert.evidence,
    value: alert.value,
    occurrence: alert.occurrence,
    seq: alert.seq,
  };
}

/** Data of an `alert` message on the stream: the alert, and what was done to it by whom. */
export const renderChange = (change: Change) => ({
  ...renderAlert(change.alert),
  reason: change.reason,
  by: change.by,
  door: change.door,
});

type FactView = boolean | number | string | null | { readonly unreadable: string };

/** Attributes with their instants in RFC 3339; one that is not declared is shown as it is. */
function renderFacts(
  declared: Attributes,
  facts: Readonly<Record<string, AttributeReading>>,
): Readonly<Record<string, FactView>> {
  const shown = Object.entries(facts).map(([name, fact]) => {
    const isInstant = declared[name]?.type === 'instant' && typeof fact === 'number';
    if (isInstant) return [name, rfc3339(fact)] as const;
    return [name, isUnreadable(fact) ? { unreadable: fact.unreadable } : fact] as const;
  });
  return Object.fromEntries(shown);
}

const kindNamed = (kinds: readonly Kind[], name: string): Kind | undefined =>
  kinds.find((kind) => kind.name === name);

export const renderResource = (resource: Resource, kinds: readonly Kind[]) => ({
  kind: resource.kind,
  id: resource.id,
  collector: resource.collector,
  attributes: renderFacts(kindNamed(kinds, resource.kind)?.attributes ?? {}, resource.attributes),
  changedAt: rfc3339(resource.changedAt),
  readAt: rfc3339(resource.readAt),
  staleSince: renderInstant(resource.staleSince),
});

export const renderEvent = (event: StoredEvent, kinds: readonly Kind[]) => ({
  number: event.number,
  event: event.event,
  resource: { kind: event.kind, id: event.id },
  time: rfc3339(event.at),
  detectedAt: rfc3339(event.detectedAt),
  foundBy: event.foundBy,
  attributes: renderFacts(
    kindNamed(kinds, event.kind)?.events[event.event]?.attributes ?? {},
    event.attributes,
  ),
});
