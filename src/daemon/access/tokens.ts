/**
 * Tokens, as plain values: which secrets count when, and what each deed makes of a token. Nothing
 * here is kept, and the time comes in.
 */
import { days, type EpochMs, minutes } from '../../domain/time.ts';
import type { NewToken, Token } from '../../operations/house-access.ts';
import type { GivenRole, StoredSecret, StoredToken } from '../../store/tables/access.ts';
import { isSameDigest, noDigest } from './secrets.ts';

/** Beyond these none can be made. */
export const tokensMax = 1000;
/** How long one that has expired is still shown. */
export const shownAfterEnd = days(30);
/** How exactly it is known when a token or a session was used: reading must cost no write. */
export const useGrain = minutes(1);

const hasEnded = ({ expiresAt }: { readonly expiresAt: EpochMs | null }, now: EpochMs): boolean =>
  expiresAt !== null && now >= expiresAt;

export const isLive = (token: StoredToken, now: EpochMs): boolean => !hasEnded(token, now);

/** The secret of the token that has this digest and counts now; all are compared. */
export function findSecret(
  token: StoredToken | undefined,
  sha256: string,
  now: EpochMs,
): StoredSecret | undefined {
  let found: StoredSecret | undefined;
  for (let i = 0; i < 2; i++) {
    const secret = token?.secrets[i];
    const isSame = isSameDigest(secret?.sha256 ?? noDigest, sha256);
    if (isSame && secret !== undefined && !hasEnded(secret, now)) found = secret;
  }
  return token !== undefined && isLive(token, now) ? found : undefined;
}

export function makeToken(
  id: string,
  wanted: NewToken,
  sha256: string,
  by: string,
  now: EpochMs,
): StoredToken {
  const { name, role, expiresAt } = wanted;
  const secrets = [{ sha256, createdAt: now, expiresAt: null }];
  const made = { createdAt: now, createdBy: by, expiresAt, lastUsedAt: null };
  return { id, name, role, ...made, secrets };
}

/** The development token is in no table: whoever may read its file started the daemon. */
export const developmentId = 'development';

export const developmentToken = (sha256: string, now: EpochMs): StoredToken =>
  makeToken(
    developmentId,
    { name: developmentId, role: 'admin', expiresAt: null },
    sha256,
    'tocsin',
    now,
  );

/** With a new secret; the one before ends at `until`, any older one is gone. */
export function rotate(
  token: StoredToken,
  sha256: string,
  until: EpochMs,
  now: EpochMs,
): StoredToken {
  const [newest] = token.secrets;
  const old = newest === undefined || until <= now ? [] : [{ ...newest, expiresAt: until }];
  return { ...token, secrets: [{ sha256, createdAt: now, expiresAt: null }, ...old] };
}

export const withRole = (token: StoredToken, role: GivenRole): StoredToken => ({ ...token, role });

/** The token as used now; itself when that is known to the minute already. */
export function used(token: StoredToken, now: EpochMs): StoredToken {
  const lastUsedAt = Math.floor(now / useGrain) * useGrain;
  return token.lastUsedAt === lastUsedAt ? token : { ...token, lastUsedAt };
}

/** Without secrets that have ended: nothing of them is kept. */
export function withoutEnded(token: StoredToken, now: EpochMs): StoredToken {
  const secrets = token.secrets.filter((secret) => !hasEnded(secret, now));
  return secrets.length === token.secrets.length ? token : { ...token, secrets };
}

export const isForgotten = ({ expiresAt }: StoredToken, now: EpochMs): boolean =>
  expiresAt !== null && now >= expiresAt + shownAfterEnd;

/** What may be shown of it. */
export const showToken = (token: StoredToken): Token => ({
  ...token,
  secrets: token.secrets.map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
});
