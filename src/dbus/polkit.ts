/**
 * polkit is asked whether a caller may do something. Its answers come over a connection of their
 * own: when polkit hangs, that one is given up with all that waits on it, and the door goes on.
 *
 * Source: polkit 122, docs/polkit-1 "org.freedesktop.PolicyKit1.Authority". The actions carry
 * org.freedesktop.policykit.owner=unix-user:tocsin; without it polkit answers nobody but root.
 */
import { minutes, seconds } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { BusAnswer, BusCall, BusConnection, SystemBus } from '../platform/system-bus.ts';
import type { Action } from './member.ts';

/** An answer needs 3 ms, and the first one polkit's start. */
const checkWithin = seconds(5);
/** People look for their password. */
const passwordWithin = minutes(2);
/** People who are asked at once; whoever else would be asked is told that he would be. */
export const askedAtOnceMax = 8;
/** Checks at once, together with those; beyond it polkit counts as hung. */
const checksMax = 64;
/** After a check without an answer nobody waits for polkit for so long. */
export const sparedAfterHang = seconds(10);

export type PolkitAnswer =
  | { readonly type: 'allowed' }
  /** `afterPassword`: it might be allowed to somebody who shows one. */
  | { readonly type: 'denied'; readonly afterPassword: boolean }
  /** `absent`: this machine has no polkit, or its administrator has masked it. */
  | { readonly type: 'unanswered'; readonly absent: boolean; readonly why: string };

export interface PolkitQuestion {
  readonly action: Action;
  /** Unique name of the caller. */
  readonly sender: string;
  readonly isInteractive: boolean;
  /** Aborts when the caller has left. */
  readonly gone: AbortSignal;
}

const authority = {
  destination: 'org.freedesktop.PolicyKit1',
  path: '/org/freedesktop/PolicyKit1/Authority',
  interface: 'org.freedesktop.PolicyKit1.Authority',
} as const;

const absences: readonly string[] = [
  'org.freedesktop.DBus.Error.ServiceUnknown',
  'org.freedesktop.DBus.Error.NameHasNoOwner',
  'org.freedesktop.systemd1.UnitMasked',
];

const unanswered = (why: string, absent = false): PolkitAnswer => ({
  type: 'unanswered',
  absent,
  why,
});

function readAnswer(answer: BusAnswer): PolkitAnswer {
  switch (answer.type) {
    case 'returned': {
      const [result] = answer.body;
      const [isAllowed, isChallenge] = Array.isArray(result) ? result : [];
      if (isAllowed === true) return { type: 'allowed' };
      return { type: 'denied', afterPassword: isChallenge === true };
    }
    case 'error':
      return unanswered(`polkit: ${answer.message}`, absences.includes(answer.name));
    case 'timeout':
      return unanswered('polkit does not answer');
    default:
      return unanswered(answer.why);
  }
}

export class Polkit {
  readonly #bus: SystemBus;
  readonly #clock: Clock;
  #connecting: Promise<BusConnection | undefined> | undefined;
  #checks = 0;
  #asked = 0;
  #questions = 0;
  #sparedUntil = -Infinity;

  constructor(bus: SystemBus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** Resolves always: within 5 s, or 2 minutes where somebody is asked for a password. */
  async check(question: PolkitQuestion): Promise<PolkitAnswer> {
    if (this.#checks >= checksMax) return unanswered('polkit is asked too much at once');
    if (this.#clock.monotonic() < this.#sparedUntil) return unanswered('polkit did not answer');
    const isInteractive = question.isInteractive && this.#asked < askedAtOnceMax;
    this.#checks += 1;
    if (isInteractive) this.#asked += 1;
    try {
      return await this.#check({ ...question, isInteractive });
    } finally {
      this.#checks -= 1;
      if (isInteractive) this.#asked -= 1;
    }
  }

  async close(): Promise<void> {
    (await this.#connecting)?.close();
  }

  async #check(question: PolkitQuestion): Promise<PolkitAnswer> {
    const connection = await this.#connect();
    if (connection === undefined) return unanswered('no system bus');
    const { action, sender, isInteractive, gone } = question;
    // Nobody would hear that it is over: the window would stay for as long as a password may take.
    if (gone.aborted) return { type: 'denied', afterPassword: false };
    this.#questions += 1;
    const name = isInteractive ? `tocsin-${this.#questions}` : '';
    const cancel = (): void => void connection.call(cancelling(name));
    if (name !== '') gone.addEventListener('abort', cancel, { once: true });
    const answer = await connection.call({
      ...authority,
      member: 'CheckAuthorization',
      signature: '(sa{sv})sa{ss}us',
      body: [
        ['system-bus-name', { name: { signature: 's', value: sender } }],
        `org.tocsin1.${action}`,
        {},
        isInteractive ? 1 : 0,
        name,
      ],
      timeout: isInteractive ? passwordWithin : checkWithin,
    });
    gone.removeEventListener('abort', cancel);
    if (answer.type === 'timeout' && isInteractive) cancel();
    else if (answer.type === 'timeout') this.#giveUp(connection);
    return readAnswer(answer);
  }

  /** The bus counts what polkit owes us: a new connection owes and is owed nothing. */
  #giveUp(connection: BusConnection): void {
    this.#sparedUntil = this.#clock.monotonic() + sparedAfterHang;
    connection.close();
  }

  #connect(): Promise<BusConnection | undefined> {
    this.#connecting ??= this.#bus
      .connect(() => {})
      .then((answer) => {
        const forget = (): void => {
          this.#connecting = undefined;
        };
        if (answer.type === 'refused') {
          forget();
          return undefined;
        }
        void answer.connection.lost.then(forget);
        return answer.connection;
      });
    return this.#connecting;
  }
}

const cancelling = (name: string): BusCall => ({
  ...authority,
  member: 'CancelCheckAuthorization',
  signature: 's',
  body: [name],
  timeout: checkWithin,
});
