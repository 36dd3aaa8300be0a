/**
 * The firing alerts that are objects on the bus, in step with what was announced.
 *
 * Bounded: a list of all objects is one message, and a program that follows them keeps them all.
 * The others are counted (OmittedCount), listed by ListAlerts, and become objects when there is
 * room, the worst first.
 */
import { type Alert, type Change, rankOf, type Severity, severities } from '../domain/alert.ts';
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

const worstFirst = severities.toReversed();

export class AlertObjects {
  readonly #firing = new Map<string, Alert>();
  /** By path. */
  readonly #shown = new Map<string, Alert>();
  /**
   * Firing without an object, by id, as they began to fire: in a storm of thousands none must be
   * searched for among all of them. Others of a severity have what is shown too.
   */
  readonly #omitted = new Map(severities.map((one) => [one, new Map<string, Alert>()]));
  readonly #counts = new Map<Severity, number>();

  /** Begins anew with the alerts that are active now. */
  reset(active: readonly Alert[]): void {
    this.#firing.clear();
    this.#shown.clear();
    this.#counts.clear();
    for (const one of this.#omitted.values()) one.clear();
    const firing = active.filter(({ phase }) => phase === 'firing').toSorted(order);
    for (const alert of firing) this.#note(alert);
    for (const alert of firing.slice(0, alertObjectsMax)) this.#show(alert);
    for (const alert of firing.slice(alertObjectsMax)) this.#omit(alert);
  }

  find(path: string): Alert | undefined {
    return this.#shown.get(path);
  }

  list(): readonly Alert[] {
    return [...this.#shown.values()];
  }

  count(severity?: Severity): number {
    return severity === undefined ? this.#firing.size : (this.#counts.get(severity) ?? 0);
  }

  /** Firing alerts that have no object. */
  omitted(): number {
    return this.#firing.size - this.#shown.size;
  }

  /** What becomes of the objects by this change, in the order to tell it. */
  apply({ alert }: Change): readonly ObjectStep[] {
    const before = this.#shown.get(pathOfAlert(alert.id));
    this.#forget(alert);
    if (alert.phase === 'firing') {
      this.#note(alert);
      if (before === undefined && this.#shown.size >= alertObjectsMax) {
        this.#omit(alert);
        return [];
      }
      this.#show(alert);
      return [before === undefined ? { type: 'added', alert } : { type: 'changed', before, alert }];
    }
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

  #note(alert: Alert): void {
    this.#firing.set(alert.id, alert);
    this.#counts.set(alert.severity, this.count(alert.severity) + 1);
  }

  /** What was known of it. An omitted one that is still what it was keeps its place. */
  #forget({ id, phase, severity: now }: Alert): void {
    const before = this.#firing.get(id);
    if (before === undefined) return;
    const { severity } = before;
    this.#firing.delete(id);
    this.#counts.set(severity, this.count(severity) - 1);
    if (phase !== 'firing' || severity !== now) this.#omitted.get(severity)?.delete(id);
  }

  #show(alert: Alert): void {
    this.#shown.set(pathOfAlert(alert.id), alert);
    this.#omitted.get(alert.severity)?.delete(alert.id);
  }

  #omit(alert: Alert): void {
    this.#omitted.get(alert.severity)?.set(alert.id, alert);
  }

  #nextOmitted(): Alert | undefined {
    for (const severity of worstFirst) {
      const [first] = this.#omitted.get(severity)?.values() ?? [];
      if (first !== undefined) return first;
    }
    return undefined;
  }
}
