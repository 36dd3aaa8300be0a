/** Schemas that several operations use: the source of the OpenAPI page and of the views' types. */
import { type Static, type TSchema, Type } from 'typebox';
import { alertOrigins, alertSources, severities } from '../domain/alert.ts';
import { healths } from '../domain/health.ts';

/** A list that nobody changes. */
export const list = <T extends TSchema>(items: T) =>
  Type.Unsafe<readonly Static<T>[]>(Type.Array(items));

/** One or more of these words, in the query repeated or joined by commas. */
export const someOf = <const T extends readonly string[]>(words: T) =>
  Type.Optional(
    Type.Unsafe<readonly T[number][]>({
      ...Type.Array(Type.Enum([...words]), { minItems: 1, maxItems: 20 }),
      'x-commas': true,
    }),
  );

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const instantPattern = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$';
/** RFC 3339 in UTC with milliseconds. */
export const instant = Type.String({ format: 'date-time', pattern: instantPattern });

/**
 * The control characters, for a class in a pattern. Not as \p{Cc}: validators that compile
 * patterns without the flag `u` read that as something else.
 */
export const controls = '\\u0000-\\u001f\\u007f-\\u009f';

/** A name in a request: a rule, a kind, a resource. */
export const name = Type.String({ minLength: 1, maxLength: 512, pattern: `^[^${controls}]*$` });
export const alertId = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[0-9A-Za-z_-]+$',
  'x-expects': 'an alert id',
});
/** One line. */
export const line = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: `^[^${controls}]*$`,
  'x-expects': 'one line without control characters',
});
/** Text of several lines. */
export const text = Type.String({
  maxLength: 4000,
  pattern: `^[^${controls}]*(?:[\\n\\t\\r][^${controls}]*)*$`,
  'x-expects': 'text without control characters',
});

/** An instant in a request: RFC 3339, or a duration that is counted back from now. */
export const when = Type.String({
  maxLength: 64,
  description: 'RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d',
});
export const filter = Type.Array(Type.String({ maxLength: 1000 }), {
  maxItems: 20,
  description: 'Alertmanager matchers: unit="backup.service", severity=~"crit.*"',
});
export const severity = Type.Enum([...severities]);
export const source = Type.Enum([...alertSources]);

/** Paging, for every list. */
export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'default 100' })),
  cursor: Type.Optional(Type.String({ maxLength: 1000, description: 'nextCursor of a list' })),
};
export const limitDefault = 100;

export const page = <T extends TSchema>(items: T) =>
  Type.Object({ items: list(items), nextCursor: nullable(Type.String()) });

const value = Type.Union([Type.Boolean(), Type.Number(), Type.String()]);
/** A fact of a resource: a value, null (does not apply), or why it could not be read. */
export const fact = Type.Union([
  Type.Boolean(),
  Type.Number(),
  Type.String(),
  Type.Null(),
  Type.Object({ unreadable: Type.String() }),
]);

export const resourceRef = Type.Object({ kind: Type.String(), id: Type.String() });

export const evidence = Type.Object({
  type: Type.Enum(['journal', 'attributes', 'job', 'note']),
  title: Type.String(),
  lines: list(Type.String()),
});

export const alert = Type.Object({
  id: Type.String({ description: 'ULID of this occurrence' }),
  rule: Type.String(),
  origin: Type.Enum([...alertOrigins]),
  fingerprint: Type.String(),
  severity,
  source,
  phase: Type.Enum(['pending', 'firing', 'resolved']),
  stale: Type.Boolean({ description: 'its source cannot be read: true as last known' }),
  title: Type.String(),
  message: Type.String(),
  advice: Type.String(),
  resource: resourceRef,
  labels: Type.Unsafe<Readonly<Record<string, string>>>(Type.Record(Type.String(), Type.String())),
  startsAt: instant,
  detectedAt: instant,
  foundLate: Type.Boolean({ description: 'tocsin was down or blind when it began' }),
  firingAt: nullable(instant),
  updatedAt: instant,
  resolvedAt: nullable(instant),
  resolvedBy: nullable(Type.String()),
  stillTrue: Type.Boolean({ description: 'resolved by hand, and its condition still holds' }),
  acknowledged: Type.Boolean(),
  acknowledgedBy: nullable(Type.String()),
  acknowledgedAt: nullable(instant),
  acknowledgedUntil: nullable(instant),
  acknowledgedUntilChange: Type.Boolean(),
  comment: nullable(Type.String()),
  mutedBy: list(Type.String()),
  cause: nullable(Type.String()),
  alternatives: list(Type.String()),
  victims: list(Type.String()),
  evidence: list(evidence),
  value: nullable(value),
  occurrence: Type.Integer({ minimum: 1 }),
  seq: Type.Integer({ minimum: 0 }),
});
export type AlertView = Static<typeof alert>;

export const health = Type.Enum([...healths]);
