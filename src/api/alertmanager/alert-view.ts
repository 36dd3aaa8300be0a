/** Alerts as Alertmanager shows them: which there are, and what became of each. */
import type { Alert } from '../../domain/alert.ts';
import { type EpochMs, minutes, rfc3339 } from '../../domain/time.ts';
import type { House } from '../../operations/house.ts';
import { acknowledgementIdOf } from './acknowledgement.ts';
import { annotationsOf, fingerprintOf, generatorUrlOf, type Labels, labelsOf } from './labels.ts';
import { type Routing, receiversOf } from './routes.ts';

/** What is pushed in without an end holds this long after the last push (resolve_timeout). */
export const resolveTimeout = minutes(5);

export interface AlertStatus {
  readonly state: 'active' | 'suppressed';
  /** Ids of silences, those that stand for acknowledgements too. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of the alerts that are to blame, that inhibit, or that say it flaps. */
  readonly inhibitedBy: readonly string[];
  /** Ids of maintenance windows. */
  readonly mutedBy: readonly string[];
}

export interface AlertView {
  readonly annotations: Labels;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly startsAt: string;
  readonly status: AlertStatus;
  readonly updatedAt: string;
  /** Left out where there is none, as Alertmanager does: an empty text is no URI. */
  readonly generatorURL?: string;
  readonly labels: Labels;
}

/** What views are made from, read once for all alerts of an answer. */
export interface Sight {
  readonly now: EpochMs;
  readonly firing: readonly Alert[];
  readonly byId: ReadonlyMap<string, Alert>;
  readonly expiries: Readonly<Record<string, EpochMs>>;
  readonly routing: Routing;
  /** `https://box`: where this door is reached. */
  readonly base: string;
}

export function sightOf(house: House, routing: Routing, base: string): Sight {
  const firing = house.activeAlerts().filter(({ phase }) => phase === 'firing');
  const byId = new Map(firing.map((alert) => [alert.id, alert]));
  return { now: house.now(), firing, byId, expiries: house.expiries(), routing, base };
}

/** Silences have UUIDs; alerts and maintenance windows have ULIDs. */
const isUuid = (id: string): boolean => id.includes('-');

export function statusOf(alert: Alert, byId: Sight['byId']): AlertStatus {
  const silencedBy = alert.mutedBy.filter(isUuid);
  if (alert.acknowledged) silencedBy.unshift(acknowledgementIdOf(alert.id));
  const inhibitedBy: string[] = [];
  const mutedBy: string[] = [];
  for (const id of alert.mutedBy.filter((one) => !isUuid(one))) {
    const other = byId.get(id);
    if (other === undefined) mutedBy.push(id);
    else inhibitedBy.push(fingerprintOf(other));
  }
  const isActive = silencedBy.length + inhibitedBy.length + mutedBy.length === 0;
  return { state: isActive ? 'active' : 'suppressed', silencedBy, inhibitedBy, mutedBy };
}

export function renderAlertView(alert: Alert, sight: Sight): AlertView {
  const { byId, expiries, now, routing, base } = sight;
  const generatorURL = generatorUrlOf(alert, base);
  return {
    annotations: annotationsOf(alert),
    endsAt: rfc3339(expiries[alert.id] ?? now + resolveTimeout),
    fingerprint: fingerprintOf(alert),
    receivers: receiversOf(routing, alert).map((name) => ({ name })),
    startsAt: rfc3339(alert.startsAt),
    status: statusOf(alert, byId),
    updatedAt: rfc3339(alert.updatedAt),
    ...(generatorURL !== '' && { generatorURL }),
    labels: labelsOf(alert),
  };
}
