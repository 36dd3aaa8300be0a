/** The OpenAPI 3.1 document, made from the operations: nothing in it has to be kept up to date. */
import type { Operation } from '../../operations/operation.ts';
import { type RefusalCode, refusals } from '../../operations/refusals.ts';
import * as schemas from '../../operations/schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** Schemas that are written once and referred to. */
const named: Readonly<Record<string, unknown>> = { Alert: schemas.alert };

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', description: 'GET it for an explanation' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { enum: Object.keys(refusals) },
    instance: { type: 'string' },
    requestId: { type: 'string' },
    hint: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};

/** Equal by content, because typebox copies schemas when it puts them into others. */
const namesByContent = new Map(
  Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]),
);

function withReferences(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const name = namesByContent.get(JSON.stringify(value));
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  if (Array.isArray(value)) return value.map(withReferences);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withReferences(one)]));
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

const paramNames = (path: string): readonly string[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

const openApiPath = (path: string): string => path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}');

const content = (schema: unknown, type = 'application/json'): Json => ({ [type]: { schema } });

function parametersOf({ method, path, input }: Operation): readonly Json[] {
  const { properties = {}, required = [] } = input as ObjectSchema;
  const inPath = paramNames(path);
  return Object.entries(properties)
    .filter(([name]) => inPath.includes(name) || method === 'GET')
    .map(([name, schema]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: required.includes(name),
      ...('description' in schema && { description: schema.description }),
      schema: withReferences(schema),
    }));
}

function bodyOf({ method, path, input }: Operation): Json {
  if (method === 'GET') return {};
  const { properties = {}, required = [] } = input as ObjectSchema;
  const inPath = paramNames(path);
  const isInBody = (name: string): boolean => !inPath.includes(name);
  const schema = {
    ...input,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => isInBody(name))),
    required: required.filter(isInBody),
  };
  return {
    requestBody: { required: schema.required.length > 0, content: content(withReferences(schema)) },
  };
}

/** The refusals that any operation with this right can answer. */
function problemsOf({ permission, method }: Operation): Json {
  const codes: RefusalCode[] = ['invalid-input', 'internal'];
  if (permission !== 'none') codes.push('unauthenticated', 'not-permitted');
  if (method !== 'GET') codes.push('conflict', 'too-large', 'unsupported-media-type');
  return Object.fromEntries(
    codes.map((code) => [
      String(refusals[code].status),
      {
        description: refusals[code].title,
        content: content({ $ref: '#/components/schemas/Problem' }, 'application/problem+json'),
      },
    ]),
  );
}

function describe(operation: Operation): Json {
  const [tag = ''] = operation.name.split('.');
  const isStream = operation.name === 'stream.follow';
  const success = isStream
    ? {
        101: { description: 'WebSocket: each message is a StreamMessage' },
        200: {
          description: 'Server-sent events',
          content: content({ $ref: '#/components/schemas/StreamMessage' }, 'text/event-stream'),
        },
      }
    : {
        [operation.method === 'POST' && operation.status ? '201' : '200']: {
          description: 'Done',
          content: content(withReferences(operation.output)),
        },
      };
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [tag],
    description: `Permission: ${operation.permission}`,
    ...(operation.permission !== 'none' && { security: [{ bearer: [] }] }),
    parameters: parametersOf(operation),
    ...bodyOf(operation),
    responses: { ...success, ...problemsOf(operation) },
  };
}

const streamMessage = {
  type: 'object',
  required: ['type', 'seq', 'time', 'data'],
  properties: {
    type: { enum: ['alert', 'task', 'system', 'storage', 'scst', 'tape', 'vtl', 'metrics'] },
    seq: { type: 'integer', description: 'resume with since=SEQ' },
    time: schemas.instant,
    data: { description: 'alert: the alert with `reason` and `by`; hello and resync are system' },
  },
};

export function renderOpenApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = openApiPath(operation.path);
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'tocsin',
      version,
      description: 'Alerts of a storage and backup appliance. Errors are RFC 9457 problems.',
      license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { ...named, Problem: problemSchema, StreamMessage: streamMessage },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}
