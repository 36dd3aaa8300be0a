/** What people and programs do: raise an alert by hand, and act on one that is active. */
import type { Alert, AlertOrigin, ChangeReason } from '../../domain/alert.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import { labelFingerprint } from '../../domain/ulid.ts';
import type { Deed, RaisedByHand } from '../engine.ts';
import { isSameAcknowledgement, unacknowledged } from './acknowledgements.ts';
import { blank } from './alert.ts';
import { type AlertCell, createHandCell, type HandCell } from './cells.ts';
import type { Evaluator } from './evaluate.ts';
import type { Flaps } from './flaps.ts';
import type { Author } from './log.ts';
import type { EngineParts } from './moves.ts';
import { countKey, originOf, Raised, raisedId, ruleOf } from './raised.ts';

const textsOf = ({ source, title, message, advice }: RaisedByHand) => ({
  source,
  title,
  message,
  advice,
});

/** Alertmanager knows what was pushed by its labels alone. */
const fingerprintOf = (origin: AlertOrigin, labels: Alert['labels'], rule: string): string =>
  labelFingerprint(origin === 'pushed' ? labels : { ...labels, alertname: rule });

/**
 * Prometheus pushes every minute, often with a number in the texts. Texts alone are taken at once
 * while the alert is young, and then so often: they come again, and each one is stored for good.
 */
const pushedTextsYoung = minutes(5);
const pushedTextsEvery = minutes(10);

const isTooSoon = (alert: Alert, severity: Alert['severity'], now: EpochMs): boolean =>
  alert.origin === 'pushed' &&
  alert.severity === severity &&
  now - alert.detectedAt >= pushedTextsYoung &&
  now - alert.updatedAt < pushedTextsEvery;

export class Hand {
  readonly #parts: EngineParts;
  readonly #evaluator: Evaluator;
  readonly #flaps: Flaps;
  readonly #raised = new Raised();

  constructor(parts: EngineParts, evaluator: Evaluator, flaps: Flaps) {
    this.#parts = parts;
    this.#evaluator = evaluator;
    this.#flaps = flaps;
  }

  raise(raised: RaisedByHand, by: string, now: EpochMs): void {
    const cell = this.find(raised);
    if (cell === undefined) {
      this.#raiseFirst(raised, by, now);
      return;
    }
    this.#raiseAgain(cell, raised, by, now);
    const { expiresAt, origin } = raised;
    const isOver = origin === 'pushed' && expiresAt !== null && expiresAt <= now;
    // At once, so that who pushes its end hears when that is durable.
    if (isOver) this.#end(cell, 'pushed', { by, door: raised.door, comment: null }, now);
  }

  /** The active alert with the same key for the same resource. */
  find(raised: RaisedByHand): HandCell | undefined {
    return this.#raised.find(raised);
  }

  /** Takes an alert that was raised before a restart. */
  adopt(alert: Alert, expiresAt: EpochMs | undefined): void {
    const cell = createHandCell(alert);
    this.#parts.active.set(alert.id, cell);
    this.#raised.add(cell);
    this.#parts.due.set(cell, expiresAt);
  }

