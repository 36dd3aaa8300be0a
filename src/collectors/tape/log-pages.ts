/**
 * Log pages of drives and changers, from bytes to facts. Layouts: SPC-5 (head, parameters), SSC-5
 * and ADC-4 (11h DT Device Status, 12h TapeAlert Response, 2Eh TapeAlert), as sg3_utils 1.46
 * decodes them. What is too short or another page gives undefined, never an exception.
 */

interface Parameter {
  readonly code: number;
  readonly value: Uint8Array;
}

const be16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** The bytes after the head; undefined when it is not that page. */
function bodyOf(page: number, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 4 || ((bytes[0] ?? 0) & 0x3f) !== page) return undefined;
  return bytes.subarray(4, 4 + be16(bytes, 2));
}

function parametersOf(body: Uint8Array): readonly Parameter[] {
  const found: Parameter[] = [];
  for (let at = 0; at + 4 <= body.length; ) {
    const length = body[at + 3] ?? 0;
    found.push({ code: be16(body, at), value: body.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return found;
}

/** Page 00h: numbers of the pages that the device has. */
export function decodeSupportedPages(bytes: Uint8Array): readonly number[] | undefined {
  const body = bodyOf(0x00, bytes);
  return body && [...body].map((byte) => byte & 0x3f);
}

/** Device activity of page 11h. */
const activities = [
  'idle',
  'cleaning',
  'loading',
  'unloading',
  'other medium activity',
  'reading',
  'writing',
  'locating',
  'rewinding',
  'erasing',
  'formatting',
  'calibrating',
  'other activity',
  'updating firmware',
  'reading encrypted',
  'writing encrypted',
  'diagnosing',
] as const;

export interface DriveStatus {
  readonly writeProtected: boolean;
  readonly cleaningRequested: boolean;
  readonly cleaningRequired: boolean;
  readonly tapeLoaded: boolean;
  readonly activity: string;
  /** A TapeAlert flag changed since page 12h or 2Eh was last read (TAFC). */
  readonly flagsChanged: boolean;
}

/** Page 11h, parameter 0: "very high frequency data". Reading it clears nothing. */
export function decodeDriveStatus(bytes: Uint8Array): DriveStatus | undefined {
  const body = bodyOf(0x11, bytes);
  const value = body && parametersOf(body).find(({ code }) => code === 0)?.value;
  if (value === undefined || value.length < 4) return undefined;
  const bit = (byte: number, mask: number): boolean => ((value[byte] ?? 0) & mask) !== 0;
  // DINIT: until the drive has initialized, the other bits of the first byte mean nothing.
  const initialized = bit(0, 0x01);
  return {
    writeProtected: initialized && bit(0, 0x08),
    cleaningRequested: initialized && bit(0, 0x04),
    cleaningRequired: initialized && bit(0, 0x02),
    tapeLoaded: bit(1, 0x10),
    activity: activities[value[2] ?? 0] ?? 'other activity',
    flagsChanged: bit(3, 0x01),
  };
}

const flagsMax = 64;

/** Page 12h, parameter 0: 64 bits, flag 1 first. Reading it clears nothing (ADC-2 and later). */
export function decodeAlertResponse(bytes: Uint8Array): readonly number[] | undefined {
  const body = bodyOf(0x12, bytes);
  const value = body && parametersOf(body).find(({ code }) => code === 0)?.value;
  if (value === undefined || value.length < flagsMax / 8) return undefined;
  const flags: number[] = [];
  for (let flag = 1; flag <= flagsMax; flag++) {
    const byte = value[(flag - 1) >> 3] ?? 0;
    if ((byte & (0x80 >> ((flag - 1) & 7))) !== 0) flags.push(flag);
  }
  return flags;
}

/** Page 2Eh: one parameter for each flag. Reading it clears them, for every reader. */
export function decodeAlerts(bytes: Uint8Array): readonly number[] | undefined {
  const body = bodyOf(0x2e, bytes);
  if (body === undefined || body.length < 5) return undefined;
  return parametersOf(body)
    .filter(({ code, value }) => code >= 1 && code <= flagsMax && ((value[0] ?? 0) & 1) !== 0)
    .map(({ code }) => code);
}
