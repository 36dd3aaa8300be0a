/** The AsyncAPI 3.0 document of the stream, made from the schemas of its messages. */
import { followStream } from '../../operations/stream.ts';
import { streamMessages } from '../../operations/stream-messages.ts';
import { sessionCookie } from '../cookie.ts';
import { contact, type Json } from './json.ts';
import { messageName, messageSchemas, referredTo, refTo, withReferences } from './named.ts';

const description = `Every change as it happens, over a WebSocket, or as server-sent events with
\`Accept: text/event-stream\` at the same address (then \`data\` of an event is the message, and
\`id\` its \`seq\`).

**Resume.** Come again with \`since\` and the \`seq\` of the last message: nothing is lost or told
twice. Where the past is gone there is a \`resync\`: read the lists again, and go on from there.
Messages other than \`alert\` have no number of their own; they are not repeated.

**A client that does not keep up** gets a \`resync\` instead of what it missed, and is cut when it
reads nothing.

**Pings** come every 30 s; a client that is silent for 60 s is cut. Clients need say nothing; what
they say is thrown away.

**The end.** \`1001\`: tocsin is stopping, come again and resume. \`4401\`: the token or session
counts no more. \`1006\`: cut, come again and resume. Refusals before the upgrade are problem
documents (openapi.json, \`stream.follow\`).`;

/** The query as one schema, as the WebSocket binding wants it. */
function querySchema(): Json {
  const { properties } = followStream.input;
  return { type: 'object', properties: withReferences(properties), additionalProperties: false };
}

const ref = (place: string): Json => ({ $ref: place });

/** Ways to say who one is, in the upgrade request. */
const securitySchemes: Json = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token in the upgrade request.' },
  session: {
    type: 'httpApiKey',
    in: 'cookie',
    name: sessionCookie,
    description: 'The cookie of a browser; the Origin must be the page’s own.',
  },
  ticket: {
    type: 'httpApiKey',
    in: 'query',
    name: 'ticket',
    description: 'For browsers that have a token and no cookie; good once, within 30 s.',
  },
};

const servers: Json = {
  appliance: {
    host: 'localhost',
    protocol: 'wss',
    description: 'The appliance, behind its nginx; on the machine itself ws+unix to local.sock.',
    security: Object.keys(securitySchemes).map((name) =>
      ref(`#/components/securitySchemes/${name}`),
    ),
  },
};

const channel = (names: readonly string[]): Json => ({
  address: followStream.path,
  title: 'events',
  description: followStream.summary,
  messages: Object.fromEntries(names.map((name) => [name, ref(`#/components/messages/${name}`)])),
  bindings: { ws: { method: 'GET', query: querySchema(), bindingVersion: '0.1.0' } },
});

const follow = (names: readonly string[]): Json => ({
  action: 'send',
  title: 'follow',
  summary: 'What tocsin tells; the first message is hello.',
  description: 'Changes come in their order and without a gap, from `since` on or from now on.',
  channel: ref('#/channels/events'),
  messages: names.map((name) => ref(`#/channels/events/messages/${name}`)),
});

const messages = (): Json =>
  Object.fromEntries(
    Object.entries(streamMessages).map(([name, { summary }]) => [
      name,
      {
        name,
        title: name,
        summary,
        contentType: 'application/json',
        payload: refTo(messageName(name)),
      },
    ]),
  );

export function renderAsyncApi(version: string): Json {
  const names = Object.keys(streamMessages);
  const own = messageSchemas();
  return {
    asyncapi: '3.0.0',
    id: 'urn:tocsin:stream',
    info: {
      title: 'tocsin, the stream',
      version,
      description,
      license: { name: 'GPL-3.0-or-later', url: 'https://www.gnu.org/licenses/gpl-3.0.html' },
      contact,
      tags: [{ name: 'stream', description: 'Every change as it happens.' }],
    },
    defaultContentType: 'application/json',
    servers,
    channels: { events: channel(names) },
    operations: { follow: follow(names) },
    components: {
      messages: messages(),
      schemas: { ...own, ...referredTo(own) },
      securitySchemes,
    },
  };
}
