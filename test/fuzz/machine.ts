/** What the kernel and other programs show: the parsers alone, and collectors on a spoilt machine. */
import { join } from 'node:path';
import fc from 'fast-check';
import type { Ports } from '../../src/collectors/collector.ts';
import { parseSpeed, parseStatistic, parseWwpn } from '../../src/collectors/fc/ports.ts';
import { parseJournalLine, parseKmsg } from '../../src/collectors/host/kernel-line.ts';
import {
  numbersOf,
  parseMeminfo,
  parsePressure,
  parseStat,
  readTable,
} from '../../src/collectors/host/parse.ts';
import { parseJson } from '../../src/collectors/json.ts';
import { collectors } from '../../src/collectors/registry.ts';
import { parseConf } from '../../src/collectors/scst/conf.ts';
import { readDeclared } from '../../src/collectors/scst/declared.ts';
import { parseStatfs } from '../../src/collectors/statfs.ts';
import { findFlaw, parseFstab } from '../../src/collectors/storage/fstab.ts';
import { parseLogicalVolumes, parseVolumeGroups } from '../../src/collectors/storage/lvm-report.ts';
import { parseMountinfo } from '../../src/collectors/storage/mountinfo.ts';
import { parseSmartctl } from '../../src/collectors/storage/smartctl.ts';
import { parseZpoolStatus } from '../../src/collectors/storage/zpool-status.ts';
import { parseHex } from '../../src/collectors/tape/hex.ts';
import {
  decodeAlertResponse,
  decodeAlerts,
  decodeDriveStatus,
  decodeSupportedPages,
} from '../../src/collectors/tape/log-pages.ts';
import { parseElementStatus } from '../../src/collectors/tape/mtx.ts';
import { parseDeviceConf } from '../../src/collectors/vtl/device-conf.ts';
import { parseLibraryContents } from '../../src/collectors/vtl/library-contents.ts';
import { parseCartridges } from '../../src/collectors/vtl/media.ts';
import { parseMhvtlConf } from '../../src/collectors/vtl/mhvtl-conf.ts';
import { defaultsOf } from '../../src/config/readers.ts';
import { createInventory } from '../../src/inventory/create.ts';
import { createCalendar } from '../../src/platform/calendar.ts';
import { type Files, systemFiles } from '../../src/platform/files.ts';
import { type Capture, capturedFiles, readCapture } from '../support/captures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { damaged, hostileText } from './hostile.ts';
import { defineSurface } from './surface.ts';

const home = join(import.meta.dirname, '../../src/collectors');
const fixture = (name: string): string => systemFiles.readText(join(home, name)) ?? '';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Each by its name, with the texts that it is made for. */
const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  parseStat,
  parseMeminfo,
  parsePressure,
  numbersOf,
  readTable,
  parseKmsg,
  parseJournalLine,
  parseConf,
  readDeclared,
  parseStatfs,
  parseFstab,
  findFlaw,
  parseMountinfo,
  parseVolumeGroups,
  parseLogicalVolumes,
  parseSmartctl: (text) => parseSmartctl(text, 0),
  parseZpoolStatus,
  parseHex,
  parseElementStatus,
  parseDeviceConf: (text) => parseDeviceConf('x', text),
  parseLibraryContents: (text) => parseLibraryContents('x', text),
  parseMhvtlConf: (text) => parseMhvtlConf('x', text),
  parseCartridges,
  parseWwpn,
  parseStatistic,
  parseSpeed,
  parseJson,
  decodeSupportedPages: (text) => decodeSupportedPages(bytesOf(text)),
  decodeDriveStatus: (text) => decodeDriveStatus(bytesOf(text)),
  decodeAlertResponse: (text) => decodeAlertResponse(bytesOf(text)),
  decodeAlerts: (text) => decodeAlerts(bytesOf(text)),
};

const samples = [
  'cpu  1 2 3 4 5 6 7 8 9 10\nprocesses 5\nbtime 1795328040\n',
  'MemTotal: 16 kB\nMemAvailable: 8 kB\nSwapTotal: 0 kB\n',
  'some avg10=0.00 avg60=1.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  '6,339,5140900,-;NET: Registered\n SUBSYSTEM=net\n DEVICE=+net:eth0\n',
  '{"__REALTIME_TIMESTAMP":"1","MESSAGE":[65,66],"PRIORITY":"3"}',
  '42 41 0:51 / /auto rw shared:1 - nfs4 nas:/export\\134x rw,hard\n',
  '/dev/sda1 / ext4 defaults 0 1\nUUID=x /srv xfs nofail,x-systemd.automount 0 2\n',
  '1000 2000 3000 4096 100 50\n',
  ' 05 00 00 0a\n 11 12 2e 14',
  'S'.repeat(200),
  '{"smart_status":{"passed":true},"temperature":{"current":40}}',
  'vtl/fixtures/device.conf',
  'vtl/fixtures/library_contents.10',
  'vtl/fixtures/mhvtl.conf',
  'storage/fixtures/vgs.json',
  'storage/fixtures/lvs.json',
  'tape/fixtures/commands.txt',
  'storage/fixtures/zpool-status-degraded.txt',
  'scst/fixtures/scst-vi.conf',
].map((text) => (text.includes('/fixtures/') ? fixture(text) : text));

