/** The couriers of a process: one for each channel that belongs here, as the settings have it. */
import type { Member, Section, ValuesOf } from '../config/readers.ts';
import type { ChannelPorts, Sender } from './channel.ts';
import { type Courier, type CourierParts, startCourier, stepMax } from './courier.ts';
import { channelTypes } from './registry.ts';

export type Place = 'core' | 'relay';
type Members = Readonly<Record<string, Member>>;

/** The channels of these settings that belong to a place and are not switched off. */
export function channelsOf(place: Place, channels: Members): Members {
  const here = new Set(channelTypes.filter((one) => one.place === place).map(({ type }) => type));
  return Object.fromEntries(
    Object.entries(channels).filter(
      ([, { type, ...set }]) => here.has(type) && set.enabled !== false,
    ),
  );
}

export interface Couriers {
  /** Serves the channels of these settings from now on; what is the same goes on undisturbed. */
  serve(channels: Members): Promise<void>;
  channels(): readonly string[];
  /** Channels whose courier has done nothing for longer than it ever should. */
  stuck(): readonly string[];
  stop(): Promise<void>;
}

/** In place of a channel that cannot be opened: its messages wait until it can. */
const closedSender = (why: string): Sender => ({
  send: async () => ({ type: 'retry', why, maybe: false }),
  close: async () => {},
});

export function createCouriers(
  place: Place,
  parts: CourierParts & { readonly ports: ChannelPorts },
): Couriers {
  const running = new Map<string, { readonly settings: string; readonly courier: Courier }>();

  function open(name: string, member: Member): Sender {
    try {
      const channel = channelTypes.find(({ type }) => type === member.type);
      if (channel !== undefined)
        return channel.open(name, member as ValuesOf<Section>, parts.ports);
      return closedSender(`there is no type of channel "${member.type}"`);
    } catch (error) {
      parts.log.error(`channel ${name} cannot be opened: ${(error as Error).stack}`);
      return closedSender(`it cannot be opened: ${(error as Error).message}`);
    }
  }

  async function end(names: readonly string[]): Promise<void> {
    await Promise.all(names.map(async (name) => running.get(name)?.courier.stop()));
    for (const name of names) running.delete(name);
  }

  return {
    async serve(channels) {
      const wanted = new Map(
        Object.entries(channelsOf(place, channels)).map(([name, member]) => [
          name,
          { member, settings: JSON.stringify(member) },
        ]),
      );
      const isSame = (name: string): boolean =>
        running.get(name)?.settings === wanted.get(name)?.settings;
      await end([...running.keys()].filter((name) => !isSame(name)));
      for (const [name, { member, settings }] of wanted) {
        if (running.has(name)) continue;
        running.set(name, { settings, courier: startCourier(name, open(name, member), parts) });
      }
    },
    channels: () => [...running.keys()],
    stuck() {
      const now = parts.clock.monotonic();
      return [...running].flatMap(([name, { courier }]) =>
        now - courier.lastStepAt() > stepMax ? [name] : [],
      );
    },
    stop: () => end([...running.keys()]),
  };
}
