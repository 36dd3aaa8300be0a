/**
 * Sessions of browsers. While tocsind runs their ends are measured with a clock that nobody sets:
 * a wall clock that jumps logs nobody out, and keeps nobody in.
 */
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { StoredSession } from '../../store/tables/access.ts';
import { idLength, isSameDigest, newId, newSecret, noDigest, sha256Of } from './secrets.ts';
import { useGrain } from './tokens.ts';

/** Of one token; one more ends that which was used longest ago. */
const sessionsOfTokenMax = 50;
const sessionsMax = 2000;

export interface SessionLimits {
  /** Not used for so long, it ends. */
  readonly idle: Ms;
  /** It ends after this, however much it is used. */
  readonly longest: Ms;
}

interface Held {
  stored: StoredSession;
  /** On the clock that nobody sets. */
  usedAt: Ms;
  readonly endsAt: Ms;
}

export interface SessionParts {
  now(): EpochMs;
  monotonic(): Ms;
  limits(): SessionLimits;
  /** It has changed, or is over. */
  changed(id: string): void;
}

/** What is left of `span` when so much of it is over; the clock may have been set meanwhile. */
const left = (span: Ms, over: Ms): Ms => Math.min(span, Math.max(0, span - over));

export class Sessions {
  readonly #parts: SessionParts;
  readonly #held = new Map<string, Held>();

  constructor(parts: SessionParts, stored: readonly StoredSession[]) {
    this.#parts = parts;
    const now = parts.now();
    const monotonic = parts.monotonic();
    const { idle, longest } = parts.limits();
    for (const one of stored) {
      const usedAt = monotonic + left(idle, now - one.usedAt) - idle;
      const endsAt = monotonic + left(longest, longest - (one.expiresAt - now));
      this.#held.set(one.id, { stored: one, usedAt, endsAt });
    }
  }

  /** The session, and the secret for its cookie. */
  open(
    token: string,
    tokenSha256: string,
  ): { readonly session: StoredSession; readonly secret: string } {
    const now = this.#parts.now();
    const { longest } = this.#parts.limits();
    this.#makeRoom(token);
    const id = newId();
    const secret = `${id}${newSecret()}`;
    const times = { createdAt: now, usedAt: now, expiresAt: now + longest };
    const session = { id, sha256: sha256Of(secret), token, tokenSha256, ...times };
    const monotonic = this.#parts.monotonic();
    this.#held.set(id, { stored: session, usedAt: monotonic, endsAt: monotonic + longest });
    this.#parts.changed(id);
    return { session, secret };
  }

  /** The session with this secret, which is used by that. */
  use(secret: string): StoredSession | undefined {
    // Whatever its form, so that it takes as long.
    const held = this.#held.get(secret.slice(0, idLength));
    const isSame = isSameDigest(held?.stored.sha256 ?? noDigest, sha256Of(secret));
    if (!isSame || held === undefined || this.#isOver(held)) return undefined;
    held.usedAt = this.#parts.monotonic();
    const usedAt = Math.floor(this.#parts.now() / useGrain) * useGrain;
    if (usedAt > held.stored.usedAt) {
      held.stored = { ...held.stored, usedAt };
      this.#parts.changed(held.stored.id);
    }
    return held.stored;
  }

  /** Undefined when it is over. To look is not to use. */
  find(id: string): StoredSession | undefined {
    const held = this.#held.get(id);
    return held === undefined || this.#isOver(held) ? undefined : held.stored;
  }

  close(id: string): void {
    if (this.#held.delete(id)) this.#parts.changed(id);
  }

  /** Ends those that are over, and those of which `isStillGood` says no. */
  tidy(isStillGood: (session: StoredSession) => boolean): void {
    for (const [id, held] of this.#held)
      if (this.#isOver(held) || !isStillGood(held.stored)) this.close(id);
  }

  #isOver({ usedAt, endsAt }: Held): boolean {
    const now = this.#parts.monotonic();
    return now >= endsAt || now - usedAt >= this.#parts.limits().idle;
  }

  #makeRoom(token: string): void {
    const oldestFirst = [...this.#held].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const own = oldestFirst.filter(([, { stored }]) => stored.token === token);
    const [tooMany] = own.length >= sessionsOfTokenMax ? own : [];
    const [oldest] = this.#held.size >= sessionsMax ? oldestFirst : [];
    for (const one of [tooMany ?? oldest]) if (one !== undefined) this.close(one[0]);
  }
}
