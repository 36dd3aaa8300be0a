/**
 * The firing alerts that are objects on the bus, in step with what was announced.
 *
 * Bounded: a list of all objects is one message, and a program that follows them keeps them all.
 * The others are counted (OmittedCount), listed by ListAlerts, and become objects when there is
 * room, the worst first.
 */
import { type Alert, type Change, rankOf, type Severity } from '../domain/alert.ts';
import { pathOfAlert } from './names.ts';

/** With what an alert can hold (evidence, texts) these fit one answer: replyBytesMax. */
export const alertObjectsMax = 256;

export type ObjectStep =
  | { readonly type: 'added'; readonly alert: Alert }
  | { readonly type: 'changed'; readonly before: Alert; readonly alert: Alert }
  | { readonly type: 'removed'; readonly alert: Alert };

/** The worst first, of equals the one that fires longest. */
const order = (a: Alert, b: Alert): number =>
  rankOf(b.severity) - rankOf(a.severity) || a.startsAt - b.startsAt;

export class AlertObjects {
  readonly #firing = new Map<string, Alert>();
  /** By path. */
  readonly #shown = new Map<string, Alert>();

  /** Begins anew with the alerts that are active now. */
  reset(active: readonly Alert[]): void {
    this.#firing.clear();
    this.#shown.clear();
    const firing = active.filter(({ phase }) => phase === 'firing');
    for (const alert of firing) this.#firing.set(alert.id, alert);
    for (const alert of firing.toSorted(order).slice(0, alertObjectsMax)) this.#show(alert);
  }

  find(path: string): Alert | undefined {
    return this.#shown.get(path);
  }

  list(): readonly Alert[] {
    return [...this.#shown.values()];
  }

  count(severity?: Severity): number {
    if (severity === undefined) return this.#firing.size;
    return [...this.#firing.values()].filter((one) => one.severity === severity).length;
  }

  /** Firing alerts that have no object. */
  omitted(): number {
    return this.#firing.size - this.#shown.size;
  }

  /** What becomes of the objects by this change, in the order to tell it. */
  apply({ alert }: Change): readonly ObjectStep[] {
    const before = this.#shown.get(pathOfAlert(alert.id));
    if (alert.phase === 'firing') {
      this.#firing.set(alert.id, alert);
      if (before === undefined && this.#shown.size >= alertObjectsMax) return [];
      this.#show(alert);
      return [before === undefined ? { type: 'added', alert } : { type: 'changed', before, alert }];
    }
    this.#firing.delete(alert.id);
    if (before === undefined) return [];
    this.#shown.delete(pathOfAlert(alert.id));
    const next = this.#nextOmitted();
    if (next === undefined) return [{ type: 'removed', alert }];
    this.#show(next);
    return [
      { type: 'removed', alert },
      { type: 'added', alert: next },
    ];
  }

  #show(alert: Alert): void {
    this.#shown.set(pathOfAlert(alert.id), alert);
  }

  #nextOmitted(): Alert | undefined {
    if (this.omitted() === 0) return undefined;
    let first: Alert | undefined;
    for (const alert of this.#firing.values()) {
      if (this.#shown.has(pathOfAlert(alert.id))) continue;
      if (first === undefined || order(alert, first) < 0) first = alert;
    }
    return first;
  }
}
