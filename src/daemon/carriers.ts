/**
 * Who carries what the outbox gives out: couriers in this process for the channels of the core,
 * and tocsin-relay, which asks over relay.sock, for those that need a network.
 */
import type { Options } from '../config/options.ts';
import type { Member } from '../config/readers.ts';
import { isHeartbeatSet, type Settings } from '../config/settings.ts';
import { channelsOf, createCouriers } from '../delivery/couriers.ts';
import type { Outbox } from '../delivery/outbox.ts';
import { createRelayDoor } from '../delivery/relay/server.ts';
import { userId } from '../platform/accounts.ts';
import type { Clock } from '../platform/clock.ts';
import type { Command } from '../platform/command.ts';
import { peerOf } from '../platform/listen.ts';
import type { Log } from '../platform/log.ts';
import { native } from '../platform/native.ts';
import type { Program } from '../platform/program.ts';
import { corePorts } from './core-ports.ts';
import { createRelaySocket, type RelaySocket } from './doors.ts';
import type { HealthBoard } from './health.ts';
import { startRelayChild } from './relay-child.ts';
import { watchRelay } from './relay-watch.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Members = Readonly<Record<string, Member>>;

export interface CarriersParts {
  readonly options: Pick<Options, 'config' | 'runtimeDir' | 'withRelay'>;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly command: Command;
  readonly log: Log;
  readonly health: Pick<HealthBoard, 'set' | 'overall'>;
  readonly delivery: { readonly pump: Outbox; readonly channels: () => Members };
  /** Those in force. */
  readonly settings: () => Settings;
  /** Why the pipeline makes no progress; null: it does. For the dead-man's ping. */
  readonly trouble: () => string | null;
}

export interface Carriers {
  /** relay.sock; doors.ts binds it. */
  readonly socket: RelaySocket;
  /** Once everything is restored, and relay.sock is open. */
  start(): Promise<void>;
  /** The settings have changed. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

const relayUser = 'tocsin-relay';

/** Root, our own user and the relay's. Without the addon the socket's mode alone decides. */
function whoMayAsk(environment: Environment): Parameters<typeof createRelayDoor>[0]['mayAsk'] {
  const ownUid = process.getuid?.() ?? -1;
  if (native === undefined) return () => environment.LISTEN_FDS === undefined;
  return (socket) => {
    const uid = peerOf(socket)?.uid;
    return uid !== undefined && (uid === 0 || uid === ownUid || uid === userId(relayUser));
  };
}

export function createCarriers(parts: CarriersParts): Carriers {
  const { clock, health, log, options, trouble } = parts;
  const { channels, pump: outbox } = parts.delivery;
  const inRelay = (): Members => channelsOf('relay', channels());
  const watch = watchRelay({ ...parts, channels: () => Object.keys(inRelay()) });
  const couriers = createCouriers('core', {
    clock,
    log,
    outbox,
    random: Math.random,
    ports: corePorts(parts),
  });
  const socket = createRelaySocket(
    createRelayDoor({
      outbox,
      serves: (channel) => Object.hasOwn(inRelay(), channel),
      alive: () => {
        const why = trouble();
        return { alive: why === null, why, health: health.overall() };
      },
      mayAsk: whoMayAsk(parts.environment),
      onAsked: () => watch.asked(),
      onBug: (error) => log.error(`relay.sock: ${(error as Error).stack}`),
    }),
  );
  let child: Program | undefined;
  /** As a child it runs only while there is something to do, as in its unit. */
  async function tendChild(): Promise<void> {
    const isNeeded =
      Object.keys(inRelay()).length > 0 || isHeartbeatSet(parts.settings().heartbeat);
    if (!options.withRelay) return;
    if (!isNeeded) {
      await child?.stop();
      child = undefined;
    } else if (child === undefined) child = startRelayChild(options, log);
    else child.reload();
  }
  let isStopping = false;
  const serve = async (): Promise<void> => {
    if (isStopping) return;
    await Promise.all([tendChild(), couriers.serve(channels())]);
  };
  return {
    socket,
    start: serve,
    reload: serve,
    async stop() {
      isStopping = true;
      watch.stop();
      await Promise.all([couriers.stop(), child?.stop()]);
      await socket.close();
    },
  };
}
