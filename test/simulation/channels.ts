/** Channels of the simulation: what they are told, and how they fail. */
import { isDeepStrictEqual } from 'node:util';
import type { Sender } from '../../src/delivery/channel.ts';
import { channelOf } from '../../src/delivery/dispatch/world.fixture.ts';
import type { Profile } from '../../src/delivery/profile.ts';
import type { Message, Outcome } from '../../src/domain/message.ts';
import { type EpochMs, minutes, seconds } from '../../src/domain/time.ts';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

export const zone = 'Europe/Vienna';

const office = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  from: '08:00',
  to: '17:00',
  zone,
  waits: ['info', 'warning'],
};

/** All alerts are named in a message, so that it can be checked who was told of what. */
const whole = (name: string, more: Record<string, unknown> = {}): Profile => ({
  ...channelOf(name, more),
  itemsMax: 1_000_000,
});

export const profiles: readonly Profile[] = [
  whole('plain'),
  whole('office', { hours: office }),
  whole('pager', { severities: ['critical'], groupBy: ['resourceId'], groupWait: 0, budget: 12 }),
  whole('hasty', { groupWait: 0, groupInterval: 0, repeatInterval: 0, groupBy: [] }),
  whole('storage', { matchers: ['source=~"storage|scst"'], resolved: false, groupBy: ['source'] }),
  whole('chief', { severities: ['critical'], after: minutes(15), budget: 6 }),
];

/** Those that are told at any time, and at once. */
export const promptProfiles = profiles.filter(({ hours, after }) => hours === null && after === 0);

export const modes = [
  'ok',
  'down',
  'unsure', // it does not arrive, and nobody knows
  'lost', // it arrives, and nobody knows
  'refuse',
  'busy', // 429 with Retry-After
  'hang',
] as const;
export type Mode = (typeof modes)[number];

export interface Arrival {
  readonly message: Message;
  /** On the clock that never jumps. */
  readonly at: EpochMs;
}

/** Where the messages go: outlives every process. */
export class Network {
  readonly arrived: Arrival[] = [];
  /** Each message that was ever given to a sender, as it was the first time. */
  readonly given = new Map<string, Message>();
  /** Channel and alert of which something was refused for good. */
  readonly refused = new Set<string>();
  readonly modes = new Map<string, Mode>();
  readonly complaints: string[] = [];
  /** Sends that failed. */
  failures = 0;
  readonly #timeline: Timeline;
  readonly #chance: Chance;

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  sender(): Sender {
    return { send: (message, signal) => this.#send(message, signal), close: async () => {} };
  }

  arrivedAt(channel: string): readonly Message[] {
    return this.arrived.map(({ message }) => message).filter((one) => one.channel === channel);
  }

  async #send(message: Message, signal: AbortSignal): Promise<Outcome> {
    const { key, channel } = message;
    const before = this.given.get(key) ?? message;
    if (!isDeepStrictEqual(before, message)) this.complaints.push(`${key}: two texts`);
    this.given.set(key, before);
    const mode = this.modes.get(channel) ?? 'ok';
    if (mode === 'ok' || mode === 'lost' || (mode === 'hang' && this.#chance.is(0.5)))
      this.arrived.push({ message, at: this.#timeline.elapsed });
    for (const { alert } of mode === 'refuse' ? message.items : [])
      this.refused.add(`${channel} ${alert.id}`);
    if (mode !== 'ok') this.failures += 1;
    if (mode === 'hang') await this.#timeline.world.sleep(minutes(30), signal);
    else await this.#timeline.world.sleep(this.#chance.about(300));
    switch (mode) {
      case 'ok':
        return { type: 'delivered', detail: 'taken' };
      case 'refuse':
        return { type: 'refused', why: '400' };
      case 'down':
        return { type: 'retry', why: 'no route to host', maybe: false };
      case 'busy':
        return { type: 'retry', why: '429', maybe: false, after: seconds(this.#chance.about(120)) };
      default:
        return { type: 'retry', why: 'no answer', maybe: true };
    }
  }
}
