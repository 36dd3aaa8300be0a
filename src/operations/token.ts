/** Tokens: what programs and people show where no kernel says who they are. */
import { Type } from 'typebox';
import { didYouMean } from '../domain/nearest.ts';
import { days, type EpochMs, hours, type Ms, parseDuration, rfc3339 } from '../domain/time.ts';
import type { House } from './house.ts';
import type { AccessTrouble, GivenRole, Token } from './house-access.ts';
import { parseInstant } from './instants.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refuse, refuseField } from './refusals.ts';
import { renderInstant } from './render.ts';
import { instant, list, nullable, paging } from './schemas.ts';
import { pageOf } from './silence-answers.ts';

const path = '/api/v1/tokens';
const closed = { additionalProperties: false };
const roles = ['viewer', 'operator', 'admin'] as const satisfies readonly GivenRole[];
const scopes = ['monitoring:read', 'monitoring:write', 'monitoring:admin'] as const;

/** While a new secret is being brought to where the old one is. */
const overlapDefault = hours(24);
const overlapMax = days(30);
const lifeMax = days(3660);

const tokenId = Type.String({
  minLength: 1,
  maxLength: 16,
  pattern: '^[0-9a-z]+$',
  'x-expects': 'the id of a token, the middle part of toc_ID_SECRET',
});
const role = Type.Enum([...roles]);
const fields = {
  id: Type.String({ description: 'the middle part of toc_ID_SECRET' }),
  name: Type.String(),
  role,
  scopes: list(Type.Enum([...scopes])),
  state: Type.Enum(['active', 'expired']),
  createdAt: instant,
  createdBy: Type.String(),
  expiresAt: nullable(instant),
  lastUsedAt: nullable(instant),
  secrets: list(
    Type.Object({
      createdAt: instant,
      expiresAt: nullable(Type.Unsafe<string>({ ...instant, description: 'it is replaced' })),
    }),
  ),
};
export const token = Type.Object(fields);
const shownToken = Type.Object({
  ...fields,
  secret: Type.String({ description: 'what to send as a bearer; it is shown this once' }),
});

function renderToken(one: Token, now: EpochMs) {
  const isExpired = one.expiresAt !== null && now >= one.expiresAt;
  return {
    id: one.id,
    name: one.name,
    role: one.role,
    // Who may write may read, and an admin may do both.
    scopes: scopes.slice(0, roles.indexOf(one.role) + 1),
    state: isExpired ? ('expired' as const) : ('active' as const),
    createdAt: rfc3339(one.createdAt),
    createdBy: one.createdBy,
    expiresAt: renderInstant(one.expiresAt),
    lastUsedAt: renderInstant(one.lastUsedAt),
    secrets: one.secrets.map(({ createdAt, expiresAt }) => ({
      createdAt: rfc3339(createdAt),
      expiresAt: renderInstant(expiresAt),
    })),
  };
}

function refuseTrouble(house: House, asked: string, trouble: AccessTrouble): Refusal {
  const ids = house.access.tokens().map(({ id }) => id);
  switch (trouble.type) {
    case 'unknown':
      return refuse('token-unknown', `there is no token ${asked}${didYouMean(asked, ids)}`);
    case 'exists':
      return refuse('token-exists', `there is a token called ${asked} already`);
    case 'too-many':
      return refuse('conflict', 'there are too many tokens: revoke those that nobody uses');
    case 'expired':
      return refuse('conflict', `the token ${asked} has expired: create another`);
    default:
      return refuse('not-stored', trouble.why);
  }
}

/** An instant, or a time from now; null: it does not expire. */
function readExpiry(given: string | undefined, now: EpochMs): EpochMs | null {
  if (given === undefined) return null;
  const span = parseDuration(given);
  const at = parseInstant(given) ?? (span === undefined ? undefined : now + span);
  if (at !== undefined && at > now && at <= now + lifeMax) return at;
  const expected = 'a duration such as 90d or an instant to come, within ten years';
  throw refuseField('expires', `must be ${expected}; ${JSON.stringify(given)} is not`);
}

function readOverlap(given: string | undefined): Ms {
  const span = given === undefined ? overlapDefault : parseDuration(given);
  if (span !== undefined && span <= overlapMax) return span;
  throw refuseField('overlap', 'must be a duration such as 24h, at most 30d; 0s for none');
}

