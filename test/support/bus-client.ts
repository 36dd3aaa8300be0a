/** Our own client in tests: short ways to connect, to call and to gather signals. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { seconds } from '../../src/domain/time.ts';
import { encodeMessage } from '../../src/platform/bus/encode.ts';
import { messageType } from '../../src/platform/bus/message.ts';
import { openTransport } from '../../src/platform/bus/transport.ts';
import {
  type BusCall,
  type BusConnection,
  type BusSignal,
  systemBus,
} from '../../src/platform/system-bus.ts';

/** A connection of ours. */
export async function connectOurs(
  address: string,
  onSignal: (signal: BusSignal) => void = () => {},
): Promise<BusConnection> {
  const answer = await systemBus(address).connect(onSignal);
  assert.ok(answer.type === 'connected', JSON.stringify(answer));
  return answer.connection;
}

export const to = (destination: string, member: string, more: Partial<BusCall> = {}): BusCall => ({
  destination,
  path: '/org/tocsin/test',
  interface: 'org.tocsin.Test',
  member,
  ...more,
});
/** A call of a member of org.tocsin1.Manager. */
export const toManager = (
  member: string,
  signature = '',
  body: readonly unknown[] = [],
): BusCall => ({
  destination: 'org.tocsin1',
  path: '/org/tocsin1',
  interface: 'org.tocsin1.Manager',
  member,
  signature,
  body,
});
export const said = { path: '/org/tocsin/test', interface: 'org.tocsin.Test', member: 'Said' };

/** Signals of the test's interface, and a promise for the n-th. */
export function gathering(count: number): {
  take: (signal: BusSignal) => void;
  signals: BusSignal[];
  all: Promise<void>;
} {
  const signals: BusSignal[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const take = (signal: BusSignal): void => {
    if (signal.interface !== 'org.tocsin.Test') return;
    signals.push(signal);
    if (signals.length === count) resolve();
  };
  return { take, signals, all };
}

/** A connection below the client, for messages that no client sends. */
export async function connectRaw(address: string): Promise<Socket> {
  const transport = await openTransport(address, seconds(5));
  assert.ok(transport.type === 'open');
  const destination = 'org.freedesktop.DBus';
  const hello = { path: '/org/freedesktop/DBus', interface: destination, member: 'Hello' };
  const bytes = encodeMessage({ type: messageType.call, serial: 1, destination, ...hello });
  transport.socket.on('data', () => {}).resume();
  transport.socket.write(bytes);
  return transport.socket;
}

export const textOf = (signal: BusSignal): string => {
  const [text] = signal.body;
  return typeof text === 'string' ? text : '';
};
