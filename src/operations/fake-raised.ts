/** Alerts raised by hand or pushed, for tests: known by key and resource, ended by their ends. */
import type { Alert, Change, ChangeReason } from '../domain/alert.ts';
import type { EpochMs } from '../domain/time.ts';
import { labelFingerprint, ulidOf } from '../domain/ulid.ts';
import type { RaisedByHand } from '../rules/engine.ts';
import { fakeAlert } from './fake-alerts.ts';

type ChangeIt = (alert: Alert, reason: ChangeReason, by: string | null) => Change;

export class FakeRaised {
  readonly #change: ChangeIt;
  readonly #ids = new Map<string, string>();
  #ends: Record<string, EpochMs> = {};

  constructor(change: ChangeIt) {
    this.#change = change;
  }

  expiries(): Readonly<Record<string, EpochMs>> {
    return this.#ends;
  }

  /** As the engine does it; what is over already ends at once. */
  raise(said: RaisedByHand, by: string, now: EpochMs, active: readonly Alert[]): Alert {
    const key = JSON.stringify([said.rule, said.key, said.resource]);
    const before = active.find(({ id }) => id === this.#ids.get(key));
    const { severity, source, title, message, advice, resource, labels, evidence } = said;
    const texts = { severity, source, title, message, advice, resource, labels };
    const facts = { ...texts, evidence: evidence ?? before?.evidence ?? [] };
    const alert =
      before === undefined
        ? this.#change(newAlert(said, facts, now), 'raised', by).alert
        : this.#change({ ...before, ...facts, updatedAt: now }, 'updated', by).alert;
    this.#ids.set(key, alert.id);
    const { [alert.id]: _, ...others } = this.#ends;
    this.#ends = others;
    if (said.expiresAt === null) return alert;
    if (said.expiresAt <= now) {
      const resolvedBy = said.origin === 'pushed' && before !== undefined ? 'pushed' : 'expired';
      const end = { phase: 'resolved', resolvedAt: now, resolvedBy } as const;
      return this.#change({ ...alert, ...end }, 'resolved', by).alert;
    }
    this.#ends = { ...this.#ends, [alert.id]: said.expiresAt };
    return alert;
  }
}

function newAlert(said: RaisedByHand, facts: Partial<Alert>, now: EpochMs): Alert {
  const { rule = 'raised-by-hand', origin = 'hand', labels } = said;
  return fakeAlert(0, {
    ...facts,
    origin,
    rule,
    id: ulidOf(now, [rule, said.key]),
    fingerprint: labelFingerprint({ ...labels, alertname: rule }),
    startsAt: said.startsAt ?? now,
    detectedAt: now,
    firingAt: now,
    updatedAt: now,
  });
}
