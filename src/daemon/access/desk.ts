/**
 * The access desk: who may ask. Tokens are durable before their secret is shown; what is taken
 * away counts at once, and is written again and again until it is durable.
 */
import type { Ms } from '../../domain/time.ts';
import { type Caller, isEnough } from '../../operations/caller.ts';
import type {
  Access,
  GivenRole,
  NewToken,
  SecretAnswer,
  Session,
  SessionAnswer,
  Token,
  TokenAnswer,
} from '../../operations/house-access.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type {
  AccessRow,
  StoredAccess,
  StoredSecret,
  StoredSession,
  StoredToken,
} from '../../store/tables/access.ts';
import { newId, newSecret, parseToken, renderToken, sha256Of } from './secrets.ts';
import { type SessionLimits, Sessions } from './sessions.ts';
import { Tickets, ticketLasts } from './tickets.ts';
import * as plan from './tokens.ts';
import { sessionRow, tokenRow, Unsaved } from './unsaved.ts';

export interface AccessDeskParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
  readonly limits: () => SessionLimits;
  /** Null when it is durable; else why it is not. */
  readonly save: (rows: readonly AccessRow[]) => Promise<string | null>;
  /** SHA-256 of the development token; undefined where there is none. */
  readonly development?: string | undefined;
}

const lookEvery: Ms = plan.useGrain;

interface Shown {
  readonly token: StoredToken;
  readonly secret: StoredSecret;
}

export class AccessDesk implements Access {
  readonly #parts: AccessDeskParts;
  readonly #tokens: Map<string, StoredToken>;
  readonly #development: StoredToken | undefined;
  readonly #sessions: Sessions;
  readonly #tickets: Tickets;
  readonly #unsaved: Unsaved;
  #timer: Timer | undefined;

  constructor(parts: AccessDeskParts, stored: StoredAccess) {
    const { clock, development, limits } = parts;
    this.#parts = parts;
    const inOrder = stored.tokens.toSorted((a, b) => a.createdAt - b.createdAt);
    this.#tokens = new Map(inOrder.map((token) => [token.id, token]));
    this.#development =
      development === undefined ? undefined : plan.developmentToken(development, clock.now());
    this.#unsaved = new Unsaved({
      save: parts.save,
      tokenRow: (id) => tokenRow(id, this.#tokens.get(id)),
      sessionRow: (id) => sessionRow(id, this.#sessions.find(id)),
    });
    const changed = (id: string): void => this.#unsaved.addSession(id);
    const times = { now: () => clock.now(), monotonic: () => clock.monotonic() };
    this.#sessions = new Sessions({ ...times, limits, changed }, stored.sessions);
    this.#tickets = new Tickets(times.monotonic);
  }

  /** Begins to look each minute: writes when tokens were used, forgets what is over. */
  start(): void {
    this.#timer = this.#parts.clock.after(lookEvery, () => {
      this.start();
      void this.look();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.look();
  }

  async look(): Promise<void> {
    const now = this.#parts.clock.now();
    for (const token of this.#tokens.values()) {
      const tidied = plan.withoutEnded(token, now);
      if (plan.isForgotten(token, now)) this.#tokens.delete(token.id);
      else if (tidied !== token) this.#tokens.set(token.id, tidied);
      else continue;
      this.#unsaved.addToken(token.id);
    }
    this.#sessions.tidy((session) => this.#tokenOf(session) !== undefined);
    await this.#unsaved.flush();
  }

  tokens(): readonly Token[] {
    return [...this.#tokens.values()].map(plan.showToken);
  }

  findBearer(text: string): Caller | undefined {
    const shown = this.#find(text);
    if (shown === undefined) return undefined;
    const { token, secret } = shown;
    const { id, name, role } = token;
    const now = this.#parts.clock.now();
    const used = plan.used(token, now);
    if (used !== token && this.#tokens.has(id)) {
      this.#tokens.set(id, used);
      this.#unsaved.addToken(id);
    }
    const login = { type: 'token', id, digest: secret.sha256 } as const;
    return { role, name: `token:${name}`, client: `token ${id}`, login };
  }

  findCookie(secret: string): Caller | undefined {
    const session = this.#sessions.use(secret);
    const token = session && this.#tokenOf(session);
    if (session === undefined || token === undefined) return undefined;
    const client = `session ${session.id} of token ${token.id}`;
    const login = { type: 'session', id: session.id } as const;
    return { role: token.role, name: `token:${token.name}`, client, login };
  }

  takeTicket(ticket: string): Caller | undefined {
    const caller = this.#tickets.take(ticket);
    return caller !== undefined && this.isStillValid(caller) ? caller : undefined;
  }

  createToken(wanted: NewToken, by: string): Promise<SecretAnswer> {
    return this.#unsaved.inTurn(async () => {
      const now = this.#parts.clock.now();
      const others = [...this.#tokens.values()];
      const isTaken = ({ name }: StoredToken): boolean => name === wanted.name;
      if (wanted.name === plan.developmentId) return { type: 'exists' };
      if (others.some((one) => isTaken(one) && plan.isLive(one, now))) return { type: 'exists' };
      if (others.length >= plan.tokensMax) return { type: 'too-many' };
      const id = newId();
      const secret = newSecret();
      const token = plan.makeToken(id, wanted, sha256Of(secret), by, now);
      const why = await this.#unsaved.put(token);
      if (why !== null) return { type: 'unstored', why };
      this.#tokens.set(id, token);
      return { type: 'done', token: plan.showToken(token), secret: renderToken(id, secret) };
    });
  }