/** The least role that has all the scopes. */
function readRole(given: {
  readonly role?: GivenRole | undefined;
  readonly scopes?: readonly (typeof scopes)[number][] | undefined;
}): GivenRole {
  if ((given.role === undefined) === (given.scopes === undefined))
    throw refuseField('role', 'role or scopes is needed, not both');
  const wanted = (given.scopes ?? []).map((scope) => scopes.indexOf(scope));
  return given.role ?? roles[Math.max(0, ...wanted)] ?? 'viewer';
}

export const listTokens = defineOperation({
  name: 'token.list',
  summary: 'The tokens, newest first; those that have expired for 30 days more. Never a secret.',
  permission: 'admin',
  method: 'GET',
  path,
  input: Type.Object({ ...paging }, closed),
  output: Type.Object({ items: list(token), nextCursor: nullable(Type.String()) }),
  async run(house, input) {
    const all = house.access.tokens();
    const { items, nextCursor } = pageOf('token.list', input, all, ({ createdAt, id }) => [
      0,
      -createdAt,
      id,
    ]);
    return { items: items.map((one) => renderToken(one, house.now())), nextCursor };
  },
});

export const createToken = defineOperation({
  name: 'token.create',
  summary: 'Makes a token. Its secret is shown in this answer and never again.',
  permission: 'admin',
  method: 'POST',
  path,
  refusals: ['token-exists', 'conflict', 'not-stored'],
  shownOnce: true,
  input: Type.Object(
    {
      name: Type.String({
        maxLength: 64,
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
        'x-expects': 'a name of letters, digits, dots, dashes and underscores',
        description: 'who uses it: grafana; it stands in the audit as token:NAME',
      }),
      role: Type.Optional(role),
      scopes: Type.Optional(
        Type.Unsafe<readonly (typeof scopes)[number][]>(
          Type.Array(Type.Enum([...scopes]), { minItems: 1, maxItems: scopes.length }),
        ),
      ),
      expires: Type.Optional(
        Type.String({ maxLength: 64, description: '90d, or RFC 3339; never where left out' }),
      ),
    },
    closed,
  ),
  output: shownToken,
  status: () => 201,
  statuses: [201],
  async run(house, { name, expires, ...rest }, caller) {
    const now = house.now();
    const wanted = { name, role: readRole(rest), expiresAt: readExpiry(expires, now) };
    const answer = await house.access.createToken(wanted, caller.name);
    if (answer.type !== 'done') throw refuseTrouble(house, name, answer);
    return { ...renderToken(answer.token, now), secret: answer.secret };
  },
});

export const changeToken = defineOperation({
  name: 'token.change',
  summary: 'Gives a token another role. Streams that need more than it has now are ended.',
  permission: 'admin',
  method: 'PATCH',
  path: `${path}/:id`,
  refusals: ['token-unknown', 'conflict', 'not-stored'],
  input: Type.Object({ id: tokenId, role }, closed),
  output: token,
  async run(house, { id, role: wanted }) {
    const answer = await house.access.changeToken(id, wanted);
    if (answer.type !== 'done') throw refuseTrouble(house, id, answer);
    return renderToken(answer.token, house.now());
  },
});

export const rotateToken = defineOperation({
  name: 'token.rotate',
  summary:
    'Gives a token a new secret, shown in this answer and never again. The one before is valid ' +
    'for a time longer, so that it can be replaced where it is used.',
  permission: 'admin',
  method: 'POST',
  path: `${path}/:id/rotate`,
  refusals: ['token-unknown', 'conflict', 'not-stored'],
  statuses: [200],
  shownOnce: true,
  input: Type.Object(
    {
      id: tokenId,
      overlap: Type.Optional(
        Type.String({
          maxLength: 32,
          description: 'how long the old secret is valid: 24h; at most 30d',
        }),
      ),
    },
    closed,
  ),
  output: shownToken,
  async run(house, { id, overlap }) {
    const answer = await house.access.rotateToken(id, readOverlap(overlap));
    if (answer.type !== 'done') throw refuseTrouble(house, id, answer);
    return { ...renderToken(answer.token, house.now()), secret: answer.secret };
  },
});

export const revokeToken = defineOperation({
  name: 'token.revoke',
  summary: 'Ends a token for good, with its sessions; its streams end within 30 s.',
  permission: 'admin',
  method: 'DELETE',
  path: `${path}/:id`,
  refusals: ['token-unknown', 'not-stored'],
  input: Type.Object({ id: tokenId }, closed),
  output: token,
  async run(house, { id }) {
    const answer = await house.access.revokeToken(id);
    if (answer.type !== 'done') throw refuseTrouble(house, id, answer);
    return renderToken(answer.token, house.now());
  },
});
