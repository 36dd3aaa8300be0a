/**
 * Parses library_contents.ID of mhvtl: the elements of a library and the cartridges in them when
 * its daemon starts (man/library_contents.5). No such file shows which drives are loaded now.
 */
import { linesOf, quoted, type VtlComplaint } from './complaint.ts';

export interface ListedCartridge {
  readonly barcode: string;
  /** `Slot 3`. */
  readonly place: string;
  readonly line: number;
}

export interface LibraryContents {
  /** The daemon fills gaps between the numbers: the highest number counts (vtllibrary.c). */
  readonly drives: number;
  readonly slots: number;
  readonly mailSlots: number;
  readonly cartridges: readonly ListedCartridge[];
  readonly complaints: readonly VtlComplaint[];
}

/** A label that begins so is a cleaning cartridge (man/library_contents.5). */
export const isCleaning = ({ barcode }: ListedCartridge): boolean => barcode.startsWith('CLN');

/** An element address has 16 bits (SMC). */
const elementMax = 65_535;
/** A volume identification has 32 characters (SMC, volume tag). */
const barcodeCharsMax = 32;

const elementPattern = /^(Drive|Picker|MAP|Slot)\s+(\d{1,9}):/;

export function parseLibraryContents(path: string, text: string): LibraryContents {
  const complaints: VtlComplaint[] = [];
  const complain = (line: number, message: string): void => {
    complaints.push({ path, line, message });
  };
  const highest = new Map<string, number>();
  const seen = new Map<string, number>();
  const cartridges: ListedCartridge[] = [];
  const once = (what: string, line: number): boolean => {
    const before = seen.get(what);
    if (before !== undefined) complain(line, `${what} is in line ${before} already`);
    else seen.set(what, line);
    return before === undefined;
  };
  for (const { number: line, text: whole } of linesOf(text)) {
    const written = whole.trim();
    if (written === '' || /^VERSION:\s*\d+$/.test(written)) continue;
    const [head = '', type = '', digits] = elementPattern.exec(written) ?? [];
    const element = Number(digits);
    if (head === '') {
      complain(line, `expected "Slot N: BARCODE", or Drive, Picker or MAP, not ${quoted(written)}`);
      continue;
    }
    if (element < 1 || element > elementMax) {
      complain(line, `${type} ${element}: the number must be 1 to ${elementMax}`);
      continue;
    }
    if (!once(`${type} ${element}`, line)) continue;
    highest.set(type, Math.max(element, highest.get(type) ?? 0));
    const barcode = written.slice(head.length).trim();
    // What stands behind a drive is its serial number in old versions (init_drive_slot).
    if (barcode === '' || type === 'Drive') continue;
    if (!/^[\x21-\x7e]+$/.test(barcode) || barcode.includes('/'))
      complain(line, `${quoted(barcode)} is no barcode`);
    else if (barcode.length > barcodeCharsMax)
      complain(line, `barcode ${quoted(barcode)} is longer than ${barcodeCharsMax} characters`);
    else if (once(`barcode ${barcode}`, line))
      cartridges.push({ barcode, place: `${type} ${element}`, line });
  }
  return {
    drives: highest.get('Drive') ?? 0,
    slots: highest.get('Slot') ?? 0,
    mailSlots: highest.get('MAP') ?? 0,
    cartridges,
    complaints,
  };
}
