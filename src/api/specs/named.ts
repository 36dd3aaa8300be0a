/**
 * Schemas with a name of their own: written once in the documents and referred to, and the names
 * that a typed client gets. What has no name here stands where it is used.
 */
import { entry } from '../../operations/alert-timeline.ts';
import { auditRow } from '../../operations/audit.ts';
import { channel } from '../../operations/channel.ts';
import { delivery } from '../../operations/delivery.ts';
import { event } from '../../operations/event.ts';
import { brief } from '../../operations/explain-schema.ts';
import { component } from '../../operations/health.ts';
import { maintenance } from '../../operations/maintenance.ts';
import { metrics } from '../../operations/metrics-schema.ts';
import { type RefusalCode, refusals } from '../../operations/refusals.ts';
import { resource } from '../../operations/resource.ts';
import { rule } from '../../operations/rule.ts';
import { changed } from '../../operations/rule-change.ts';
import {
  alert,
  evidence,
  fact,
  health,
  resourceRef,
  severity,
  source,
} from '../../operations/schemas.ts';
import { matcherView, silence } from '../../operations/silence-view.ts';
import { streamMessages } from '../../operations/stream-messages.ts';
import { task } from '../../operations/task-view.ts';
import { token } from '../../operations/token.ts';
import { isRecord, type Json } from './json.ts';

const problem = {
  type: 'object',
  description: 'RFC 9457: why the request was refused.',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance', 'requestId'],
  properties: {
    type: { type: 'string', description: 'GET it for an explanation: /problems/CODE' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what is special about this case' },
    code: { enum: Object.keys(refusals) },
    instance: { type: 'string', description: 'the path that was asked for' },
    requestId: { type: 'string', description: 'what the log has it under' },
    hint: { type: 'string', description: 'what to do' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'JSON pointer into the input: #/severity' },
          detail: { type: 'string' },
        },
      },
    },
  },
};

const codes: readonly RefusalCode[] = Object.keys(refusals).filter((code): code is RefusalCode =>
  Object.hasOwn(refusals, code),
);

/** What `/problems` tells of a code. */
const problemKind = {
  type: 'object',
  required: ['type', 'code', 'status', 'title', 'help'],
  properties: {
    type: { type: 'string' },
    code: { enum: codes },
    status: { type: 'integer' },
    title: { type: 'string' },
    help: { type: 'string', description: 'what it means and what to do' },
  },
};

/** The larger first: a schema may hold others. */
const plain: Readonly<Record<string, unknown>> = {
  Alert: alert,
  Brief: brief,
  Evidence: evidence,
  Fact: fact,
  ResourceRef: resourceRef,
  Resource: resource,
  Event: event,
  TimelineEntry: entry,
  Task: task,
  Metrics: metrics,
  Rule: rule,
  RuleChange: changed,
  Matcher: matcherView,
  Silence: silence,
  Maintenance: maintenance,
  Channel: channel,
  Delivery: delivery,
  Component: component,
  Token: token,
  AuditRow: auditRow,
  Health: health,
  Severity: severity,
  Source: source,
};

/** `alert` -> `AlertMessage` */
export const messageName = (type: string): string =>
  `${type.slice(0, 1).toUpperCase()}${type.slice(1)}Message`;

const messages: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(streamMessages).map(([type, { schema }]) => [messageName(type), schema]),
);

let named: ReadonlyMap<string, string> | undefined;

/**
 * Equal by content, because typebox copies schemas when it puts them into others. Made when the
 * first document is: a daemon that nobody asks for one has no use for it.
 */
function namesByContent(): ReadonlyMap<string, string> {
  named ??= new Map(
    Object.entries({ ...plain, ...messages }).map(([name, one]) => [JSON.stringify(one), name]),
  );
  return named;
}

export const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** The same schema, with a reference in place of each one that has a name. */
export function withReferences(value: unknown): unknown {
  const name = isRecord(value) ? namesByContent().get(JSON.stringify(value)) : undefined;
  return name === undefined ? withReferencesInside(value) : refTo(name);
}

function withReferencesInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferences);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withReferences(one)]));
}

const inside = (schemas: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, withReferencesInside(schema)]),
  );

export const messageSchemas = (): Json => inside(messages);

/** All of them, as components of the OpenAPI document. */
export const componentSchemas = (): Json => ({
  ...inside(plain),
  ...messageSchemas(),
  StreamMessage: { anyOf: Object.keys(messages).map(refTo) },
  Problem: problem,
  ProblemKind: problemKind,
});

/** Those that the schemas refer to, and what these refer to. */
export function referredTo(schemas: unknown): Json {
  const all = componentSchemas();
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    const texts = JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    for (const [, name = ''] of texts) {
      if (found.has(name)) continue;
      found.add(name);
      visit(all[name]);
    }
  };
  visit(schemas);
  return Object.fromEntries([...found].sort().map((name) => [name, all[name]]));
}
