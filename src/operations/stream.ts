/** Following the stream: what a client asks for at the door, and where its reading begins. */
import { Type } from 'typebox';
import { readMatchers } from './alert-list.ts';
import { defineOperation } from './operation.ts';
import { filter, someOf } from './schemas.ts';

export const messageTypes = [
  'alert',
  'task',
  'system',
  'storage',
  'scst',
  'tape',
  'vtl',
  'metrics',
] as const;
export type MessageType = (typeof messageTypes)[number];

export const followStream = defineOperation({
  name: 'stream.follow',
  summary: 'Every change as it happens: a WebSocket, or SSE with `Accept: text/event-stream`.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/events',
  refusals: ['upgrade-required', 'too-many-clients'],
  input: Type.Object(
    {
      types: someOf(messageTypes),
      filter: Type.Optional(filter),
      since: Type.Optional(
        Type.Integer({ minimum: 0, description: 'resume after the message with this seq' }),
      ),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    from: Type.Integer({ description: 'the first change sent is the one after this number' }),
    resync: Type.Boolean({ description: 'the past asked for is gone' }),
  }),
  async run({ feed }, { since, filter: texts }) {
    readMatchers(texts); // Refused here, before the stream is open.
    if (since === undefined || since === feed.lastSeq()) {
      return { from: feed.lastSeq(), resync: false };
    }
    const oldest = await feed.oldestSeq();
    // A number from the future comes from before the database was set aside.
    const gone = since > feed.lastSeq() || oldest === 0 || since < oldest - 1;
    return { from: gone ? feed.lastSeq() : since, resync: gone };
  },
});
