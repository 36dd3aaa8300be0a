/** The doors for programs: REST, its queries and headers, the stream, Alertmanager's paths. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { type Served, serve, tokenOf } from '../../src/api/testing/serve.ts';
import { alertIn, furnishedHouse } from '../../src/operations/furnished-house.fixture.ts';
import { operations } from '../../src/operations/registry.ts';
import { inputs } from '../../src/operations/sample-inputs.fixture.ts';
import { hostileJson, hostileText, spoil } from './hostile.ts';
import { defineSurface, type Probe } from './surface.ts';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Open {
  readonly served: Served;
  readonly agent: Agent;
  close(): Promise<void>;
}

async function openDoors(): Promise<Open> {
  const endings: (() => unknown)[] = [];
  const served = await serve(
    { after: (end) => void endings.push(end as () => unknown) },
    { house: furnishedHouse(), access: { requestsPerSecond: () => 1e9 } },
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    served,
    agent,
    async close() {
      agent.destroy();
      for (const end of endings) await end();
    },
  };
}

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A stream has no end: its beginning is enough. */
const isStream = (type: string): boolean => type.startsWith('text/event-stream');

/** What is longer is refused before it is read: the answer may be lost with the connection. */
const bodyReadMax = 60_000;
const isReset = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'ECONNRESET' || error.code === 'EPIPE';

const send = (open: Open, sent: Sent, isAgain = false): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { served, agent } = open;
    const { method, path, body, headers = {} } = sent;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const socketPath = served.socketOf('local');
    const given = { ...type, ...headers };
    const asked = request({ socketPath, agent, method, path, headers: given }, (answer) => {
      const { statusCode: status = 0, headers: told } = answer;
      const answered = told['content-type'] ?? '';
      if (isStream(answered)) {
        answer.destroy();
        resolve({ status, type: answered, text: '' });
        return;
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () =>
        resolve({ status, type: answered, text: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on('error', (error) => {
      if (!isReset(error)) reject(error);
      else if ((body?.length ?? 0) > bodyReadMax) resolve({ status: 413, type: '', text: '' });
      // The answer before said that the connection ends.
      else if (asked.reusedSocket && !isAgain) resolve(send(open, sent, true));
      else reject(error);
    });
    asked.end(body);
  });

/** 503 is an answer where tocsin is not well; every other 5xx is a fault of ours. */
function judge(open: Open, { status, type, text }: Answered): void {
  const [bug] = open.served.bugs.splice(0);
  if (bug !== undefined) throw bug;
  open.served.records.length = 0;
  if (status >= 500 && status !== 503 && status !== 501) throw new Error(`HTTP ${status}: ${text}`);
  if (type.includes('json')) JSON.parse(text);
}

const probing =
  <T>(sentOf: (input: T, id: string) => Sent) =>
  async (): Promise<Probe<T>> => {
    const open = await openDoors();
    return {
      async try(input) {
        const sent = sentOf(input, alertIn(open.served.house));
        judge(open, await send(open, sent));
      },
      close: () => open.close(),
    };
  };

/** What fits into a request line: everything else node refuses before it is sent. */
const segment = (text: string): string => text.replaceAll(/[^!-~]|[?#]/g, '') || 'x';

const writing = operations.filter(({ method }) => method !== 'GET');
const reading = operations.filter(({ method }) => method === 'GET');

function pathWith(path: string, sample: unknown, other: string | undefined): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const known = Reflect.get(Object(sample), name) as unknown;
    return other ?? (typeof known === 'string' ? segment(known) : 'x');
  });
}

const raw = fc.constantFrom(
  '',
  '{',
  '[]]',
  '['.repeat(6000),
  '{"a":'.repeat(3000),
  '"\\ud800"',
  '\ufeff{}',
  '{"__proto__":{"admin":true}}',
  '{"title":1e999}',
  'null',
  `{"title":"${'x'.repeat(70_000)}"}`,
);

export const restBodies = defineSurface({
  name: 'rest-bodies',
  inputs: fc.record({
    operation: fc.constantFrom(...writing),
    which: fc.nat(12),
    name: hostileText,
    by: fc.option(hostileJson, { nil: undefined }),
    raw: fc.option(raw, { freq: 6, nil: undefined }),
    id: fc.option(hostileText.map(segment), { freq: 4, nil: undefined }),
  }),
  open: probing(({ operation, which, name, by, raw: text, id }, alertId) => {
    const sample = inputs[operation.name]?.(alertId) ?? {};
    const path = pathWith(operation.path, sample, id);
    const names = [...operation.path.matchAll(/:(\w+)/g)].map(([, one]) => one);
    const bare = Object.fromEntries(
      Object.entries(Object(sample) as object).filter(([one]) => !names.includes(one)),
    );
    const body = text ?? JSON.stringify(spoil(bare, which, name, by)) ?? '';
    const headers = operation.precondition === true ? { 'if-match': '*' } : {};
    return { method: operation.method, path, body, headers };
  }),
});

const queryNames = ['limit', 'cursor', 'filter', 'since', 'until', 'q', 'severity', 'phase', 'rule']
  .concat(['source', 'kind', 'id', 'attribute', 'from', 'to', 'step', 'acknowledged', 'types'])
  .concat(['resourceKind', 'resourceId', 'state', 'after', 'by', 'operation', 'runs', 'channel']);

const query = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom(...queryNames), hostileText), hostileText),
  { maxLength: 5 },
);

