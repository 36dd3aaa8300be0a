/**
 * Who calls over the bus, and what role that gives for an action: by polkit, and where polkit does
 * not answer by the bus's own word on uid and groups. Any doubt means: nobody (CVE-2021-3560: a
 * caller who had left counted as root).
 */
import { seconds } from '../domain/time.ts';
import type { Caller, Role } from '../operations/house.ts';
import type { BusCredentials, IncomingCall } from '../platform/bus/serving.ts';
import type { Clock } from '../platform/clock.ts';
import { type Action, roleFor } from './member.ts';
import type { PolkitAnswer, PolkitQuestion } from './polkit.ts';

/**
 * A yes to `read` counts so long for the same connection: a program that reads a hundred objects
 * asks polkit once. What changes something is asked each time.
 */
const readAnswerLasts = seconds(5);
/** Connections remembered; past it the memory begins anew. */
const connectionsKeptMax = 1024;

export interface RightsParts {
  readonly check: (question: PolkitQuestion) => Promise<PolkitAnswer>;
  readonly credentialsOf: (name: string) => Promise<BusCredentials | undefined>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The number of tocsin-admin; undefined where there is no such group. */
  readonly adminGroup: () => number | undefined;
  readonly ownUid: number;
}

export interface Known {
  readonly caller: Caller;
  /** It might have the right after a password, for which nobody may be asked. */
  readonly afterPassword: boolean;
}

type Verdict = Exclude<PolkitAnswer, { type: 'unanswered' }>;

interface Kept<T> {
  readonly answer: Promise<T>;
  readonly until: number;
}

/** Remembers by connection; forgets all when there are too many. */
class Memory<T> {
  readonly #kept = new Map<string, Kept<T>>();

  find(name: string, now: number): Promise<T> | undefined {
    const kept = this.#kept.get(name);
    return kept !== undefined && now < kept.until ? kept.answer : undefined;
  }

  keep(name: string, answer: Promise<T>, until: number): Promise<T> {
    if (this.#kept.size >= connectionsKeptMax) this.#kept.clear();
    this.#kept.set(name, { answer, until });
    return answer;
  }

  forget(name: string): void {
    this.#kept.delete(name);
  }
}

export class Rights {
  readonly #parts: RightsParts;
  readonly #credentials = new Memory<BusCredentials | undefined>();
  readonly #reads = new Memory<Verdict>();

  constructor(parts: RightsParts) {
    this.#parts = parts;
  }

  /** The caller, with the role that the action gives; `none` where it is not allowed. */
  async know(call: IncomingCall, action: Action): Promise<Known> {
    const { sender, gone } = call;
    const credentials = await this.#credentialsOf(sender);
    const verdict: Verdict =
      credentials === undefined
        ? { type: 'denied', afterPassword: false }
        : await this.#verdict(call, action, credentials);
    const isAllowed = verdict.type === 'allowed' && !gone.aborted;
    const role: Role = isAllowed ? roleFor[action] : 'none';
    const name = `uid:${credentials?.uid ?? 'unknown'}`;
    const caller = { role, name, door: 'dbus', client: sender };
    return { caller, afterPassword: verdict.type === 'denied' && verdict.afterPassword };
  }

  /** The connection has left the bus. */
  forget(sender: string): void {
    this.#credentials.forget(sender);
    this.#reads.forget(sender);
  }

  /** Those of a connection never change. */
  #credentialsOf(sender: string): Promise<BusCredentials | undefined> {
    const known = this.#credentials.find(sender, 0);
    if (known !== undefined) return known;
    const asked = this.#parts.credentialsOf(sender);
    void asked.then((found) => {
      if (found === undefined) this.#credentials.forget(sender);
    });
    return this.#credentials.keep(sender, asked, Infinity);
  }

  #verdict(call: IncomingCall, action: Action, known: BusCredentials): Promise<Verdict> {
    if (action !== 'read') return this.#ask(call, action, known);
    const now = this.#parts.clock.monotonic();
    const kept = this.#reads.find(call.sender, now);
    if (kept !== undefined) return kept;
    const asked = this.#ask(call, action, known);
    void asked.then(({ type }) => {
      if (type !== 'allowed') this.#reads.forget(call.sender);
    });
    return this.#reads.keep(call.sender, asked, now + readAnswerLasts);
  }

  async #ask(call: IncomingCall, action: Action, known: BusCredentials): Promise<Verdict> {
    const { sender, isInteractive, gone } = call;
    const answer = await this.#parts.check({ action, sender, isInteractive, gone });
    if (answer.type !== 'unanswered') return answer;
    return this.#isTrusted(known, action, answer.absent)
      ? { type: 'allowed' }
      : { type: 'denied', afterPassword: false };
  }

  /**
   * Without polkit's word: root and the administrators of tocsin; where there is no polkit at all
   * everybody may read, as the action says, and our own user may all (a checkout, on a bus of its
   * own: whoever runs as us can write to the database anyway).
   */
  #isTrusted({ uid, groups }: BusCredentials, action: Action, absent: boolean): boolean {
    const admins = this.#parts.adminGroup();
    if (uid === 0 || (admins !== undefined && groups.includes(admins))) return true;
    return absent && (action === 'read' || uid === this.#parts.ownUid);
  }
}
