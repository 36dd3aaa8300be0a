/** Channels and what was told, for tests: what a test puts into the arrays is what is answered. */
import type { Delivery, DeliveryQuery } from '../domain/delivery.ts';
import type { Note, Outcome } from '../domain/message.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { ChannelStatus, DeliveryDesk, RouteView, Untold } from './house-delivery.ts';

export const fakeChannel = (name: string, more: Partial<ChannelStatus> = {}): ChannelStatus => ({
  name,
  type: 'mail',
  place: 'relay',
  enabled: true,
  health: 'unknown',
  reason: null,
  failingSince: null,
  lastDeliveredAt: null,
  waiting: 0,
  waitingSince: null,
  sentLastHour: 0,
  budget: 60,
  settings: {},
  ...more,
});

export class FakeDelivery implements DeliveryDesk {
  readonly statuses: ChannelStatus[] = [];
  readonly deliveries: Delivery[] = [];
  /** By the id of the alert. */
  readonly routes = new Map<string, readonly RouteView[]>();
  /** Notes that were told, the first of each key. */
  readonly notes: Note[] = [];
  /** Channels that were tested, and by whom. */
  readonly tests: { readonly channel: string; readonly by: string }[] = [];
  testAnswer: { readonly outcome: Outcome; readonly took: Ms } = {
    outcome: { type: 'delivered', detail: '250 OK' },
    took: 12,
  };
  untoldAnswer: Untold = { alertIds: [], since: null as EpochMs | null };

  channels(): readonly ChannelStatus[] {
    return this.statuses;
  }

  async test(channel: string, by: string): ReturnType<DeliveryDesk['test']> {
    if (!this.statuses.some(({ name }) => name === channel)) return undefined;
    this.tests.push({ channel, by });
    return this.testAnswer;
  }

  async list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    const { channel, state, alertId, since = 0, before = Number.POSITIVE_INFINITY, limit } = query;
    return this.deliveries
      .filter(({ message }) => message.channel === (channel ?? message.channel))
      .filter((one) => state?.includes(one.state) !== false)
      .filter(({ message }) => message.at >= since)
      .filter(
        ({ message }) =>
          alertId === undefined || message.items.some(({ alert }) => alert.id === alertId),
      )
      .filter(({ number }) => number < before)
      .sort((a, b) => b.number - a.number)
      .slice(0, limit);
  }

  untold(): Untold {
    return this.untoldAnswer;
  }

  async tell(note: Note): Promise<void> {
    if (!this.notes.some(({ key }) => key === note.key)) this.notes.push(note);
  }

  async routesOf(alertId: string): Promise<readonly RouteView[] | undefined> {
    return this.routes.get(alertId);
  }
}
