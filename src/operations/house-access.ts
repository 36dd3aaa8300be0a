/** Who may ask: tokens of programs, sessions of browsers, tickets for one stream. */
import type { EpochMs, Ms } from '../domain/time.ts';
import type { GivenRole, StoredSecret, StoredToken } from '../store/tables/access.ts';
import type { Caller } from './caller.ts';

export type { GivenRole };

/** A secret of a token without the secret: when it was made, and when it ends. */
export type TokenSecret = Omit<StoredSecret, 'sha256'>;

/** A token as it is shown. */
export interface Token extends Omit<StoredToken, 'secrets'> {
  readonly secrets: readonly TokenSecret[];
}

export interface NewToken {
  /** For people: `grafana`. No two live tokens have the same. */
  readonly name: string;
  readonly role: GivenRole;
  readonly expiresAt: EpochMs | null;
}

/** What was asked for could not be done; `unstored`: it could not be made durable. */
export type AccessTrouble =
  | { readonly type: 'unknown' }
  /** A live token has the name already. */
  | { readonly type: 'exists' }
  | { readonly type: 'too-many' }
  | { readonly type: 'expired' }
  | { readonly type: 'unstored'; readonly why: string };

export type TokenAnswer = { readonly type: 'done'; readonly token: Token } | AccessTrouble;

/** With `toc_ID_SECRET`, what its owner has to send. It is shown this once. */
export type SecretAnswer =
  | { readonly type: 'done'; readonly token: Token; readonly secret: string }
  | AccessTrouble;

/** A browser's session. */
export interface Session {
  readonly id: string;
  /** It ends then, however much it is used. */
  readonly expiresAt: EpochMs;
  /** It ends when it was not used for so long. */
  readonly idle: Ms;
}

export type SessionAnswer =
  /** The secret is for the cookie alone. */
  | { readonly type: 'done'; readonly session: Session; readonly secret: string }
  /** The caller has shown no token. */
  | { readonly type: 'unknown' };

/** What the doors ask: who has shown this. Undefined: nobody, whatever the reason. */
export interface Admission {
  /** `toc_ID_SECRET`, as a bearer. */
  findBearer(secret: string): Caller | undefined;
  /** The secret of a session's cookie. To be asked is to use the session. */
  findCookie(secret: string): Caller | undefined;
  /** A ticket is good for one stream: it is gone then. */
  takeTicket(ticket: string): Caller | undefined;
}

export interface Access extends Admission {
  /** In the order in which they were made. */
  tokens(): readonly Token[];
  createToken(token: NewToken, by: string): Promise<SecretAnswer>;
  /** Streams that were opened with more than the new role end within 30 s. */
  changeToken(id: string, role: GivenRole): Promise<TokenAnswer>;
  /** A second secret; the one before is valid for `overlap` longer, any older one ends now. */
  rotateToken(id: string, overlap: Ms): Promise<SecretAnswer>;
  /** Its sessions end with it, and within 30 s its streams. */
  revokeToken(id: string): Promise<TokenAnswer>;
  openSession(caller: Caller): Promise<SessionAnswer>;
  /** The session that the caller came with. */
  findSession(caller: Caller): Session | undefined;
  closeSession(caller: Caller): Promise<void>;
  /** Good for one stream within 30 s: browsers cannot send a header with a WebSocket. */
  createTicket(caller: Caller): { readonly ticket: string; readonly expiresAt: EpochMs };
  /** Whether what the caller showed at the door still counts; true where it showed nothing. */
  isStillValid(caller: Caller): boolean;
}
