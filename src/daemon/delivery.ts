/** Delivery in the daemon: the settings of the channels, the pump, the desk, and its figures. */
import type { Member } from '../config/readers.ts';
import type { Settings } from '../config/settings.ts';
import { type Profile, profileOf } from '../delivery/profile.ts';
import { Pump } from '../delivery/pump.ts';
import { channelTypes } from '../delivery/registry.ts';
import { deliverySettings } from '../delivery/settings.ts';
import type { Alert } from '../domain/alert.ts';
import { type EpochMs, type Ms, minutes } from '../domain/time.ts';
import type { DeliveryFigures } from '../operations/figures.ts';
import type { ChannelStatus, DeliveryDesk } from '../operations/house-delivery.ts';
import type { Clock } from '../platform/clock.ts';
import type { Command } from '../platform/command.ts';
import { hostName } from '../platform/host-name.ts';
import { systemJournalWriter } from '../platform/journal-write.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/store.ts';
import { createDeliveryDesk } from './delivery-desk.ts';
import { DeliveryWatch } from './delivery-watch.ts';
import type { ComponentState, HealthBoard } from './health.ts';
import { cry } from './last-cry.ts';
import type { Pipeline } from './pipeline.ts';
import type { Publication } from './publication.ts';

export interface DeliveryParts {
  readonly publication: Publication;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => Settings;
  readonly health: Pick<HealthBoard, 'set'>;
  readonly pipeline: Pick<Pipeline, 'tell'>;
  readonly command: Command;
}

export interface Delivery {
  /** What gives messages out; nothing before `start`. */
  readonly pump: Pump;
  readonly desk: DeliveryDesk;
  readonly figures: () => DeliveryFigures;
  /** The channels of the settings in force. */
  readonly channels: () => Readonly<Record<string, Member>>;
  /** Once every collector has looked: what is told first is how things are. */
  start(): Promise<void>;
  /** The settings have changed. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** A program that reads no sections of delivery has no channels. */
const channelsIn = (settings: Settings): Readonly<Record<string, Member>> =>
  (settings.channels as Readonly<Record<string, Member>> | undefined) ?? {};

const nobodyToldAfterIn = (settings: Settings): Ms =>
  (settings.delivery as { readonly nobodyToldAfter: Ms } | undefined)?.nobodyToldAfter ??
  deliverySettings.nobodyToldAfter.default;

const profilesIn = (settings: Settings): readonly Profile[] =>
  Object.entries(channelsIn(settings)).flatMap(([name, member]) => {
    const type = channelTypes.find((one) => one.type === member.type);
    if (type === undefined) return [];
    return [{ ...profileOf(name, member, type.place), itemsMax: type.itemsMax }];
  });

/** How long a channel may fail before it is a matter of tocsin's own health. */
const failingMax: Ms = minutes(1);

function healthOf(channels: readonly ChannelStatus[], now: EpochMs): ComponentState {
  const failing = channels.filter(
    ({ health, failingSince }) =>
      health === 'failing' && (failingSince === null || now - failingSince >= failingMax),
  );
  if (failing.length === 0) return { status: 'healthy', reason: null };
  const said = failing.map(({ name, reason }) => `${name}: ${reason ?? 'no message arrives'}`);
  return { status: 'degraded', reason: said.join('; ') };
}

export function openDelivery(parts: DeliveryParts): Delivery {
  const { clock, publication, settings, store } = parts;
  const pump = new Pump({
    ...parts,
    feed: publication,
    active: () => publication.active(),
    host: hostName(),
    random: Math.random,
  });
  let profiles = profilesIn(settings());
  const findAlert = async (id: string): Promise<Alert | undefined> =>
    publication.find(id) ?? (await store.findAlert(id));
  const desk = createDeliveryDesk({
    pump,
    clock,
    store,
    profiles: () => profiles,
    members: () => channelsIn(settings()),
    nobodyToldAfter: () => nobodyToldAfterIn(settings()),
    findAlert,
  });
  const watch = new DeliveryWatch({
    desk,
    clock,
    publication,
    tell(read) {
      parts.pipeline.tell('delivery', read);
      tellHealth();
    },
    cry: (alert) => void cry({ ...parts, journal: systemJournalWriter }, alert),
  });
  // A machine that was never to tell anybody has no such component.
  let isKnown = false;
  function tellHealth(): void {
    isKnown ||= profiles.length > 0;
    if (isKnown) parts.health.set('delivery', 'delivery', healthOf(desk.channels(), clock.now()));
  }
  return {
    pump,
    desk,
    figures: () => ({ attempts: pump.counter.read(), oldestWaiting: pump.oldestWaiting() }),
    channels: () => channelsIn(settings()),
    async start() {
      await pump.start(profiles);
      watch.start();
    },
    reload() {
      profiles = profilesIn(settings());
      return pump.configure(profiles);
    },
    stop() {
      watch.stop();
      return pump.stop();
    },
  };
}