/** Well encoded, as programs do it, or as it stands. */
function renderQuery(pairs: readonly (readonly [string, string])[], encoded: boolean): string {
  const one = (text: string): string =>
    encoded ? encodeURIComponent(text.toWellFormed()) : segment(text);
  return pairs.map(([name, value]) => `${one(name)}=${one(value)}`).join('&');
}

export const queries = defineSurface({
  name: 'queries',
  inputs: fc.record({
    operation: fc.constantFrom(...reading),
    pairs: query,
    encoded: fc.boolean(),
    id: fc.option(hostileText.map(segment), { freq: 4, nil: undefined }),
  }),
  open: probing(({ operation, pairs, encoded, id }, alertId) => {
    const sample = inputs[operation.name]?.(alertId) ?? {};
    const path = pathWith(operation.path, sample, id);
    return { method: 'GET', path: `${path}?${renderQuery(pairs, encoded)}`.slice(0, 12_000) };
  }),
});

const amPaths = [
  'alerts',
  'alerts/groups',
  'silences',
  'silence/x',
  'status',
  'receivers',
  'silence',
];
const label = fc.oneof(fc.constantFrom('alertname', 'severity', 'unit', 'instance'), hostileText);
const pushed = fc.array(
  fc.record(
    {
      labels: fc.oneof(
        { weight: 4, arbitrary: fc.dictionary(label, hostileText, { maxKeys: 4 }) },
        { weight: 1, arbitrary: hostileJson },
      ),
      annotations: fc.oneof(fc.dictionary(label, hostileText, { maxKeys: 2 }), hostileJson),
      startsAt: fc.oneof(fc.constant('2026-11-22T06:14:00Z'), hostileText),
      endsAt: fc.oneof(fc.constant('2026-11-22T07:14:00Z'), hostileText),
      generatorURL: hostileText,
    },
    { requiredKeys: ['labels'] },
  ),
  { maxLength: 3 },
);
const amSilence = fc.record(
  {
    id: hostileText,
    matchers: fc.array(
      fc.record({ name: label, value: hostileText, isRegex: fc.boolean(), isEqual: fc.boolean() }),
      { maxLength: 3 },
    ),
    startsAt: fc.oneof(fc.constant('2026-11-22T06:14:00Z'), hostileText),
    endsAt: fc.oneof(fc.constant('2026-11-23T06:14:00Z'), hostileText),
    createdBy: hostileText,
    comment: hostileText,
  },
  { requiredKeys: ['matchers'] },
);

export const alertmanager = defineSurface({
  name: 'alertmanager',
  inputs: fc.record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'DELETE', 'PUT'),
    path: fc.oneof(fc.constantFrom(...amPaths), hostileText.map(segment)),
    pairs: query,
    encoded: fc.boolean(),
    body: fc.oneof(
      pushed.map((value) => JSON.stringify(value)),
      amSilence.map((value) => JSON.stringify(value)),
      hostileJson.map((value) => JSON.stringify(value) ?? ''),
      raw,
    ),
  }),
  open: probing(({ method, path, pairs, encoded, body }) => ({
    method,
    path: `/am/api/v2/${path}?${renderQuery(pairs, encoded)}`.slice(0, 12_000),
    ...(method === 'GET' ? {} : { body }),
  })),
});

