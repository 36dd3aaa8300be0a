/**
 * The life of the relay: couriers for the channels that need a network, and the heartbeat. It
 * holds nothing that is worth keeping: what has arrived and what has not is in tocsind's database.
 */
import { isHeartbeatSet } from '../config/settings.ts';
import type { ChannelPorts } from '../delivery/channel.ts';
import { type Couriers, createCouriers } from '../delivery/couriers.ts';
import { createRelayClient, type RelayClient } from '../delivery/relay/client.ts';
import { type Ms, seconds } from '../domain/time.ts';
import type { Timer } from '../platform/clock.ts';
import type { Http } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import { sdNotify, watchdogInterval } from '../platform/sd-notify.ts';
import type { UnixHttp } from '../platform/unix-http.ts';
import type { RelayConfiguration, RelayConfigurationAnswer } from './configuration.ts';
import { beat } from './heartbeat.ts';

/** Without a watchdog to feed STATUS= is still told. */
const pulseEveryDefault: Ms = seconds(10);

export interface RelayParts {
  readonly ports: ChannelPorts & { readonly http: Http };
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** relay.sock */
  readonly door: UnixHttp;
  readonly random: () => number;
  readonly readConfiguration: () => RelayConfigurationAnswer;
}

export class Relay {
  readonly #parts: RelayParts;
  readonly #client: RelayClient;
  readonly #couriers: Couriers;
  #beating = new AbortController();
  #heartbeat: Promise<void> = Promise.resolve();
  #heartbeatSettings = '';
  #timer: Timer | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#client = createRelayClient(parts.door, parts.log);
    this.#couriers = createCouriers('relay', {
      ...parts,
      clock: parts.ports.clock,
      outbox: this.#client,
    });
  }

  async start(configuration: RelayConfiguration): Promise<void> {
    await this.#serve(configuration);
    sdNotify({ READY: '1', STATUS: this.#statusLine() });
    this.#parts.log.notice(`relay ready: ${this.#statusLine()}`);
    this.#pulse();
  }

  /** Settings anew. Refused ones leave everything as it was. */
  reload(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#reload());
    return this.#changing;
  }

  async stop(): Promise<void> {
    sdNotify({ STOPPING: '1', STATUS: 'Ending' });
    this.#timer?.cancel();
    this.#beating.abort();
    await Promise.all([this.#couriers.stop(), this.#heartbeat]);
    this.#parts.door.close();
  }

  async #reload(): Promise<void> {
    const { log, readConfiguration } = this.#parts;
    sdNotify({ RELOADING: '1', STATUS: 'Reading settings' });
    const answer = readConfiguration();
    if (answer.type === 'refused') {
      for (const complaint of answer.complaints) log.error(complaint);
      log.error('settings refused, those before stay in force');
    } else {
      await this.#serve(answer.configuration);
      log.notice(`settings read: ${this.#statusLine()}`);
    }
    sdNotify({ READY: '1', STATUS: this.#statusLine() });
  }

  async #serve({ channels, heartbeat }: RelayConfiguration): Promise<void> {
    await this.#couriers.serve(channels);
    const settings = isHeartbeatSet(heartbeat) ? JSON.stringify(heartbeat) : '';
    if (settings === this.#heartbeatSettings) return;
    this.#heartbeatSettings = settings;
    this.#beating.abort();
    await this.#heartbeat;
    this.#beating = new AbortController();
    if (settings === '') return;
    const { log, ports } = this.#parts;
    const alive = (signal: AbortSignal) => this.#client.alive(signal);
    this.#heartbeat = beat({ ...ports, log, alive }, heartbeat, this.#beating.signal);
  }

  /** Fed only while every courier gets on, so that one that is stuck is started anew. */
  #pulse(): void {
    const { environment, ports } = this.#parts;
    const watchdog = watchdogInterval(environment, process.pid);
    const every = watchdog === undefined ? pulseEveryDefault : watchdog / 4;
    const tell = (): void => {
      const STATUS = this.#statusLine();
      if (this.#couriers.stuck().length === 0) sdNotify({ WATCHDOG: '1', STATUS });
      this.#timer = ports.clock.after(every, tell);
    };
    tell();
  }

  #statusLine(): string {
    const channels = this.#couriers.channels();
    const beats = this.#heartbeatSettings === '' ? '' : ' and the heartbeat';
    const trouble = this.#client.trouble();
    const link = trouble === null ? '' : `; tocsind cannot be asked: ${trouble}`;
    return `Serving ${channels.length === 0 ? 'no channel' : channels.join(', ')}${beats}${link}`;
  }
}
