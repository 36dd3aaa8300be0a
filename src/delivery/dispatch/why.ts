/** Why news was collected instead of being told one by one, for the people who read the digest. */
import { type EpochMs, minutes, renderDuration, seconds } from '../../domain/time.ts';
import type { Profile } from '../profile.ts';
import type { Hold, LaneMemory } from './memory.ts';

function lengthOf(since: EpochMs, now: EpochMs): string {
  const length = Math.max(seconds(1), now - since);
  const unit = length > minutes(2) ? minutes(1) : seconds(1);
  return renderDuration(Math.round(length / unit) * unit);
}

const order: readonly Hold[] = ['outage', 'hours', 'budget', 'new'];

export function whyDigest(held: LaneMemory['held'], { budget }: Profile, now: EpochMs): string {
  const said: Readonly<Record<Hold, (since: EpochMs) => string>> = {
    outage: (since) => `nothing could be delivered for ${lengthOf(since, now)}`,
    hours: () => 'this was collected outside working hours',
    budget: () => `more happened than ${budget ?? 0} messages an hour can tell`,
    new: () => 'the channel is new, and this is what fires now',
  };
  return order
    .flatMap((hold) => {
      const since = held[hold];
      return since === undefined ? [] : [said[hold](since)];
    })
    .join('; ');
}