/** A request as bytes: what no client of ours would send. */
const wire = (sent: string, socketPath: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.on('data', (bytes: Buffer) => {
      if (/^HTTP\/1\.1 5(?!03|01|05)/.test(bytes.toString('latin1'))) {
        reject(new Error(bytes.toString('latin1').slice(0, 300)));
      }
      socket.destroy();
    });
    socket.on('error', () => resolve()).on('close', () => resolve());
    // Whatever it is: after this nothing more comes.
    socket.end(Buffer.from(sent, 'latin1'));
  });

const headerNames = ['Host', 'Authorization', 'Cookie', 'Origin', 'Referer', 'If-Match', 'Accept']
  .concat(['Idempotency-Key', 'Content-Length', 'Transfer-Encoding', 'Content-Type', 'Connection'])
  .concat(['Upgrade', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'X-Forwarded-For', 'Expect'])
  .concat(['If-None-Match', 'Sec-WebSocket-Protocol', 'Last-Event-ID', 'X-Tocsin-CSRF', 'Range']);
const headerValues = ['', '*', 'W/"x"', 'chunked', '5', '-1', 'close, upgrade', 'websocket', '13']
  .concat([
    'text/event-stream',
    'Bearer',
    `Bearer ${tokenOf('admin')}`,
    'Bearer toc__',
    'Basic eA==',
  ])
  .concat(['__Host-tocsin=x', '__Host-tocsin=%%%; a', 'null', 'http://evil.test', '100-continue'])
  .concat(['dGhlIHNhbXBsZSBub25jZQ==', 'x'.repeat(9000), 'application/json; charset=utf-7']);

export const headers = defineSurface({
  name: 'headers',
  inputs: fc.record({
    method: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PATCH', 'DELETE', 'TRACE', 'x y'),
    path: fc.oneof(
      fc.constantFrom(...reading.map(({ path }) => path), '/', '/metrics', '//', 'http://x/livez'),
      hostileText,
    ),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9', ''),
    lines: fc.array(
      fc.tuple(
        fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...headerNames) }, hostileText),
        fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...headerValues) }, hostileText),
      ),
      { maxLength: 6 },
    ),
    body: fc.oneof(fc.constant(''), hostileText),
    door: fc.constantFrom('local' as const, 'api' as const),
    hasHost: fc.boolean(),
  }),
  async open() {
    const open = await openDoors();
    return {
      async try({ method, path, version, lines, body, door, hasHost }) {
        const host = hasHost ? ['Host: local-tocsin.sock'] : [];
        const all = [...host, ...lines.map(([name, value]) => `${name}: ${value}`)];
        const text = `${method} ${path} ${version}\r\n${all.join('\r\n')}\r\n\r\n${body}`;
        await wire(text, open.served.socketOf(door));
        judge(open, { status: 200, type: '', text: '' });
      },
      close: () => open.close(),
    };
  },
});

export const streams = defineSurface({
  name: 'stream',
  inputs: fc.record({
    pairs: query,
    encoded: fc.boolean(),
    messages: fc.array(fc.oneof(hostileText, fc.uint8Array({ maxLength: 200 })), { maxLength: 4 }),
    fires: fc.boolean(),
  }),
  async open() {
    const open = await openDoors();
    return {
      async try({ pairs, encoded, messages, fires }) {
        const path = `/api/v1/monitoring/events?${renderQuery(pairs, encoded)}`.slice(0, 8000);
        const url = `ws+unix://${open.served.socketOf('local')}:${path}`;
        const client = new WebSocket(url, { headers: { host: 'local-tocsin.sock' } });
        const ended = new Promise<void>((resolve) => {
          client.on('error', () => resolve()).on('close', () => resolve());
        });
        client.on('open', () => {
          for (const message of messages) client.send(message);
          if (fires) open.served.house.fire();
          client.close();
        });
        await ended;
        judge(open, { status: 200, type: '', text: '' });
      },
      close: () => open.close(),
    };
  },
});
