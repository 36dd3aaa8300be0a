/**
 * A private message bus for tests: a real dbus-daemon that lets everybody do everything, with
 * the system bus's limits; and a peer on it, made with another D-Bus implementation than ours.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as library from 'dbus-next';

export interface PrivateBus {
  readonly address: string;
  readonly pid: number;
  /** SIGKILL, and resolves when it is gone. What is connected sees the end of the stream. */
  stop(): Promise<void>;
}

// Limits: dbus-daemon(1), the defaults of the well-known system bus (dbus/bus/config-parser.c).
const configuration = (path: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
  <limit name="max_replies_per_connection">128</limit>
  <limit name="max_match_rules_per_connection">512</limit>
</busconfig>
`;

/** Needs Debian's package dbus-daemon. */
export async function startBus(): Promise<PrivateBus> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bus-'));
  const config = join(folder, 'bus.conf');
  writeFileSync(config, configuration(join(folder, 'bus')));
  const daemon: ChildProcess = spawn(
    'dbus-daemon',
    [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=1'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const { pid, stdout } = daemon;
  if (pid === undefined || stdout === null) {
    rmSync(folder, { recursive: true });
    const [error] = await once(daemon, 'error');
    throw new Error(`dbus-daemon cannot be started: ${String(error)}`);
  }
  const exited = once(daemon, 'exit');
  // A test that throws must not leave a daemon behind.
  const atExit = (): void => void daemon.kill('SIGKILL');
  process.once('exit', atExit);
  const [address] = await once(createInterface({ input: stdout }), 'line');
  return {
    address: String(address),
    pid,
    async stop() {
      process.removeListener('exit', atExit);
      daemon.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface SentSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: unknown[];
  /** Only for this connection; without it, for all whose match rules fit. */
  readonly destination?: string;
  /** A lie: the bus puts the true one in its place. */
  readonly sender?: string;
}

/** Another program on the bus, which answers calls and sends signals. */
export interface Peer {
  /** Unique name, `:1.7`. */
  readonly name: string;
  /** Takes calls in place of those before; what returns undefined is never answered. */
  onCall(answer: (call: library.Message) => library.Message | undefined): void;
  send(message: SentSignal | library.Message): void;
  own(name: string): Promise<void>;
  close(): void;
}

/** The answer to a call that succeeds. */
export const replyTo = (
  call: library.Message,
  signature = '',
  body: unknown[] = [],
): library.Message => library.Message.newMethodReturn(call, signature, body);

export const errorTo = (call: library.Message, name: string, text: string): library.Message =>
  library.Message.newError(call, name, text);

export const { Variant } = library;

export async function startPeer(address: string): Promise<Peer> {
  const bus = library.sessionBus({ busAddress: address });
  let take: (call: library.Message) => library.Message | undefined = () => undefined;
  bus.on('error', () => {});
  bus.addMethodHandler((call) => {
    const reply = take(call);
    if (reply !== undefined) bus.send(reply);
    return true;
  });
  await once(bus, 'connect');
  return {
    name: String(bus.name),
    onCall(answer) {
      take = answer;
    },
    send(message) {
      bus.send(
        message instanceof library.Message
          ? message
          : new library.Message({ type: library.MessageType.SIGNAL, ...message }),
      );
    },
    async own(name) {
      await bus.requestName(name, 0);
    },
    close: () => bus.disconnect(),
  };
}
