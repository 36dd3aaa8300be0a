/** What has to be written, collected until the store takes it: the latest state of each thing. */
import type { Attempt, Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { DeliveryWrites } from '../../store/delivery-writes.ts';
import type { Flight } from './flight.ts';
import { type LaneMemory, renderStanding } from './memory.ts';
import { type Standing, unknownStanding } from './standing.ts';

type End = DeliveryWrites['ends'][number];

export class Writes {
  readonly #lanes = new Map<string, { readonly memory: LaneMemory; readonly forgets: boolean }>();
  readonly #told = new Map<string, Map<string, Standing | undefined>>();
  #messages: Flight[] = [];
  #attempts: DeliveryWrites['attempts'][number][] = [];
  #ends: End[] = [];

  /** `forgets`: what the channel was told of is to be deleted first. */
  lane(name: string, memory: LaneMemory, forgets = false): void {
    if (forgets) this.#told.delete(name);
    this.#lanes.set(name, { memory, forgets: forgets || this.#lanes.get(name)?.forgets === true });
  }

  /** Undefined: it is forgotten. */
  told(channel: string, alertId: string, standing: Standing | undefined): void {
    const known = this.#told.get(channel) ?? new Map<string, Standing | undefined>();
    known.set(alertId, standing);
    this.#told.set(channel, known);
  }

  message(flight: Flight): void {
    this.#messages.push(flight);
  }

  attempt(attempt: Attempt, nextAt: EpochMs | null): void {
    this.#attempts.push({ attempt, nextAt });
  }

  end(key: string, state: End['state'], at: EpochMs): void {
    this.#ends.push({ key, state, at });
  }

  /** Its channel is no more: it will not be sent. */
  drop({ key, channel }: Message, at: EpochMs): void {
    const why = 'the channel was removed or switched off';
    this.attempt({ key, channel, at, took: 0, outcome: { type: 'refused', why } }, null);
    this.end(key, 'refused', at);
  }

  /**
   * Whether it should not wait: a message to be given out, an attempt to be answered, a channel
   * that begins (what happens from now on is its business, also after a kill).
   */
  isUrgent(): boolean {
    const begins = this.#lanes.values().some(({ forgets }) => forgets);
    return begins || this.#messages.length + this.#attempts.length + this.#ends.length > 0;
  }

  isEmpty(): boolean {
    return !this.isUrgent() && this.#lanes.size === 0 && this.#told.size === 0;
  }

  /** All of it; `durable` is to be called when it is stored. */
  take(): { readonly writes: DeliveryWrites; readonly durable: () => void } {
    const flights = this.#messages;
    const writes: DeliveryWrites = {
      channels: [...this.#lanes].map(([name, { memory, forgets }]) => ({
        name,
        doc: JSON.stringify(memory),
        forgets,
      })),
      told: [...this.#told].flatMap(([channel, standings]) =>
        [...standings].map(([alertId, standing]) => ({
          channel,
          alertId,
          doc: standing === undefined ? null : renderStanding(standing, unknownStanding),
        })),
      ),
      messages: flights.map(({ message, undo }) => ({ message, undo: JSON.stringify(undo) })),
      attempts: this.#attempts,
      ends: this.#ends,
    };
    this.#lanes.clear();
    this.#told.clear();
    this.#messages = [];
    this.#attempts = [];
    this.#ends = [];
    const durable = (): void => {
      for (const flight of flights) flight.isDurable = true;
    };
    return { writes, durable };
  }
}