  act(cell: AlertCell, deed: Deed, by: string, now: EpochMs): void {
    if (deed.type === 'resolve') {
      this.#resolve(cell, { by, door: deed.door, comment: deed.comment }, now);
      return;
    }
    const done = changeOf(cell.alert, deed, by, now);
    if (done === undefined) return;
    const comment = deed.type === 'evidence' ? null : deed.comment;
    cell.alert = this.#parts.log.add({ ...cell.alert, ...done.facts }, done.reason, now, {
      by,
      door: deed.door,
      comment,
    });
  }

  expire(cell: HandCell, now: EpochMs): void {
    this.#end(cell, 'expired', { by: null, comment: null }, now);
  }

  #resolve(cell: AlertCell, author: Author & { readonly by: string }, now: EpochMs): void {
    if (cell.type === 'rule') this.#evaluator.endByHand(cell, author, now);
    else if (cell.type === 'flap') this.#flaps.endByHand(cell, author, now);
    else this.#end(cell, `operator:${author.by}`, author, now);
  }

  #end(cell: HandCell, resolvedBy: string, author: Author, now: EpochMs): void {
    const { active, due, log } = this.#parts;
    active.delete(cell.alert.id);
    this.#raised.delete(cell);
    due.set(cell, undefined);
    const end = { phase: 'resolved', resolvedAt: now, resolvedBy } as const;
    log.add({ ...cell.alert, ...end }, 'resolved', now, author);
  }

  #raiseFirst(raised: RaisedByHand, by: string, now: EpochMs): void {
    const { active, due, log, mutes, occurrences, limits } = this.#parts;
    if (active.size >= limits.alertsMax || this.#raised.count() >= limits.raisedMax) return;
    const { severity, resource, labels, expiresAt } = raised;
    const rule = ruleOf(raised);
    const counted = countKey(raised);
    const occurrence = (occurrences.get(counted) ?? 0) + 1;
    occurrences.set(counted, occurrence);
    const startsAt = Math.min(raised.startsAt ?? now, now);
    const alert: Alert = {
      ...blank,
      ...textsOf(raised),
      id: raisedId(raised, now, occurrence),
      rule,
      origin: originOf(raised),
      fingerprint: fingerprintOf(originOf(raised), labels, rule),
      severity,
      phase: 'firing',
      resource,
      labels,
      startsAt,
      detectedAt: now,
      foundLate: false,
      firingAt: now,
      updatedAt: now,
      evidence: raised.evidence ?? [],
      value: null,
      occurrence,
    };
    const author = { by, door: raised.door, comment: null };
    const cell = createHandCell(log.add(mutes.renew(alert), 'raised', now, author));
    active.set(alert.id, cell);
    this.#raised.add(cell);
    due.set(cell, expiresAt ?? undefined);
  }

  #raiseAgain(cell: HandCell, raised: RaisedByHand, by: string, now: EpochMs): void {
    const { severity, labels, expiresAt } = raised;
    const texts = textsOf(raised);
    const { alert } = cell;
    const { evidence = alert.evidence } = raised;
    const { due, log, mutes } = this.#parts;
    due.set(cell, expiresAt ?? undefined);
    const isSame =
      alert.severity === severity &&
      Object.entries(texts).every(([name, text]) => alert[name as keyof typeof texts] === text) &&
      labelFingerprint(alert.labels) === labelFingerprint(labels) &&
      JSON.stringify(alert.evidence) === JSON.stringify(evidence);
    if (isSame || isTooSoon(alert, severity, now)) return;
    const reason = alert.severity === severity ? 'updated' : 'severity';
    const fingerprint = fingerprintOf(alert.origin, labels, alert.rule);
    const again: Alert = { ...alert, ...texts, severity, labels, evidence, fingerprint };
    const author = { by, door: raised.door, comment: null };
    cell.alert = log.add(mutes.renew(again), reason, now, author);
  }
}

type Done = { readonly reason: ChangeReason; readonly facts: Partial<Alert> };

/** What the deed changes about the alert; undefined when it is so already. */
function changeOf(
  alert: Alert,
  deed: Exclude<Deed, { readonly type: 'resolve' }>,
  by: string,
  now: EpochMs,
): Done | undefined {
  if (deed.type === 'comment') return { reason: 'commented', facts: { comment: deed.comment } };
  if (deed.type === 'evidence') {
    if (deed.evidence.length === 0) return undefined;
    return { reason: 'updated', facts: { evidence: [...alert.evidence, ...deed.evidence] } };
  }
  if (deed.type === 'unacknowledge') {
    if (!alert.acknowledged) return undefined;
    return { reason: 'unacknowledged', facts: { ...unacknowledged, ...said(deed.comment) } };
  }
  const until = (deed.type === 'acknowledge' && deed.until) || null;
  if (isSameAcknowledgement(alert, until)) return undefined;
  const facts = {
    acknowledged: true,
    acknowledgedBy: by,
    acknowledgedAt: now,
    acknowledgedUntil: until === 'change' ? null : until,
    acknowledgedUntilChange: until === 'change',
    ...said(deed.comment),
  };
  return { reason: 'acknowledged', facts };
}

const said = (comment: string | null): Partial<Alert> => (comment === null ? {} : { comment });