const contents = fc.oneof(
  { weight: 3, arbitrary: damaged(samples) },
  { weight: 1, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);

/** What of the kernel's own contents no parser may throw at: faults table of the design, 52. */
export const parsing = defineSurface({
  name: 'parsers',
  inputs: fc.tuple(fc.constantFrom(...Object.keys(parsers)), contents),
  async open() {
    return { try: ([name, text]) => void parsers[name]?.(text), close() {} };
  },
});

const capturesOf = (folder: string, ...names: readonly string[]): readonly Capture[] =>
  names.map((name) => readCapture(join(home, folder, 'fixtures'), name));

/** One machine that has everything. */
const whole: Capture = new Map(
  [
    ...capturesOf('host', 'virtual-machine'),
    ...capturesOf('tape', '3-writing'),
    ...capturesOf('scst', 'iii-session-io'),
  ].flatMap((capture) => [...capture]),
);
const paths = [...whole].flatMap(([path, { type }]) => (type === 'file' ? [path] : []));

type Spoilt = ReadonlyMap<string, string | { readonly code: string }>;

const texts = [
  '\0\0',
  '',
  '-1',
  '9'.repeat(30),
  '1e99',
  'a'.repeat(4096),
  '\xff\xfe',
  '1\n2\n3',
  '[key]',
];
const codes = ['EIO', 'ENODEV', 'EACCES', 'EAGAIN', 'EINVAL', 'ENOMEM'];

const spoils: fc.Arbitrary<Spoilt> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...paths),
      fc.oneof(
        fc.constantFrom(...texts),
        hostileText,
        fc.constantFrom(...codes).map((code) => ({ code })),
      ),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((entries) => new Map(entries));

function spoiltFiles(files: Files, spoilt: Spoilt): Files {
  const instead = (path: string): string | undefined => {
    const found = spoilt.get(path);
    if (found === undefined || typeof found === 'string') return found;
    throw Object.assign(new Error(`${found.code}: read '${path}'`), found);
  };
  return {
    ...files,
    readText: (path) => instead(path) ?? files.readText(path),
    readAttribute: (path) => instead(path)?.trimEnd() ?? files.readAttribute(path),
    readBinary(path) {
      const text = instead(path);
      return text === undefined ? files.readBinary(path) : Buffer.from(text);
    },
  };
}

const plain = capturedFiles(whole);
const refuse = (): never => {
  throw new Error('there is no such door here');
};

function portsOf(files: Files, clock: FakeClock): Ports {
  const probes: Ports['probes'] = {
    run: async () => ({ type: 'missing', why: 'not on this machine' }),
    stuck: () => [],
  };
  return {
    clock,
    files,
    probes,
    command: { run: async () => ({ type: 'missing', why: 'not here' }), follow: refuse },
    journal: { follow: refuse, lines: refuse } as object as Ports['journal'],
    systemBus: { connect: async () => ({ type: 'refused', why: 'no bus here' }) },
    roots: { sysfs: '/sys', proc: '/proc', dev: '/dev', etc: '/etc' },
    known: createInventory().known,
    calendar: createCalendar(probes),
    folders: { watch: () => {} },
    reports: { list: () => [], since: 0 },
  };
}

const looking = collectors.filter(({ name }) => name !== 'systemd');

/** Whole collectors: a spoilt attribute is doubt about itself, and throws nothing. */
export const machines = defineSurface({
  name: 'machines',
  oneOf: 20,
  inputs: spoils,
  async open() {
    const stop = new AbortController();
    return {
      async try(spoilt) {
        const clock = new FakeClock();
        const inventory = createInventory();
        const ports = portsOf(spoiltFiles(plain, spoilt), clock);
        for (const collector of looking) {
          const running = collector.start(ports, defaultsOf(collector.settings));
          const reading = await running.collect(stop.signal);
          if (reading.type !== 'failed') inventory.apply(collector.name, reading, clock.now());
        }
      },
      close: () => stop.abort(),
    };
  },
});
