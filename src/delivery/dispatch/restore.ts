/** A lane as it was when the daemon ended. */
import type { Alert } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { DeliveryMemory, WaitingMessage } from '../../store/delivery-writes.ts';
import { askedForMax } from '../backoff.ts';
import { Flight } from './flight.ts';
import type { Lane } from './lane.ts';
import { parseStanding } from './memory.ts';
import { unknownStanding } from './standing.ts';

const flightOf = ({ message, undo, nextAt, ...rest }: WaitingMessage, now: EpochMs): Flight =>
  new Flight(message, JSON.parse(undo) as Flight['undo'], {
    ...rest,
    notBefore: Math.min(nextAt ?? now, now + askedForMax),
  });

export function restoreLane(
  lane: Lane,
  memory: DeliveryMemory,
  active: ReadonlyMap<string, Alert>,
  now: EpochMs,
): void {
  const { name } = lane.profile;
  for (const { channel, alertId, doc, alert } of memory.told) {
    const known = active.get(alertId) ?? alert;
    if (channel !== name) continue;
    if (known === null) lane.entries.forget(alertId);
    else lane.entries.restore({ alert: known, standing: parseStanding(doc, unknownStanding) });
  }
  const waiting = memory.waiting.find(({ message }) => message.channel === name);
  lane.flight = waiting === undefined ? null : flightOf(waiting, now);
}
