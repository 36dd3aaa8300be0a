/** One operation as a path item's member of the OpenAPI document. */
import type { Operation } from '../../operations/operation.ts';
import { followStream } from '../../operations/stream.ts';
import { requestExamples } from './examples.ts';
import type { Json, ObjectSchema } from './json.ts';
import { refTo, withReferences } from './named.ts';
import {
  bodyBytesOf,
  codesOf,
  isKeyed,
  type ProblemResponses,
  requestIdHeader,
} from './problems.ts';

const paramNames = (path: string): readonly string[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/** `/rules/:id` -> `/rules/{id}` */
export const openApiPath = (path: string): string => path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}');

const headerRef = (name: string): Json => ({ [name]: { $ref: `#/components/headers/${name}` } });
const parameterRef = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });

const hasVersion = (operation: Operation): boolean => operation.version !== undefined;

/** Headers of the request that this operation looks at. */
function requestHeaders(operation: Operation): readonly Json[] {
  const { method, precondition } = operation;
  return [
    ...(isKeyed(operation) ? [parameterRef('IdempotencyKey')] : []),
    ...(method === 'GET' && hasVersion(operation) ? [parameterRef('IfNoneMatch')] : []),
    ...(precondition ? [parameterRef('IfMatch')] : []),
  ];
}

function parametersOf(operation: Operation): readonly Json[] {
  const { method, path, input } = operation;
  const { properties = {}, required = [] } = input as ObjectSchema;
  const inPath = paramNames(path);
  const named = Object.entries(properties)
    .filter(([name]) => inPath.includes(name) || method === 'GET')
    .map(([name, schema]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: required.includes(name),
      ...('description' in schema && { description: schema.description }),
      schema: withReferences(schema),
    }));
  return [...named, ...requestHeaders(operation)];
}

/** The input without what stands in the path; nothing where then nothing is left. */
function bodyOf(operation: Operation): Json {
  const { method, path, input, name } = operation;
  const { properties = {}, required = [] } = input as ObjectSchema;
  const inPath = paramNames(path);
  const isInBody = (field: string): boolean => !inPath.includes(field);
  const fields = Object.entries(properties).filter(([field]) => isInBody(field));
  const isOpen = (input as Json).additionalProperties === true;
  if (method === 'GET' || (fields.length === 0 && !isOpen)) return {};
  const schema = {
    ...input,
    properties: Object.fromEntries(fields),
    required: required.filter(isInBody),
  };
  const example = requestExamples[name];
  return {
    requestBody: {
      description: `At most ${bodyBytesOf(operation) / 1024} KiB.`,
      required: schema.required.length > 0,
      content: {
        'application/json': { schema: withReferences(schema), ...(example && { example }) },
      },
    },
  };
}

const isPage = (output: unknown): boolean =>
  'nextCursor' in ((output as ObjectSchema).properties ?? {});

function headersOf(operation: Operation, status: number): Json {
  const { output } = operation;
  const hasId = 'id' in ((output as ObjectSchema).properties ?? {});
  return {
    ...requestIdHeader,
    ...(hasVersion(operation) && headerRef('ETag')),
    ...(isPage(output) && headerRef('Link')),
    ...(status === 201 && hasId && headerRef('Location')),
    ...(isKeyed(operation) && headerRef('Idempotency-Replayed')),
  };
}

const said: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  204: 'Done; there is nothing to say.',
  503: 'Unhealthy: the same, under a status that balancers understand.',
};

/** 200, and of a POST that says so itself 201: the operation names others. */
const statusesOf = (operation: Operation): readonly number[] =>
  operation.statuses ??
  (operation.status !== undefined && operation.method === 'POST' ? [200, 201] : [200]);

function successOf(operation: Operation): Json {
  const content = { 'application/json': { schema: withReferences(operation.output) } };
  const answers = statusesOf(operation).map((status) => [
    String(status),
    { description: said[status] ?? 'Done.', headers: headersOf(operation, status), content },
  ]);
  const unchanged =
    operation.method === 'GET' && hasVersion(operation)
      ? { 304: { description: 'As you know it.', headers: headersOf(operation, 304) } }
      : {};
  return { ...Object.fromEntries(answers), ...unchanged };
}

/** The stream is no answer but many. */
const streamSuccess: Json = {
  101: { description: 'A WebSocket: each text frame is a StreamMessage (asyncapi.json).' },
  200: {
    description: 'Server-sent events: the `data` of each is a StreamMessage.',
    headers: requestIdHeader,
    content: { 'text/event-stream': { schema: refTo('StreamMessage') } },
  },
};

/** Ways to say who one is. */
export const identified: readonly Json[] = [{ bearer: [] }, { session: [] }];

const roleOf = { none: 'nobody in particular', read: 'viewer', write: 'operator', admin: 'admin' };

export function describeOperation(operation: Operation, problems: ProblemResponses): Json {
  const { name, summary, permission } = operation;
  const success = name === followStream.name ? streamSuccess : successOf(operation);
  return {
    operationId: name,
    summary: summary.length > 120 ? `${summary.slice(0, 117)}…` : summary,
    description: `${summary}\n\nFor the role ${roleOf[permission]}.`,
    tags: [name.slice(0, name.indexOf('.'))],
    ...(permission === 'none' && { security: [{}, ...identified] }),
    ...(name === followStream.name && { security: [...identified, { ticket: [] }] }),
    parameters: parametersOf(operation),
    ...bodyOf(operation),
    responses: problems.join(success, codesOf(operation)),
  };
}
