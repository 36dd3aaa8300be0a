/** Channels, deliveries and routes, as operations ask for them. */
import type { Member } from '../config/readers.ts';
import { withinHour } from '../delivery/budget.ts';
import type { Lane } from '../delivery/dispatch/lane.ts';
import { type Profile, reachesSomebody } from '../delivery/profile.ts';
import type { Pump } from '../delivery/pump.ts';
import { routeOf } from '../delivery/routes.ts';
import type { Alert } from '../domain/alert.ts';
import { type EpochMs, type Ms, minutes } from '../domain/time.ts';
import type { ChannelStatus, DeliveryDesk, Untold } from '../operations/house-delivery.ts';
import type { Clock } from '../platform/clock.ts';
import { originsIn } from '../platform/place.ts';
import type { Store } from '../store/store.ts';
import { nobodyTold } from './delivery-watch.ts';

export interface DeliveryDeskParts {
  readonly pump: Pump;
  readonly clock: Clock;
  readonly store: Pick<Store, 'listDeliveries'>;
  readonly profiles: () => readonly Profile[];
  readonly members: () => Readonly<Record<string, Member>>;
  readonly nobodyToldAfter: () => Ms;
  readonly findAlert: (id: string) => Promise<Alert | undefined>;
}

/** A message that nobody has come for by then. */
const fetchedWithin = minutes(1);

function healthOf(lane: Lane, now: EpochMs): Pick<ChannelStatus, 'health' | 'reason'> {
  const { failingSince, reason, lastDeliveredAt } = lane.memory;
  if (failingSince !== null) return { health: 'failing', reason };
  const { flight } = lane;
  const isLeft = flight !== null && now - flight.notBefore > fetchedWithin;
  if (isLeft)
    return {
      health: 'failing',
      reason: 'nobody has come for its message: is the process that sends running?',
    };
  return { health: lastDeliveredAt === null ? 'unknown' : 'healthy', reason: null };
}

function statusOf(lane: Lane, now: EpochMs): Omit<ChannelStatus, 'name' | 'settings'> {
  const { profile, memory, flight } = lane;
  const seen = lane.survey(now);
  const times = [seen.waitingSince, flight?.message.at].filter((at) => typeof at === 'number');
  return {
    type: profile.type,
    place: profile.place,
    enabled: true,
    ...healthOf(lane, now),
    failingSince: memory.failingSince,
    lastDeliveredAt: memory.lastDeliveredAt,
    waiting: seen.waiting + Object.keys(flight?.undo ?? {}).length,
    waitingSince: times.length === 0 ? null : Math.min(...times),
    sentLastHour: withinHour(memory.sent, now).length,
    budget: profile.budget,
  };
}

const disabledStatus = ({
  type,
  place,
  budget,
}: Profile): Omit<ChannelStatus, 'name' | 'settings'> => ({
  type,
  place,
  enabled: false,
  health: 'unknown',
  reason: null,
  failingSince: null,
  lastDeliveredAt: null,
  waiting: 0,
  waitingSince: null,
  sentLastHour: 0,
  budget,
});

export function createDeliveryDesk(parts: DeliveryDeskParts): DeliveryDesk {
  const { clock, pump, store } = parts;
  const { dispatcher } = pump;

  function settingsOf(name: string): Readonly<Record<string, unknown>> {
    const { type: _, ...rest } = parts.members()[name] ?? { type: '' };
    return Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, originsIn(value, '…')]),
    );
  }

  function untold(): Untold {
    const now = clock.now();
    const least = parts.nobodyToldAfter();
    const late = dispatcher
      .untold(reachesSomebody)
      // The rule that says so cannot itself be among them: it would never end.
      .filter(({ alert, since }) => alert.rule !== nobodyTold && now - since >= least);
    const since = late.length === 0 ? null : Math.min(...late.map((one) => one.since));
    return { alertIds: late.map(({ alert }) => alert.id), since };
  }

  return {
    channels: () =>
      parts.profiles().map((profile) => {
        const lane = dispatcher.lane(profile.name);
        const status = lane === undefined ? disabledStatus(profile) : statusOf(lane, clock.now());
        return { name: profile.name, ...status, settings: settingsOf(profile.name) };
      }),
    async test(channel, by) {
      const profile = parts.profiles().find(({ name }) => name === channel);
      if (profile === undefined) return undefined;
      if (profile.enabled) return pump.test(channel, by);
      return { outcome: { type: 'refused', why: 'the channel is switched off' }, took: 0 };
    },
    list: (query) => store.listDeliveries(query),
    untold,
    tell: (note) => pump.tell(note),
    async routesOf(alertId) {
      const alert = await parts.findAlert(alertId);
      if (alert === undefined) return undefined;
      const byName = parts.profiles().toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return byName.map((profile) => {
        const entry = dispatcher.lane(profile.name)?.entries.find(alertId);
        return { channel: profile.name, ...routeOf(profile, alert, entry, clock.now()) };
      });
    },
  };
}
