/** A pump with a house before it and a store behind it that does as it is told. */
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Message, Outcome } from '../domain/message.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import type { Log } from '../platform/log.ts';
import type { Batch, CommitAnswer } from '../store/store.ts';
import { channelOf, FakeMemory } from './dispatch/world.fixture.ts';
import type { Profile } from './profile.ts';
import { Pump } from './pump.ts';

export const quick = channelOf('mail', { groupWait: 0, groupInterval: 0 });

export class PumpRig {
  readonly clock = new FakeClock(fakeStart);
  readonly house = new FakeHouse();
  readonly memory = new FakeMemory();
  readonly said: string[] = [];
  /** What the store says; while it is `slow`, nothing. */
  disk: 'ok' | 'full' | 'slow' = 'ok';
  profiles: readonly Profile[] = [quick];
  pump = this.#create();
  #held: (() => void)[] = [];

  async start(): Promise<this> {
    await this.pump.start(this.profiles);
    await this.clock.advance(0);
    return this;
  }

  /** A new pump on the same store, as after a kill. */
  async restart(): Promise<void> {
    this.pump = this.#create();
    await this.start();
  }

  /** The slow disk has written. */
  async release(): Promise<void> {
    this.disk = 'ok';
    for (const write of this.#held.splice(0)) write();
    await this.clock.advance(0);
  }

  next(channel = 'mail') {
    return this.pump.next([channel], 1000, new AbortController().signal);
  }

  /** What is given out now. */
  async given(channel = 'mail'): Promise<readonly Message[]> {
    const aborting = new AbortController();
    const asked = this.pump.next([channel], 1000, aborting.signal);
    aborting.abort();
    return asked;
  }

  report(key: string, outcome: Outcome, channel = 'mail'): Promise<void> {
    return this.pump.report({ key, channel, at: this.clock.now(), took: 1, outcome });
  }

  #create(): Pump {
    const take = (line: string): number => this.said.push(line);
    const log: Log = { error: take, warning: take, notice: take, info: take };
    return new Pump({
      feed: this.house.feed,
      active: () => this.house.activeAlerts(),
      store: {
        commit: (batch) => this.#commit(batch),
        deliveryMemory: async () => {
          const alerts = new Map(this.house.changes.map(({ alert }) => [alert.id, alert]));
          const memory = this.memory.read((id) => alerts.get(id));
          return this.memory.channels.size === 0 ? { ...memory, cursor: null } : memory;
        },
      },
      clock: this.clock,
      log,
      host: 'box',
      random: () => 0,
    });
  }

  async #commit({ delivery, cursors }: Batch): Promise<CommitAnswer> {
    if (this.disk === 'full') return { type: 'full', why: 'no space left' };
    if (this.disk === 'slow') await new Promise<void>((resolve) => this.#held.push(resolve));
    if (delivery !== undefined) this.memory.write(delivery, Number(cursors.delivery));
    return { type: 'committed', events: [] };
  }
}