  changeToken(id: string, role: GivenRole): Promise<TokenAnswer> {
    return this.#replace(id, (token) => plan.withRole(token, role));
  }

  async rotateToken(id: string, overlap: Ms): Promise<SecretAnswer> {
    const secret = newSecret();
    const now = this.#parts.clock.now();
    const answer = await this.#replace(id, (token) =>
      plan.rotate(token, sha256Of(secret), now + overlap, now),
    );
    return answer.type === 'done' ? { ...answer, secret: renderToken(id, secret) } : answer;
  }

  async revokeToken(id: string): Promise<TokenAnswer> {
    const token = this.#tokens.get(id);
    if (token === undefined) return { type: 'unknown' };
    this.#tokens.delete(id);
    this.#unsaved.addToken(id);
    this.#sessions.tidy((session) => this.#tokenOf(session) !== undefined);
    const why = await this.#unsaved.flush();
    return why === null
      ? { type: 'done', token: plan.showToken(token) }
      : { type: 'unstored', why: `it is revoked until tocsin starts again: ${why}` };
  }

  async openSession({ login }: Caller): Promise<SessionAnswer> {
    const isToken = login?.type === 'token' && login.digest !== undefined;
    if (!isToken || login.digest === undefined) return { type: 'unknown' };
    const { session, secret } = this.#sessions.open(login.id, login.digest);
    // On a full disk people can still look: then it is over when tocsin starts again.
    await this.#unsaved.flush();
    return { type: 'done', session: this.#showSession(session), secret };
  }

  findSession({ login }: Caller): Session | undefined {
    const session = login?.type === 'session' ? this.#sessions.find(login.id) : undefined;
    return session && this.#showSession(session);
  }

  async closeSession({ login }: Caller): Promise<void> {
    if (login?.type !== 'session') return;
    this.#sessions.close(login.id);
    await this.#unsaved.flush();
  }

  createTicket(caller: Caller): { readonly ticket: string; readonly expiresAt: number } {
    const ticket = this.#tickets.create(caller);
    return { ticket, expiresAt: this.#parts.clock.now() + ticketLasts };
  }

  isStillValid({ login, role }: Caller): boolean {
    if (login === undefined) return true;
    const session = login.type === 'session' ? this.#sessions.find(login.id) : undefined;
    const token = session === undefined ? this.#tokenWith(login) : this.#tokenOf(session);
    return token !== undefined && isEnough(token.role, role);
  }

  #showSession = ({ id, expiresAt }: StoredSession): Session => {
    const { idle } = this.#parts.limits();
    return { id, expiresAt, idle };
  };

  #get(id: string): StoredToken | undefined {
    return id === plan.developmentId ? this.#development : this.#tokens.get(id);
  }

  #find(text: string): Shown | undefined {
    const { id, secret } = parseToken(text) ?? { id: plan.developmentId, secret: text };
    const token = this.#get(id);
    const found = plan.findSecret(token, sha256Of(secret), this.#parts.clock.now());
    return token === undefined || found === undefined ? undefined : { token, secret: found };
  }

  #tokenWith({ id, digest = '' }: { id: string; digest?: string }): StoredToken | undefined {
    const token = this.#get(id);
    const isGood = digest !== '' && plan.findSecret(token, digest, this.#parts.clock.now());
    return isGood ? token : undefined;
  }

  #tokenOf = ({ token, tokenSha256 }: StoredSession): StoredToken | undefined =>
    this.#tokenWith({ id: token, digest: tokenSha256 });

  /** Puts what `change` makes of the token into its place, once that is durable. */
  #replace(id: string, change: (token: StoredToken) => StoredToken): Promise<TokenAnswer> {
    return this.#unsaved.inTurn(async () => {
      const before = this.#tokens.get(id);
      if (before === undefined) return { type: 'unknown' };
      if (!plan.isLive(before, this.#parts.clock.now())) return { type: 'expired' };
      const why = await this.#unsaved.put(change(before));
      // Used or revoked meanwhile.
      const present = this.#tokens.get(id);
      if (present === undefined) return { type: 'unknown' };
      if (why !== null) return { type: 'unstored', why };
      const token = change(present);
      this.#tokens.set(id, token);
      return { type: 'done', token: plan.showToken(token) };
    });
  }
}
