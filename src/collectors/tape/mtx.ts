/** What `mtx status` prints: drives, slots and mail slots of a library, and what is in them. */

export interface Element {
  /** Drives are counted from 0, slots from 1. */
  readonly number: number;
  readonly full: boolean;
  /** null: empty, no label, or one that cannot be read. */
  readonly barcode: string | null;
}

export interface ElementStatus {
  readonly drives: readonly Element[];
  readonly slots: readonly Element[];
  readonly mailSlots: readonly Element[];
}

// Far above the largest library (some 10,000 slots); a longer answer is none.
const elementsMax = 100_000;

const head = /^\s*Storage Changer .*:(\d+) Drives, (\d+) Slots/;
const drive = /^\s*Data Transfer Element (\d+):\s*(Empty|Full)(.*)$/;
const slot = /^\s*Storage Element (\d+)( IMPORT\/EXPORT)?\s*:\s*(Empty|Full)(.*)$/;
/** `:VolumeTag=E01001L8` of slots, `:VolumeTag = E01001L8` of drives, both padded with blanks. */
const tag = /:VolumeTag\s*=\s*(\S+)/;

const elementOf = (number: string, fill: string, rest: string): Element => ({
  number: Number(number),
  full: fill === 'Full',
  barcode: fill === 'Full' ? (tag.exec(rest)?.[1] ?? null) : null,
});

/** undefined when the text is not a whole answer: no head, or fewer lines than the head says. */
export function parseElementStatus(text: string): ElementStatus | undefined {
  const drives: Element[] = [];
  const slots: Element[] = [];
  const mailSlots: Element[] = [];
  let announced: number | undefined;
  for (const line of text.split('\n')) {
    const started = head.exec(line);
    // The number of slots includes the mail slots.
    if (started !== null) announced = Number(started[1]) + Number(started[2]);
    const ofDrive = drive.exec(line);
    if (ofDrive !== null)
      drives.push(elementOf(ofDrive[1] ?? '', ofDrive[2] ?? '', ofDrive[3] ?? ''));
    const ofSlot = ofDrive === null ? slot.exec(line) : null;
    if (ofSlot !== null) {
      const element = elementOf(ofSlot[1] ?? '', ofSlot[3] ?? '', ofSlot[4] ?? '');
      (ofSlot[2] === undefined ? slots : mailSlots).push(element);
    }
  }
  const counted = drives.length + slots.length + mailSlots.length;
  if (announced === undefined || counted !== announced || counted > elementsMax) return undefined;
  return { drives, slots, mailSlots };
}

/** IBM: the label of a cleaning cartridge begins with CLN; mhvtl does the same. */
export const isCleaning = ({ barcode }: Element): boolean => barcode?.startsWith('CLN') === true;
