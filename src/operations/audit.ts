/** The audit: who did what through which door, and whether anybody has changed that since. */
import { Type } from 'typebox';
import type { AuditRow } from '../domain/audit.ts';
import { rfc3339 } from '../domain/time.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import { readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { refuse } from './refusals.ts';
import { instant, limitDefault, name, nullable, page, paging, when } from './schemas.ts';

const closed = { additionalProperties: false };

export const auditRow = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  at: instant,
  by: Type.String({ description: 'uid:0, token:grafana; tocsin itself; system: a signal' }),
  door: Type.String({ description: 'local, api, listen, dbus; none where it came through none' }),
  client: nullable(Type.String({ description: 'more of the caller: a bus name' })),
  operation: Type.String(),
  subject: nullable(Type.String({ description: 'what it was done to' })),
  input: Type.String({ description: 'JSON without secrets; cut beyond 1,000 characters' }),
  outcome: Type.String({ description: 'done, or the code of the refusal' }),
  hash: Type.String({ description: 'SHA-256 over the row before and this one, in hex' }),
});

const renderRow = (row: AuditRow) => ({ ...row, at: rfc3339(row.at) });

export const listAudit = defineOperation({
  name: 'audit.list',
  summary: 'Who did what through which door, and what became of it; newest first.',
  permission: 'admin',
  method: 'GET',
  path: '/api/v1/audit',
  input: Type.Object(
    {
      by: Type.Optional(name),
      operation: Type.Optional(name),
      since: Type.Optional(when),
      until: Type.Optional(when),
      ...paging,
    },
    closed,
  ),
  output: page(auditRow),
  async run(house, input) {
    const digest = digestOfList('audit.list', input);
    const [before] = decodeCursor(digest, input.cursor, ['number']) ?? [];
    const limit = input.limit ?? limitDefault;
    const now = house.now();
    const rows = await house.audit.list({
      ...(input.by !== undefined && { by: input.by }),
      ...(input.operation !== undefined && { operation: input.operation }),
      ...(input.since !== undefined && { since: readPast('since', input.since, now) }),
      ...(input.until !== undefined && { until: readPast('until', input.until, now) }),
      ...(before !== undefined && { before }),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map(renderRow),
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.number]),
    };
  },
});

export const verifyAudit = defineOperation({
  name: 'audit.verify',
  summary: 'Checks the hashes of the whole audit: was a row changed, removed or put in?',
  permission: 'admin',
  method: 'GET',
  path: '/api/v1/audit/verify',
  refusals: ['audit-unread'],
  input: Type.Object({}, closed),
  output: Type.Object({
    result: Type.Enum(['sound', 'broken']),
    rows: nullable(Type.Integer({ description: 'so many are there, and sound' })),
    head: nullable(Type.String({ description: 'hash of the newest row' })),
    number: nullable(Type.Integer({ description: 'the first row that is wrong or missing' })),
    why: nullable(Type.String()),
  }),
  async run(house) {
    const verdict = await house.audit.verify();
    if (verdict.type === 'unread') throw refuse('audit-unread', verdict.why);
    if (verdict.type === 'broken')
      return {
        result: 'broken' as const,
        rows: null,
        head: null,
        number: verdict.number,
        why: verdict.why,
      };
    const { rows, head } = verdict;
    return { result: 'sound' as const, rows, head, number: null, why: null };
  },
});
