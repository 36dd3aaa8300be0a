/** D-Bus: bytes as they come from the bus, and calls to our own objects. */
import fc from 'fast-check';
import { createDesk } from '../../src/dbus/door.fixture.ts';
import { decodeMessage, readFrame } from '../../src/platform/bus/decode.ts';
import { encodeMessage } from '../../src/platform/bus/encode.ts';
import { fixedHeaderBytes } from '../../src/platform/bus/message.ts';
import { Malformed } from '../../src/platform/bus/signature.ts';
import { hostileText } from './hostile.ts';
import { defineSurface } from './surface.ts';

const drafts = [
  {
    type: 1,
    serial: 7,
    path: '/org/tocsin1',
    interface: 'org.tocsin1.Manager',
    member: 'ListAlerts',
    signature: 'a{sv}',
    body: [{ severity: { signature: 's', value: 'critical' } }],
  },
  { type: 2, serial: 8, replySerial: 3, signature: 'a(ss)tas', body: [[['a', 'b']], 5n, ['x']] },
  { type: 3, serial: 9, replySerial: 3, errorName: 'a.b', signature: 's', body: ['why'] },
  { type: 4, serial: 10, path: '/a', interface: 'a.b', member: 'C', signature: '', body: [] },
] as const;

/** As good as they come; which of them cannot be made is found when they are made. */
const messages: readonly Buffer[] = drafts.map((draft) => encodeMessage(draft));

const bytes = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...messages),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.option(fc.nat(200), { freq: 4, nil: undefined }),
      )
      .map(([message, flips, length]) => {
        const changed = Buffer.from(message);
        for (const [at, value] of flips) changed[at % changed.length] = value;
        return length === undefined ? changed : changed.subarray(0, length);
      }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)) },
);

export const wire = defineSurface({
  name: 'bus-wire',
  inputs: bytes,
  async open() {
    return {
      try(message) {
        if (message.length < fixedHeaderBytes) return;
        try {
          const { length } = readFrame(message, 0);
          // What is not there yet is awaited: the reader never decodes half a message.
          if (length <= message.length) decodeMessage(message, 0, length);
        } catch (error) {
          if (!(error instanceof Malformed)) throw error;
        }
      },
      close() {},
    };
  },
});

const interfaces = ['org.tocsin1.Manager', 'org.tocsin1.Alert', 'org.freedesktop.DBus.Properties']
  .concat(['org.freedesktop.DBus.Introspectable', 'org.freedesktop.DBus.ObjectManager'])
  .concat(['org.freedesktop.DBus.Peer', '']);
const members = ['ListAlerts', 'GetAlert', 'Acknowledge', 'Resolve', 'Silence', 'Report', 'Explain']
  .concat(['ReportTask', 'GetHealth', 'Reload', 'Get', 'GetAll', 'Set', 'Introspect', 'Ping'])
  .concat(['GetManagedObjects', 'GetMachineId']);

/** Values as the decoder makes them of a signature, with whatever text in them. */
const values = (() => {
  const text = hostileText.map((one) => one.toWellFormed().replaceAll('\0', ''));
  // The decoder takes a value out of its variant.
  const leaf = fc.oneof(
    text,
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.double(),
    fc.array(text, { maxLength: 3 }),
  );
  const names = [
    'severity',
    'source',
    'title',
    'limit',
    'job',
    'state',
    'labels',
    'resource',
  ].concat(['expiresAfter', 'key', 'progress', 'exitStatus', 'filter', '__proto__', 'since']);
  const name = fc.oneof(fc.constantFrom(...names), text);
  return {
    text,
    count: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    options: fc.array(fc.tuple(name, leaf), { maxLength: 5 }).map((all) => Object.fromEntries(all)),
    pairs: fc.array(fc.tuple(text, text), { maxLength: 4 }),
    leaf,
  };
})();

const bodies = fc.oneof(
  fc.constant(['', []] as const),
  fc.tuple(fc.constant('s'), fc.tuple(values.text)),
  fc.tuple(fc.constant('ss'), fc.tuple(values.text, values.text)),
  fc.tuple(fc.constant('a{sv}'), fc.tuple(values.options)),
  fc.tuple(fc.constant('a(ss)ts'), fc.tuple(values.pairs, values.count, values.text)),
  fc.tuple(fc.constant('ssv'), fc.tuple(values.text, values.text, values.leaf)),
);

export const busDoor = defineSurface({
  name: 'bus-door',
  inputs: fc.record({
    path: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('/org/tocsin1', '/', '/org/tocsin1/alert', 'ALERT') },
      hostileText,
    ),
    name: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...interfaces) }, hostileText),
    member: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...members) }, hostileText),
    body: bodies,
  }),
  async open() {
    const desk = createDesk();
    const [alert] = desk.house.activeAlerts();
    return {
      async try({ path, name, member, body: [signature, given] }) {
        const at = path === 'ALERT' ? `/org/tocsin1/alert/${alert?.id ?? ''}` : path;
        const reply = await desk.ask(at, name, member, signature, given);
        const [bug] = desk.bugs.splice(0);
        if (bug !== undefined) throw bug;
        // Whatever is answered must be fit for the wire.
        const type = reply.type === 'return' ? 2 : 3;
        encodeMessage({ type, serial: 1, replySerial: 1, ...wireOf(reply) });
      },
      close() {},
    };
  },
});

type Reply = Awaited<ReturnType<ReturnType<typeof createDesk>['ask']>>;

const wireOf = (reply: Reply) =>
  reply.type === 'return'
    ? { signature: reply.signature, body: reply.body }
    : { errorName: reply.name, signature: 's', body: [reply.message] };
