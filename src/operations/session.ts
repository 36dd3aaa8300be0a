/** Sessions of browsers, who one is, and tickets for streams. */
import { Type } from 'typebox';
import { rfc3339, seconds } from '../domain/time.ts';
import { nothingDone } from './audit-deed.ts';
import type { Caller, House } from './house.ts';
import { defineOperation } from './operation.ts';
import { refuse } from './refusals.ts';
import { instant, nullable } from './schemas.ts';

const path = '/api/v1/session';
const closed = Type.Object({}, { additionalProperties: false });

const session = Type.Object({
  name: Type.String({ description: 'token:grafana, uid:0, anonymous' }),
  role: Type.Enum(['none', 'viewer', 'operator', 'admin']),
  by: Type.Enum(['session', 'token', 'peer', 'nothing'], { description: 'how that is known' }),
  expiresAt: nullable(Type.Unsafe<string>({ ...instant, description: 'of a session' })),
  idleSeconds: nullable(
    Type.Integer({ description: 'a session ends when it was not used for so long' }),
  ),
});

function renderSession(house: House, caller: Caller) {
  const { login, name, role } = caller;
  const found = house.access.findSession(caller);
  const isPeer = name.startsWith('uid:');
  return {
    name,
    role,
    by: login?.type ?? (isPeer ? ('peer' as const) : ('nothing' as const)),
    expiresAt: found === undefined ? null : rfc3339(found.expiresAt),
    idleSeconds: found === undefined ? null : Math.round(found.idle / seconds(1)),
  };
}

export const showSession = defineOperation({
  name: 'session.show',
  summary: 'Who one is here, and what one may do.',
  permission: 'none',
  method: 'GET',
  path,
  input: closed,
  output: session,
  run: async (house, _, caller) => renderSession(house, caller),
});

/** What goes into the cookie, which no script reads: so it is no part of the answer. */
const secrets = new WeakMap<object, string>();

/** The secret of the session that this answer of `openSession` is about. */
export const secretOf = (output: object): string | undefined => secrets.get(output);

export const openSession = defineOperation({
  name: 'session.open',
  summary: 'Opens a session for a browser, with a token; the answer sets its cookie.',
  permission: 'none',
  method: 'POST',
  path,
  refusals: ['unauthenticated'],
  statuses: [200],
  audited: true,
  input: closed,
  output: session,
  async run(house, _, caller) {
    const answer = await house.access.openSession(caller);
    if (answer.type !== 'done')
      throw refuse('unauthenticated', 'a session is opened with a token', {
        hint: 'send Authorization: Bearer toc_ID_SECRET',
      });
    const { id, expiresAt, idle } = answer.session;
    const login = { type: 'session', id } as const;
    const output = {
      ...renderSession(house, { ...caller, login }),
      expiresAt: rfc3339(expiresAt),
      idleSeconds: Math.round(idle / seconds(1)),
    };
    secrets.set(output, answer.secret);
    return output;
  },
});

export const closeSession = defineOperation({
  name: 'session.close',
  summary: 'Ends the session that one came with; the answer takes its cookie away.',
  permission: 'none',
  method: 'DELETE',
  path,
  audited: true,
  input: closed,
  output: Type.Object({ closed: Type.Boolean({ description: 'there was one' }) }),
  outcome: ({ closed: was }) => ({ subject: null, outcome: was ? 'done' : nothingDone }),
  async run(house, _, caller) {
    const found = house.access.findSession(caller);
    await house.access.closeSession(caller);
    return { closed: found !== undefined };
  },
});

export const createTicket = defineOperation({
  name: 'stream.ticket',
  summary:
    'A ticket for one stream within 30 s, as `?ticket=`: where a program cannot send a header.',
  permission: 'read',
  method: 'POST',
  path: '/api/v1/monitoring/stream-ticket',
  statuses: [200],
  input: closed,
  output: Type.Object({ ticket: Type.String(), expiresAt: instant }),
  async run(house, _, caller) {
    const { ticket, expiresAt } = house.access.createTicket(caller);
    return { ticket, expiresAt: rfc3339(expiresAt) };
  },
});
