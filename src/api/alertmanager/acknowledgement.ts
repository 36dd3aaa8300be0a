/**
 * Acknowledgements as silences: Alertmanager knows none, so its clients are shown a silence for
 * each, made from the alert alone. Ending it takes the acknowledgement back.
 */
import { createHash } from 'node:crypto';
import type { Alert } from '../../domain/alert.ts';
import type { Silence } from '../../domain/mute.ts';
import { days } from '../../domain/time.ts';
import { labelsOf } from './labels.ts';

/** Ours alone, so that no id meets one that somebody else made (RFC 9562, 5.5). */
const namespace = Buffer.from('746f6373696e41636b6e6f776c656467', 'hex');

/** A UUID of version 5, the same for the same alert. */
export function acknowledgementIdOf(alertId: string): string {
  const hash = createHash('sha1').update(namespace).update(alertId).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join('-');
}

/** A silence must end; an acknowledgement without an end ends with its alert. */
const unlimited = days(3650);

export function acknowledgementOf(alert: Alert): Silence {
  const { acknowledgedBy, updatedAt } = alert;
  const startsAt = alert.acknowledgedAt ?? updatedAt;
  const matchers = Object.entries(labelsOf(alert))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, operator: '=' as const, value }));
  return {
    id: acknowledgementIdOf(alert.id),
    matchers,
    startsAt,
    endsAt: alert.acknowledgedUntil ?? startsAt + unlimited,
    comment: alert.comment ?? 'Acknowledged',
    createdBy: acknowledgedBy ?? 'unknown',
    setBy: acknowledgedBy ?? 'unknown',
    createdAt: startsAt,
    updatedAt: startsAt,
    endedBy: null,
  };
}

export const acknowledgedAlerts = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.filter(({ phase, acknowledged }) => phase === 'firing' && acknowledged);

/** The acknowledged alert that this id stands for. */
export const findAcknowledged = (alerts: readonly Alert[], id: string): Alert | undefined =>
  acknowledgedAlerts(alerts).find((alert) => acknowledgementIdOf(alert.id) === id.toLowerCase());
