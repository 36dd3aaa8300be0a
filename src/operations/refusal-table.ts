/** The table of refusals. One for all doors; `/problems/CODE` explains each, offline. */

import { type RefusalKind, unknownThings } from './unknown-table.ts';

export const table = {
  'invalid-input': {
    status: 400,
    title: 'The request is not valid',
    help:
      'A parameter or a field of the body is missing, unknown or of the wrong form. `errors` ' +
      'names each one by its JSON pointer and says what is accepted. Nothing was done.',
  },
  'invalid-request': {
    status: 400,
    title: 'The request itself is malformed',
    help:
      'The request line or the headers are ones tocsin does not take: a path with %, //, /../, ' +
      'a backslash or other than ASCII; a Host, Authorization or Origin header given twice. Put' +
      ' names that hold such characters into the query, percent-encoded.',
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor does not belong to this list',
    help:
      'A cursor is valid only for the path and the filters of the answer it came from. Begin ' +
      'again without a cursor.',
  },
  unauthenticated: {
    status: 401,
    title: 'Nobody has said who is asking',
    help:
      'This door needs a token with every request: `Authorization: Bearer TOKEN`. The token is ' +
      'missing, wrong or no longer valid.',
  },
  'not-permitted': {
    status: 403,
    title: 'You may not do this',
    help:
      'Reading needs the role viewer, acknowledging and resolving the role operator, changing ' +
      'rules and tokens the role admin. On local.sock root and the group tocsin-admin are ' +
      'admin, the group tocsin-read is viewer.',
  },
  'origin-refused': {
    status: 403,
    title: 'The request comes from a foreign web page',
    help:
      'The Origin, Referer or Host header does not fit this door. Programs on this machine send' +
      ' none of Origin and Referer, and `localhost` as Host; web pages must come from tocsin ' +
      'itself. This keeps other web sites from using your browser.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such path',
    help: 'No operation has this path. GET /api/v1/openapi.json lists all there are.',
  },
  ...unknownThings,
  'audit-unread': {
    status: 503,
    title: 'The audit cannot be looked at just now',
    help:
      'The kernel refuses tocsin one more thread: this machine, or the limit TasksMax= of its ' +
      'unit, has no room for one. Nothing is said about the audit itself. Ask again later.',
  },
  'backtest-failed': {
    status: 503,
    title: 'The backtest did not come to an end',
    help:
      'It took too long or needed too much memory: ask for a shorter time or fewer rules. Rules ' +
      'that look at numbers of thousands of resources take the longest. Where the detail says ' +
      'that no thread can be started, the machine has no room for one: ask again later.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The path does not know this method',
    help: 'The Allow header of the answer lists the methods that the path knows.',
  },
  conflict: {
    status: 409,
    title: 'The thing is no longer in the state for this',
    help:
      'For instance the alert is resolved already, so that it cannot be acknowledged. Read it ' +
      'again.',
  },
  'configuration-refused': {
    status: 409,
    title: 'The settings or rules are wrong, and those before stay in force',
    help:
      'The detail names file, line and column of the first mistake; `tocsin config check` and ' +
      '`tocsin rule check` show all. Mend the file and reload again.',
  },
  'token-exists': {
    status: 409,
    title: 'There is a token with this name already',
    help:
      'Choose another name: each user of tocsin has a token of its own, so that the audit tells ' +
      'them apart. To replace the secret of a token: POST /api/v1/tokens/ID/rotate.',
  },
  'rule-exists': {
    status: 409,
    title: 'There is a rule with this id already',
    help: 'Choose another id, or change the rule: PUT or PATCH /api/v1/rules/ID.',
  },
  'rule-elsewhere': {
    status: 409,
    title: 'The rule is written in a file that the API does not change',
    help:
      'The API writes 90-api.yaml in the last rules folder, and drop-ins of that name. PATCH ' +
      'changes single fields of any rule by a drop-in; {"enabled": false} disables one.',
  },
  'precondition-failed': {
    status: 412,
    title: 'It was changed since you read it',
    help:
      'Somebody else has changed it meanwhile. Read it again, look whether your change still ' +
      'makes sense, and send it with the new ETag as If-Match.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    help: 'Most operations take 64 KiB, rule files 1 MiB.',
  },
  'uri-too-long': {
    status: 414,
    title: 'The address is too long',
    help: 'Path and query together may have 8 KiB. Use fewer or shorter filters.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is not JSON',
    help: 'Bodies are JSON, sent with `Content-Type: application/json`.',
  },
  'key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    help:
      'A key stands for one request: the same path and the same body. It is remembered for a ' +
      'day. Send a new key with a new request.',
  },
  'upgrade-required': {
    status: 426,
    title: 'This path is a stream',
    help:
      'Open it as a WebSocket, or as server-sent events with the header `Accept: text/event-' +
      'stream`.',
  },
  'precondition-required': {
    status: 428,
    title: 'It must be said which version is to be changed',
    help:
      'Send If-Match with the ETag of the answer you read it from, so that a change of somebody ' +
      'else is not lost; `If-Match: *` takes whatever is there.',
  },
  'too-many-requests': {
    status: 429,
    title: 'There are too many requests',
    help:
      'A caller may ask so many times in a second (the setting access.requestsPerSecond), and ' +
      'more for a moment; wrong tokens are answered more slowly. Wait for as long as the header ' +
      'Retry-After says. Root and the group tocsin-admin on local.sock are not limited. Of what ' +
      'the audit keeps each caller but root may do 5,000 things, and then 1,000 an hour; one ' +
      'request for many alerts is one.',
  },
  internal: {
    status: 500,
    title: 'tocsin has made a mistake',
    help:
      'The request met a fault in tocsin. Its log has a line with the same request id; please ' +
      'report it.',
  },
  'not-ready': {
    status: 503,
    title: 'tocsin is starting or stopping',
    help: 'Try again in some seconds.',
  },
  'not-stored': {
    status: 503,
    title: 'tocsin cannot write to its database at present',
    help:
      'What was asked for is not certain to survive a restart, for instance because the disk is ' +
      'full. Ask again later; a report with a `key` may be repeated as often as need be.',
  },
  'history-unavailable': {
    status: 503,
    title: 'The history of numbers cannot be read',
    help:
      'history.db is torn, full or cannot be opened: the component `history` of GET ' +
      '/api/v1/health says why. Alerts and everything else go on without it.',
  },
  'too-many-alerts': {
    status: 503,
    title: 'Too many alerts are active',
    help:
      'Of 20,000 alerts that may be active people and programs may have raised 10,000; the rest is ' +
      'kept for rules, so that no program hides a fault. Resolve what is over, or raise with ' +
      '`expiresAfter`; raise again with the same `key` what is still so.',
  },
  'too-busy': {
    status: 503,
    title: 'Too many connections are open',
    help:
      'More clients are connected to this socket than tocsin serves at once. Try again later; ' +
      'a client that asks often keeps one connection open instead of many.',
  },
  'too-many-clients': {
    status: 503,
    title: 'Too many clients follow the stream',
    help:
      'The setting stream.clientsMax limits how many there may be at once. Try again later or ' +
      'raise it.',
  },
} as const satisfies Readonly<Record<string, RefusalKind>>;
