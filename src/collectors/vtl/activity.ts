/** Which drives have a tape and move data, as the tape collector and the SCSI layer tell. */
import { isUnreadable, type Unreadable } from '../../domain/reading.ts';
import type { Known, Resource } from '../../domain/resource.ts';
import type { VtlDevice } from './devices.ts';

const findTapeDrive = (known: Known, serial: string | undefined): Resource | undefined => {
  const found = serial === undefined ? undefined : known.find('tape.drive', serial);
  return found === undefined || found.staleSince !== null ? undefined : found;
};

/** Whether a tape is in it; null when nobody knows. */
export function readLoaded(known: Known, serial: string | undefined): boolean | Unreadable | null {
  const loaded = findTapeDrive(known, serial)?.attributes.tapeLoaded;
  return typeof loaded === 'boolean' || isUnreadable(loaded) ? loaded : null;
}

/** Compares counters from one look to the next. */
export class Activity {
  #counters = new Map<string, string>();
  #active = new Map<string, boolean | null>();

  /** `drives`: by id, with serial number and device. */
  look(
    known: Known,
    drives: readonly { id: string; serial: string | undefined; device: VtlDevice | undefined }[],
  ): void {
    const counters = new Map<string, string>();
    this.#active = new Map();
    for (const { id, serial, device } of drives) {
      const facts = findTapeDrive(known, serial)?.attributes;
      const { inFlight, readBytes, writeBytes } = facts ?? {};
      if (typeof inFlight !== 'number') continue;
      // What goes through SCST is not counted by st; nobody sends commands to such a drive but
      // its initiator (kernel-facts 4), so its answered commands are its work.
      const answered = device?.exported === true ? device.answered : '';
      const now = JSON.stringify([readBytes, writeBytes, answered]);
      const before = this.#counters.get(id);
      counters.set(id, now);
      this.#active.set(id, inFlight > 0 ? true : before === undefined ? null : before !== now);
    }
    this.#counters = counters;
  }

  /** Whether the drive moved data since the look before; null when that cannot be known. */
  of(id: string): boolean | null {
    return this.#active.get(id) ?? null;
  }
}
