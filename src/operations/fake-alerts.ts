/** Alerts for tests, and what acts and queries do with them, written as plainly as can be. */
import type { Alert } from '../domain/alert.ts';
import type { EpochMs } from '../domain/time.ts';
import { labelFingerprint, ulidOf } from '../domain/ulid.ts';
import { isSameAcknowledgement } from '../rules/engine/acknowledgements.ts';
import type { Deed } from '../rules/engine.ts';
import type { AlertQuery } from '../store/store.ts';

export const fakeStart = Date.UTC(2026, 10, 22, 6, 14, 0, 123);

export function fakeAlert(count: number, more: Partial<Alert> = {}): Alert {
  const startsAt = more.startsAt ?? fakeStart + count * 1000;
  const unit = `unit-${count}.service`;
  return {
    id: ulidOf(startsAt, [unit]),
    rule: 'unit-failed',
    origin: 'rule',
    fingerprint: labelFingerprint({ alertname: 'unit-failed', unit }),
    severity: 'critical',
    source: 'system',
    phase: 'firing',
    stale: false,
    title: `${unit} failed (exit-code)`,
    message: 'It ended with status 1.',
    advice: `Look at journalctl -u ${unit}.`,
    resource: { kind: 'systemd.unit', id: unit },
    labels: { unit },
    startsAt,
    detectedAt: startsAt + 5,
    foundLate: false,
    firingAt: startsAt + 5,
    updatedAt: startsAt + 5,
    resolvedAt: null,
    resolvedBy: null,
    stillTrue: false,
    acknowledged: false,
    acknowledgedBy: null,
    acknowledgedAt: null,
    acknowledgedUntil: null,
    acknowledgedUntilChange: false,
    comment: null,
    mutedBy: [],
    cause: null,
    alternatives: [],
    victims: [],
    evidence: [{ type: 'journal', title: 'journal', lines: ['boom'] }],
    value: 'failed',
    occurrence: 1,
    seq: 0,
    ...more,
  };
}

/** The alert after the deed; the same object when it changes nothing. */
export function afterDeed(alert: Alert, deed: Deed, by: string, now: EpochMs): Alert {
  switch (deed.type) {
    case 'acknowledge':
      if (isSameAcknowledgement(alert, deed.until ?? null)) return alert;
      return {
        ...alert,
        acknowledged: true,
        acknowledgedBy: by,
        acknowledgedAt: now,
        acknowledgedUntil: deed.until === 'change' ? null : (deed.until ?? null),
        acknowledgedUntilChange: deed.until === 'change',
        comment: deed.comment ?? alert.comment,
      };
    case 'unacknowledge':
      if (!alert.acknowledged) return alert;
      return {
        ...alert,
        acknowledged: false,
        acknowledgedBy: null,
        acknowledgedAt: null,
        acknowledgedUntil: null,
        acknowledgedUntilChange: false,
      };
    case 'resolve':
      return { ...alert, phase: 'resolved', resolvedAt: now, resolvedBy: `operator:${by}` };
    case 'comment':
      return { ...alert, comment: deed.comment };
    default:
      return alert;
  }
}

export const reasons = {
  acknowledge: 'acknowledged',
  unacknowledge: 'unacknowledged',
  resolve: 'resolved',
  comment: 'commented',
  evidence: 'updated',
} as const;

export const within = (at: EpochMs, since?: EpochMs, until?: EpochMs): boolean =>
  at >= (since ?? at) && at <= (until ?? at);

export function selects(query: AlertQuery, alert: Alert): boolean {
  const { after } = query;
  const text = `${alert.title} ${alert.message}`.toLowerCase();
  const isBelow =
    after === undefined ||
    alert.startsAt < after.startsAt ||
    (alert.startsAt === after.startsAt && alert.id < after.id);
  return (
    isBelow &&
    (query.severity?.includes(alert.severity) ?? true) &&
    (query.source?.includes(alert.source) ?? true) &&
    (query.rule?.includes(alert.rule) ?? true) &&
    (query.acknowledged ?? alert.acknowledged) === alert.acknowledged &&
    (query.resourceKind ?? alert.resource.kind) === alert.resource.kind &&
    (query.resourceId ?? alert.resource.id) === alert.resource.id &&
    within(alert.startsAt, query.since, query.until) &&
    (query.q ?? '').split(/\s+/).every((word) => text.includes(word.toLowerCase()))
  );
}

/** Newest first: by start, then by id. */
export const newestFirst = (a: Alert, b: Alert): number =>
  b.startsAt - a.startsAt || (a.id < b.id ? 1 : -1);
