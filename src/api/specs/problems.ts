/** How operations say no, as responses: one for each status, with the codes it can have. */
import { mayRun, type Operation } from '../../operations/operation.ts';
import { type RefusalCode, refusals } from '../../operations/refusals.ts';
import { anonymous } from '../../operations/run.ts';
import { bodyBytesDefault } from '../rest/body.ts';
import type { Json, ObjectSchema } from './json.ts';
import { refTo } from './named.ts';

/** What any request can meet before it comes to a route, or when tocsin itself fails. */
export const anywhere: readonly RefusalCode[] = [
  'invalid-request',
  'origin-refused',
  'unauthenticated',
  'uri-too-long',
  'too-many-requests',
  'internal',
  'too-busy',
];

/** Whether a POST with an Idempotency-Key is answered once. */
export const isKeyed = ({ method, permission, shownOnce }: Operation): boolean =>
  method === 'POST' && (permission === 'write' || permission === 'admin') && shownOnce !== true;

/** All codes that an operation can be refused with. */
export function codesOf(operation: Operation): readonly RefusalCode[] {
  const { method, permission, input, precondition, refusals: own = [] } = operation;
  const { properties = {} } = input as ObjectSchema;
  return [
    ...anywhere,
    'invalid-input',
    ...('cursor' in properties ? ['invalid-cursor' as const] : []),
    ...(mayRun(anonymous, permission) ? [] : ['not-permitted' as const]),
    ...(method === 'GET' ? [] : (['too-large', 'unsupported-media-type'] as const)),
    ...(isKeyed(operation) ? (['conflict', 'key-reused'] as const) : []),
    ...(precondition ? (['precondition-failed', 'precondition-required'] as const) : []),
    ...own,
  ];
}

const headersOf: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' } },
  426: { Upgrade: { $ref: '#/components/headers/Upgrade' } },
  429: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
  503: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
};

export const requestIdHeader: Json = {
  'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
};

/** A problem document as somebody is told it. */
function example(code: RefusalCode): Json {
  const { status, title, help } = refusals[code];
  const value = {
    type: `/problems/${code}`,
    title,
    status,
    detail: help,
    code,
    instance: '/api/v1/…',
    requestId: 'mhv2k1x0-4f',
  };
  return { summary: title, value };
}

function responseOf(status: number, codes: readonly RefusalCode[]): Json {
  return {
    description: codes.map((code) => `\`${code}\`: ${refusals[code].title}.`).join(' '),
    headers: { ...requestIdHeader, ...headersOf[status] },
    content: {
      'application/problem+json': {
        schema: { ...refTo('Problem'), properties: { code: { enum: codes } } },
        examples: Object.fromEntries(codes.map((code) => [code, example(code)])),
      },
    },
  };
}

/** Responses with problem documents: written once, under a name that says which codes it holds. */
export class ProblemResponses {
  readonly #components = new Map<string, Json>();

  /** A reference by status, for the `responses` of an operation. */
  refer(codes: readonly RefusalCode[]): Json {
    const byStatus = Map.groupBy([...new Set(codes)].sort(), (code) => refusals[code].status);
    const statuses = [...byStatus].sort(([a], [b]) => a - b);
    return Object.fromEntries(
      statuses.map(([status, some]) => {
        const name = some.join('.');
        this.#components.set(name, responseOf(status, some));
        return [String(status), { $ref: `#/components/responses/${name}` }];
      }),
    );
  }

  /** Answers and refusals together. A status that is both, as 503 of health, has both bodies. */
  join(answers: Json, codes: readonly RefusalCode[]): Json {
    const isAnswer = (code: RefusalCode): boolean => String(refusals[code].status) in answers;
    const both = Map.groupBy(codes.filter(isAnswer), (code) => refusals[code].status);
    const joined = [...both].map(([status, some]) => {
      const answer = answers[status] as Json;
      const refused = responseOf(status, some).content as Json;
      return [status, { ...answer, content: { ...(answer.content as Json), ...refused } }];
    });
    const refused = this.refer(codes.filter((code) => !isAnswer(code)));
    return { ...answers, ...refused, ...Object.fromEntries(joined) };
  }

  components(): Json {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export const bodyBytesOf = ({ bodyBytesMax = bodyBytesDefault }: Operation): number => bodyBytesMax;
