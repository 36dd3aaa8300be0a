/**
 * What viewers are not told: what a receiver answered, and how a channel reaches it. Answers hold
 * whatever another server writes, settings hold arguments of programs and values of headers. Who
 * may silence a channel may know why it does not work.
 */
import type { Delivery } from '../domain/delivery.ts';
import type { Attempt, Outcome } from '../domain/message.ts';
import type { Caller } from './caller.ts';
import type { ChannelStatus } from './house-delivery.ts';
import { mayRun } from './operation.ts';

const withheld = 'what was answered is told to operators';

/** Settings that say who is told what and when. */
const routing: readonly string[] = [
  'enabled',
  'severities',
  'matchers',
  'after',
  'hours',
  'groupBy',
  'groupWait',
  'groupInterval',
  'repeatInterval',
  'budget',
  'resolved',
];

const mayKnow = (caller: Caller): boolean => mayRun(caller, 'write');

const withoutAnswer = (outcome: Outcome): Outcome =>
  outcome.type === 'delivered' ? { ...outcome, detail: withheld } : { ...outcome, why: withheld };

const attemptWithout = (attempt: Attempt): Attempt => ({
  ...attempt,
  outcome: withoutAnswer(attempt.outcome),
});

/** The delivery as this caller may see it. */
export const discreetDelivery = (caller: Caller, delivery: Delivery): Delivery =>
  mayKnow(caller) ? delivery : { ...delivery, attempts: delivery.attempts.map(attemptWithout) };

export function discreetChannel(caller: Caller, channel: ChannelStatus): ChannelStatus {
  if (mayKnow(caller)) return channel;
  const settings = Object.entries(channel.settings).filter(([name]) => routing.includes(name));
  const reason = channel.reason === null ? null : withheld;
  return { ...channel, reason, settings: Object.fromEntries(settings) };
}
