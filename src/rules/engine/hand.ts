/** What people and programs do: raise an alert by hand, and act on one that is active. */
import type { Alert, ChangeReason } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { labelFingerprint, ulidOf } from '../../domain/ulid.ts';
import type { Deed, RaisedByHand } from '../engine.ts';
import { blank } from './alert.ts';
import { type AlertCell, type HandCell, occurrenceKey } from './cells.ts';
import type { Evaluator } from './evaluate.ts';
import type { EngineParts } from './moves.ts';

/** Stands in `alert.rule` where there is no rule; the loader refuses a rule of this id. */
export const handRule = 'raised-by-hand';

const idOf = (raised: RaisedByHand, detectedAt: EpochMs, occurrence: number): string => {
  const { kind, id } = raised.resource;
  return ulidOf(detectedAt, [handRule, kind, id, raised.key, String(occurrence)]);
};

const textsOf = ({ source, title, message, advice }: RaisedByHand) => ({
  source,
  title,
  message,
  advice,
});

/** The key is in the id only; the alert's other facts show whether it is, also after a restart. */
const hasKey = (alert: Alert, raised: RaisedByHand): boolean =>
  alert.rule === handRule &&
  alert.resource.kind === raised.resource.kind &&
  alert.resource.id === raised.resource.id &&
  alert.id === idOf(raised, alert.detectedAt, alert.occurrence);

export class Hand {
  readonly #parts: EngineParts;
  readonly #evaluator: Evaluator;

  constructor(parts: EngineParts, evaluator: Evaluator) {
    this.#parts = parts;
    this.#evaluator = evaluator;
  }

  raise(raised: RaisedByHand, by: string, now: EpochMs): void {
    const cell = this.find(raised);
    if (cell) this.#raiseAgain(cell, raised, by, now);
    else this.#raiseFirst(raised, by, now);
  }

  /** The active alert with the same key for the same resource. */
  find(raised: RaisedByHand): HandCell | undefined {
    for (const cell of this.#parts.active.values()) {
      if (cell.type === 'hand' && hasKey(cell.alert, raised)) return cell;
    }
    return undefined;
  }

  act(cell: AlertCell, deed: Deed, by: string, now: EpochMs): void {
    if (deed.type === 'resolve') {
      this.#resolve(cell, { by, comment: deed.comment }, now);
      return;
    }
    const done = changeOf(cell.alert, deed, by, now);
    if (done === undefined) return;
    const comment = deed.type === 'evidence' ? null : deed.comment;
    cell.alert = this.#parts.log.add({ ...cell.alert, ...done.facts }, done.reason, now, {
      by,
      comment,
    });
  }

  expire(cell: HandCell, now: EpochMs): void {
    this.#end(cell, 'expired', { by: null, comment: null }, now);
  }

  #resolve(cell: AlertCell, author: { by: string; comment: string | null }, now: EpochMs): void {
    if (cell.type === 'rule') this.#evaluator.endByHand(cell, author, now);
    else this.#end(cell, `operator:${author.by}`, author, now);
  }

  #end(
    cell: HandCell,
    resolvedBy: string,
    author: { by: string | null; comment: string | null },
    now: EpochMs,
  ): void {
    const { active, due, log } = this.#parts;
    active.delete(cell.alert.id);
    due.set(cell, undefined);
    const end = { phase: 'resolved', resolvedAt: now, resolvedBy } as const;
    log.add({ ...cell.alert, ...end }, 'resolved', now, author);
  }

  #raiseFirst(raised: RaisedByHand, by: string, now: EpochMs): void {
    const { active, due, log, occurrences, limits } = this.#parts;
    if (active.size >= limits.alertsMax) return;
    const { severity, resource, labels, expiresAt } = raised;
    const texts = textsOf(raised);
    const key = occurrenceKey(handRule, resource.kind, resource.id);
    const occurrence = (occurrences.get(key) ?? 0) + 1;
    occurrences.set(key, occurrence);
    const times = { startsAt: now, detectedAt: now, firingAt: now, updatedAt: now };
    const alert: Alert = {
      ...blank,
      ...times,
      ...texts,
      severity,
      resource,
      labels,
      occurrence,
      id: idOf(raised, now, occurrence),
      rule: handRule,
      origin: 'hand',
      fingerprint: labelFingerprint({ ...labels, alertname: handRule }),
      phase: 'firing',
      foundLate: false,
      value: null,
    };
    const author = { by, comment: null };
    const cell: HandCell = {
      type: 'hand',
      alert: log.add(alert, 'raised', now, author),
      due: undefined,
      place: -1,
    };
    active.set(alert.id, cell);
    due.set(cell, expiresAt ?? undefined);
  }

  #raiseAgain(cell: HandCell, raised: RaisedByHand, by: string, now: EpochMs): void {
    const { severity, labels, expiresAt } = raised;
    const texts = textsOf(raised);
    const { alert } = cell;
    this.#parts.due.set(cell, expiresAt ?? undefined);
    const isSame =
      alert.severity === severity &&
      Object.entries(texts).every(([name, text]) => alert[name as keyof typeof texts] === text) &&
      labelFingerprint(alert.labels) === labelFingerprint(labels);
    if (isSame) return;
    const reason = alert.severity === severity ? 'updated' : 'severity';
    const fingerprint = labelFingerprint({ ...labels, alertname: handRule });
    const again: Alert = { ...alert, ...texts, severity, labels, fingerprint };
    cell.alert = this.#parts.log.add(again, reason, now, { by, comment: null });
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
  const acknowledged = deed.type === 'acknowledge';
  if (alert.acknowledged === acknowledged) return undefined;
  const said = deed.comment === null ? {} : { comment: deed.comment };
  const until = deed.type === 'acknowledge' ? (deed.until ?? null) : null;
  const facts = {
    acknowledged,
    acknowledgedBy: acknowledged ? by : null,
    acknowledgedAt: acknowledged ? now : null,
    acknowledgedUntil: until === 'change' ? null : until,
    acknowledgedUntilChange: until === 'change',
    ...said,
  };
  return { reason: acknowledged ? 'acknowledged' : 'unacknowledged', facts };
}
