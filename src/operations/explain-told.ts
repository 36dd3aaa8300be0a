/** What was told of an alert: each message of each channel, and what became of it. */
import type { Delivery } from '../domain/delivery.ts';
import { type AnnounceReason, type Attempt, type Outcome, saidOf } from '../domain/message.ts';

export interface Telling {
  readonly delivery: Delivery;
  /** Why the alert is in the message; null: it is only counted there. */
  readonly reason: AnnounceReason | null;
}

export const tellingOf = (delivery: Delivery, alertId: string): Telling => ({
  delivery,
  reason: delivery.message.items.find(({ alert }) => alert.id === alertId)?.reason ?? null,
});

export const sayOutcome = (outcome: Outcome): string =>
  outcome.type === 'retry' && outcome.maybe
    ? `${outcome.why}; it may have arrived`
    : saidOf(outcome);

/** What is known of the delivery in a few words. */
export function sayState({ state, attempts, nextAttemptAt }: Delivery): string {
  const last: Attempt | undefined = attempts.at(-1);
  const said = last === undefined ? '' : sayOutcome(last.outcome);
  const tried = attempts.length > 1 ? ` at attempt ${attempts.length}` : '';
  if (state === 'waiting' && last === undefined) return 'waits to be sent';
  const more = said === '' ? '' : `: ${said}`;
  const next = state === 'waiting' && nextAttemptAt !== null ? ', tried again' : '';
  return `${state}${tried}${next}${more}`;
}
