/** A bus for tests: it keeps what is said, and who has which name is the test's to say. */

import type {
  BusCredentials,
  IncomingCall,
  NameAnswer,
  OutgoingSignal,
  ServiceBus,
  ServiceConnection,
  ServiceHandlers,
  ServiceReply,
} from '../platform/bus/serving.ts';
import type { BusAnswer, BusCall, BusSignal } from '../platform/system-bus.ts';

export const neverGone = new AbortController().signal;

export const callTo = (
  path: string,
  name: string,
  member: string,
  more: Partial<IncomingCall> = {},
): IncomingCall => ({
  sender: ':1.7',
  path,
  interface: name,
  member,
  signature: '',
  body: [],
  isInteractive: false,
  gone: neverGone,
  ...more,
});

const fromBus = (member: string, body: readonly string[]): BusSignal => ({
  sender: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
  member,
  body,
});

export class FakeServiceBus implements ServiceBus {
  /** Why nobody can connect; null when everybody can. */
  refusal: string | null = null;
  nameAnswer: NameAnswer = { type: 'owned' };
  credentials: BusCredentials | undefined = { uid: 1000, groups: [1000] };
  isSilent = false;
  connects = 0;
  requests = 0;
  readonly emitted: OutgoingSignal[] = [];
  /** Resolves when there is room; by default there always is. */
  room: Promise<void> = Promise.resolve();
  #handlers: ServiceHandlers | undefined;
  #lose: (why: string) => void = () => {};

  async connect(handlers: ServiceHandlers) {
    this.connects += 1;
    if (this.refusal !== null) return { type: 'refused', why: this.refusal } as const;
    this.#handlers = handlers;
    const { promise: lost, resolve } = Promise.withResolvers<string>();
    this.#lose = resolve;
    const connection: ServiceConnection = {
      call: async (call) => this.#answer(call),
      addMatch: async () => ({ type: 'returned', body: [] }),
      requestName: async () => {
        this.requests += 1;
        return this.nameAnswer;
      },
      releaseName: async () => ({ type: 'returned', body: [1] }),
      credentialsOf: async () => this.credentials,
      emit: (signal) => void this.emitted.push(signal),
      ready: () => this.room,
      lost,
      close: () => resolve('closed by tocsin'),
    };
    return { type: 'connected', connection } as const;
  }

  #answer({ member }: BusCall): BusAnswer {
    if (this.isSilent) return { type: 'timeout' };
    return { type: 'returned', body: member === 'GetNameOwner' ? [':1.66'] : [] };
  }

  lose(why: string): void {
    this.#lose(why);
  }

  call(call: IncomingCall): Promise<ServiceReply> {
    if (this.#handlers === undefined) throw new Error('nobody has connected');
    return this.#handlers.onCall(call);
  }

  signal(signal: BusSignal): void {
    this.#handlers?.onSignal(signal);
  }

  nameLost(): void {
    this.nameAnswer = { type: 'taken' };
    this.signal(fromBus('NameLost', ['org.tocsin1']));
  }

  nameFreed(): void {
    this.nameAnswer = { type: 'owned' };
    this.signal(fromBus('NameOwnerChanged', ['org.tocsin1', ':1.66', '']));
  }

  /** The bus has read its policies anew, and ours is among them. */
  policyRead(): void {
    this.nameAnswer = { type: 'owned' };
    this.signal(fromBus('ActivatableServicesChanged', []));
  }

  /** Members of the signals so far, and forgets them. */
  said(): readonly string[] {
    return this.emitted.splice(0).map(({ member }) => member);
  }
}
