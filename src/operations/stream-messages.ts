/**
 * What a client of the stream is told, one schema for each type of message: the source of the
 * AsyncAPI document, and what every message of the tests is held against.
 */
import { type TSchema, Type } from 'typebox';
import { changeReasons } from '../domain/alert.ts';
import { event } from './event.ts';
import { metrics } from './metrics-schema.ts';
import { alert, fact, instant, nullable, resourceRef } from './schemas.ts';
import type { MessageType } from './stream.ts';
import { task } from './task-view.ts';

const change = Type.Object({
  ...alert.properties,
  reason: Type.Enum([...changeReasons]),
  by: nullable(Type.String({ description: 'who did it: uid:0' })),
  door: nullable(Type.String({ description: 'through which they came: local, api' })),
});

/** Something happened to a resource. */
const happening = Type.Object({
  event: Type.String({ description: 'run-failed, session-ended, …; the reference lists them' }),
  resource: resourceRef,
  foundBy: event.properties.foundBy,
  before: Type.Null(),
  after: Type.Record(Type.String(), fact),
});

const hello = Type.Object({
  event: Type.Literal('hello'),
  seq: Type.Integer({ description: 'the latest change there is' }),
  version: Type.String(),
});

const resync = Type.Object({
  event: Type.Literal('resync'),
  seq: Type.Integer({ description: 'what comes next follows this number' }),
});

const message = <T extends TSchema>(type: MessageType, data: T) =>
  Type.Object({
    type: Type.Literal(type),
    seq: Type.Integer({ minimum: 0, description: 'resume with since=SEQ' }),
    time: instant,
    data,
  });

/** Each message with its name in the document, what it says, and its schema. */
export const streamMessages = {
  alert: {
    summary: 'A change of an alert: the alert as it is now.',
    schema: message('alert', change),
  },
  task: { summary: 'A run of a job began, moved or ended.', schema: message('task', task) },
  hello: {
    summary: 'The first message: where this reading begins, and which tocsin speaks.',
    schema: message('system', hello),
  },
  resync: {
    summary: 'What lies between is lost to this client: read the lists again, and go on from here.',
    schema: message('system', resync),
  },
  metrics: {
    summary: 'The appliance in figures, every 30 s.',
    schema: message('metrics', metrics),
  },
  ...Object.fromEntries(
    (['system', 'storage', 'scst', 'tape', 'vtl'] as const).map((type) => [
      type,
      { summary: `Something happened: an event of ${type}.`, schema: message(type, happening) },
    ]),
  ),
} as const satisfies Readonly<
  Record<string, { readonly summary: string; readonly schema: TSchema }>
>;
