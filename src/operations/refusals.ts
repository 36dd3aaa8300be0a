/**
 * Refusals: every way in which a caller is told no. One table for all doors; a door shows the
 * code, the title, and what is special about this case. `/problems/CODE` explains each, offline.
 */

export interface RefusalKind {
  /** Of HTTP; other doors translate the code. */
  readonly status: number;
  readonly title: string;
  /** What it means and what to do, for people who look the code up. */
  readonly help: string;
}

const table = {
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
  'alert-unknown': {
    status: 404,
    title: 'There is no such alert',
    help: 'No alert has this id: it was mistyped, or the alert is older than the retention time.',
  },
  'resource-unknown': {
    status: 404,
    title: 'There is no such resource',
    help:
      'The inventory has no resource of this kind with this id. GET /api/v1/resources?kind=KIND' +
      ' lists those it has.',
  },
  'task-unknown': {
    status: 404,
    title: 'There is no such task',
    help:
      'No run has this id, and no program has reported a job of this name: it was mistyped, or ' +
      'the run is older than the retention time. Runs of units are reported by systemd alone.',
  },
  'kind-unknown': {
    status: 404,
    title: 'There is no such kind of thing',
    help:
      'No collector of this tocsin declares a kind of this name. Names are like systemd.unit or ' +
      'scst.target: GET /api/v1/resources shows them, and the reference lists all.',
  },
  'attribute-unknown': {
    status: 404,
    title: 'The kind has no such attribute',
    help: 'GET /api/v1/resources?kind=KIND shows the attributes of a kind; so does the reference.',
  },
  'rule-unknown': {
    status: 404,
    title: 'There is no such rule',
    help: 'No loaded rule has this id. GET /api/v1/rules lists all, disabled ones too.',
  },
  'problem-unknown': {
    status: 404,
    title: 'There is no such problem code',
    help: 'GET /problems lists all codes.',
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
  'upgrade-required': {
    status: 426,
    title: 'This path is a stream',
    help:
      'Open it as a WebSocket, or as server-sent events with the header `Accept: text/event-' +
      'stream`.',
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
  'too-many-clients': {
    status: 503,
    title: 'Too many clients follow the stream',
    help:
      'The setting stream.clientsMax limits how many there may be at once. Try again later or ' +
      'raise it.',
  },
} as const satisfies Readonly<Record<string, RefusalKind>>;

export type RefusalCode = keyof typeof table;
export const refusals: Readonly<Record<RefusalCode, RefusalKind>> = table;
export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(table, code);

/** One thing that is wrong with the input. */
export interface InputError {
  /** JSON pointer into the merged input: `#/severity`; `#` for the whole. */
  readonly pointer: string;
  readonly detail: string;
}

/** Thrown by an operation that says no, and turned into a value by `runOperation`. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly errors: readonly InputError[];
  readonly hint: string | null;

  constructor(
    code: RefusalCode,
    detail: string,
    more: { readonly errors?: readonly InputError[]; readonly hint?: string } = {},
  ) {
    super(detail);
    this.code = code;
    this.errors = more.errors ?? [];
    this.hint = more.hint ?? null;
  }
}

/** `refuse('alert-unknown', 'there is no alert 01K…')`, to be thrown. */
export const refuse = (
  code: RefusalCode,
  detail: string,
  more?: { readonly errors?: readonly InputError[]; readonly hint?: string },
): Refusal => new Refusal(code, detail, more);

/** One complaint about one field of the input. */
export const refuseField = (field: string, detail: string): Refusal =>
  refuse('invalid-input', `${field}: ${detail}`, { errors: [{ pointer: `#/${field}`, detail }] });
