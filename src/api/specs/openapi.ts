/** The OpenAPI 3.1 document, made from the operations: nothing in it has to be kept up to date. */
import type { Operation } from '../../operations/operation.ts';
import { sessionCookie } from '../cookie.ts';
import { describeOperation, identified, openApiPath } from './describe.ts';
import { contact, type Json } from './json.ts';
import { componentSchemas } from './named.ts';
import { describePages } from './pages.ts';
import { ProblemResponses } from './problems.ts';
import { tags } from './tags.ts';

const description = `Alerts of a storage and backup appliance.

**Who asks.** On \`local.sock\` the kernel says who calls: root and the group tocsin-admin are
admin, the group tocsin-read is viewer, and no credentials are sent. Everywhere else each request
carries a bearer token, or the cookie of a browser's session.

**Refusals** are RFC 9457 problem documents with a \`code\`; \`/problems/CODE\` explains each.

**Lists** answer \`{items, nextCursor}\`; the header Link has the address of the next page.

**Answers grow**: a later version may add fields, so read those you know. Requests may not hold
unknown fields.

Alertmanager's API below \`/am/api/v2\` is described by Alertmanager's own document, not here.`;

const text = { type: 'string' } as const;

const headers: Json = {
  'X-Request-Id': {
    required: true,
    description: 'Your own X-Request-Id where it was a plain word, else a new one; the log has it.',
    schema: text,
  },
  ETag: {
    description: 'The version of the answer, for If-None-Match and If-Match.',
    schema: { type: 'string', pattern: '^"[^"]+"$' },
  },
  Link: {
    description: 'The next page, where there is one: `<…>; rel="next"` (RFC 8288).',
    schema: { type: 'string', pattern: '^<[^>]+>; rel="next"$' },
  },
  Location: { description: 'Where it can be read.', schema: text },
  'Idempotency-Replayed': {
    description: 'The answer to an earlier request with the same Idempotency-Key.',
    schema: { enum: ['true'] },
  },
  'Retry-After': {
    description: 'Seconds after which it is worth another attempt.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  'WWW-Authenticate': { description: 'What this door takes.', schema: text },
  Upgrade: { description: 'What to speak instead.', schema: { enum: ['websocket'] } },
};

const parameters: Json = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'The same request with the same key is done once, and answered with the first answer; kept ' +
      'for a day. draft-ietf-httpapi-idempotency-key-header-07.',
    schema: { type: 'string', minLength: 1, maxLength: 257, pattern: '^[\\x21-\\x7e]+$' },
    example: '01KB3M7Q2M1S5Y7N0C8V4T9ZXA',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'ETag of an answer that you hold; 304 where it is still so.',
    schema: text,
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'ETag of what you mean to change; `*` takes whatever is there.',
    schema: text,
  },
};

const securitySchemes: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token: `Authorization: Bearer toc_…`.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie,
    description: 'For browsers: POST /api/v1/session sets it. Writes need an Origin header too.',
  },
  ticket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description:
      'For a WebSocket of a browser, which takes no header: POST …/stream-ticket gives it.',
  },
};

/** Methods of one path in the order of the table. */
function pathsOf(operations: readonly Operation[], problems: ProblemResponses): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = openApiPath(operation.path);
    const method = operation.method.toLowerCase();
    paths[path] = { ...paths[path], [method]: describeOperation(operation, problems) };
  }
  return { ...paths, ...describePages(problems) };
}

const tagsUsed = (paths: Json): readonly Json[] => {
  const used = new Set(
    Object.values(paths).flatMap((item) =>
      Object.values(item as Json).flatMap((one) => (one as { tags: readonly string[] }).tags),
    ),
  );
  return [...used].sort().map((name) => ({ name, description: tags[name] ?? name }));
};

export function renderOpenApi(operations: readonly Operation[], version: string): Json {
  const problems = new ProblemResponses();
  const paths = pathsOf(operations, problems);
  return {
    openapi: '3.1.0',
    info: {
      title: 'tocsin',
      version,
      summary: 'The alarm bell of a storage and backup appliance.',
      description,
      license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
      contact,
    },
    servers: [{ url: '/', description: 'this appliance' }],
    tags: tagsUsed(paths),
    security: identified,
    paths,
    components: {
      schemas: componentSchemas(),
      responses: problems.components(),
      parameters,
      headers,
      securitySchemes,
    },
  };
}
