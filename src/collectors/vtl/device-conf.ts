/**
 * Parses device.conf of mhvtl: which virtual libraries and drives should exist.
 *
 * A record begins in column 1 with `Library:` or `Drive:`, its attributes are indented, a blank
 * line ends it (mhvtl, man/device.conf.5). What cannot be read is complained of, and the rest is
 * kept: one broken drive must not hide the others.
 */
import { linesOf, quoted, type VtlComplaint } from './complaint.ts';

/** A record. What it does not say is undefined. */
export interface DeclaredUnit {
  readonly type: 'Library' | 'Drive';
  /** Its number: the instance of its systemd unit. Unique over both types. */
  readonly id: string;
  readonly line: number;
  /** `CHANNEL:TARGET:LUN`. */
  readonly place: string | undefined;
  readonly vendor: string | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** Of a library: its own place for media, where that is not the one of mhvtl.conf. */
  readonly home: string | undefined;
  /** Of a library: it writes its contents to library_contents.ID.persist when it ends. */
  readonly persist: boolean;
  /** Of a drive: number of its library, and its position there from 1. */
  readonly library: string | undefined;
  readonly slot: number | undefined;
}

export interface DeviceConf {
  readonly libraries: readonly DeclaredUnit[];
  readonly drives: readonly DeclaredUnit[];
  readonly complaints: readonly VtlComplaint[];
}

type Draft = { -readonly [K in keyof DeclaredUnit]: DeclaredUnit[K] };

/** Records beyond this are left out: a kernel module offers far fewer addresses. */
const recordsMax = 4096;

const header = /^(Library|Drive):\s*(\d{1,9})(?:\s+(\S.*))?$/;
const placePattern = /^CHANNEL:\s*(\d{1,9})\s+TARGET:\s*(\d{1,9})\s+LUN:\s*(\d{1,9})$/;
const positionPattern = /^Library ID:\s*(\d{1,9})\s+Slot:\s*(\d{1,9})$/;
/** `011` as mhvtl reads it with %d: 11. */
const plain = (digits: string | undefined): string => String(Number(digits));

/** A path without slashes at its end. */
export const tidyPath = (path: string): string => {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end--;
  return path.slice(0, end);
};

/** Reads a line of a record; answers what is wrong with it. */
function readAttribute(draft: Draft, text: string): string | undefined {
  if (text.startsWith('Library ID')) {
    const position = positionPattern.exec(text);
    if (position === null) return `expected "Library ID: NUMBER Slot: NUMBER"`;
    draft.library = plain(position[1]);
    draft.slot = Number(position[2]);
    return undefined;
  }
  const colon = text.indexOf(':');
  if (colon < 1) return `expected "NAME: VALUE", found ${quoted(text)}`;
  const value = text.slice(colon + 1).trim();
  // mhvtl knows more attributes, and newer versions yet more: what is not used is not judged.
  switch (text.slice(0, colon)) {
    case 'Vendor identification':
      draft.vendor = value;
      break;
    case 'Product identification':
      draft.model = value;
      break;
    case 'Unit serial number':
      draft.serial = value;
      break;
    case 'PERSIST':
      // vtllibrary.c compares just these beginnings.
      draft.persist = /^(yes|true)/i.test(value);
      if (!/^(yes|true|no|false)/i.test(value))
        return `PERSIST is ${quoted(value)}, and must be True or False`;
      break;
    case 'Home directory':
      if (!value.startsWith('/')) return `home directory ${quoted(value)} is no absolute path`;
      draft.home = tidyPath(value);
      break;
  }
  return undefined;
}

function beginRecord(text: string, line: number): Draft | undefined {
  const [, type, id, rest = ''] = header.exec(text) ?? [];
  if (type !== 'Library' && type !== 'Drive') return undefined;
  const place = placePattern.exec(rest)?.slice(1).map(plain).join(':');
  const ofLibrary = { home: undefined, persist: false };
  const ofDrive = { library: undefined, slot: undefined };
  const shown = { vendor: undefined, model: undefined, serial: undefined };
  return { type, id: plain(id), line, place, ...shown, ...ofLibrary, ...ofDrive };
}

export function parseDeviceConf(path: string, text: string): DeviceConf {
  const complaints: VtlComplaint[] = [];
  const records = new Map<string, Draft>();
  let record: Draft | undefined;
  // The lines of a record whose head is broken belong to nothing, and are not complained of again.
  let skipping = false;
  for (const { number: line, text: whole } of linesOf(text)) {
    const complain = (message: string): void => void complaints.push({ path, line, message });
    const written = whole.trim();
    if (written === '') {
      record = undefined;
      skipping = false;
    } else if (/^\s/.test(whole)) {
      const wrong = record === undefined ? undefined : readAttribute(record, written);
      if (wrong !== undefined) complain(wrong);
      else if (record === undefined && !skipping)
        complain(`${quoted(written)} belongs to no library or drive`);
    } else if (!/^VERSION:\s*\d+$/.test(written)) {
      record = beginRecord(written, line);
      skipping = record === undefined;
      if (record === undefined) {
        complain(`expected "Library: ID CHANNEL: c TARGET: t LUN: l", found ${quoted(written)}`);
        continue;
      }
      if (record.place === undefined) complain('expected "CHANNEL: c TARGET: t LUN: l"');
      const before = records.get(record.id);
      if (before !== undefined)
        complain(`number ${record.id} is used in line ${before.line} already`);
      else if (records.size < recordsMax) records.set(record.id, record);
      else complain(`more than ${recordsMax} records, left out`);
    }
  }
  const all = [...records.values()];
  return {
    libraries: all.filter(({ type }) => type === 'Library'),
    drives: all.filter(({ type }) => type === 'Drive'),
    complaints,
  };
}
