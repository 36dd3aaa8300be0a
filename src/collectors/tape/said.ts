/** From answers to commands to attributes. Pure. */
import type { Known } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Answer } from './inquiry.ts';
import type { DriveStatus } from './log-pages.ts';
import { type ElementStatus, isCleaning } from './mtx.ts';
import type { Present } from './presence.ts';
import type { Facts } from './readings.ts';
import type { LibraryDrives } from './settings.ts';
import { findVtl, listVtlDrives } from './vtl.ts';

/** What an answer says about asking itself. A reservation by somebody else is an answer too. */
export function answerFacts(answer: Answer<unknown>, now: EpochMs): Facts {
  if (answer.type === 'answered' || answer.type === 'reserved')
    return { answeredAt: now, commandFailure: null };
  if (answer.type === 'missing') return { commandFailure: `${answer.program} is not installed` };
  return { commandFailure: answer.why };
}

export const statusFacts = (status: DriveStatus): Facts => ({
  writeProtected: status.tapeLoaded ? status.writeProtected : null,
  cleaningRequired: status.cleaningRequired,
  cleaningRequested: status.cleaningRequested,
  tapeLoaded: status.tapeLoaded,
  activity: status.activity,
  ...(status.tapeLoaded ? {} : { barcode: null }),
});

const cleanNow = 20;
const cleanPeriodic = 21;

/**
 * Page 11h or the flags say that it wants cleaning. Flags of page 2Eh are held for a day after they
 * were read, so page 11h alone is believed where there is one.
 */
export function cleaningFacts(
  flags: readonly number[],
  status: DriveStatus | undefined,
  cleared: boolean,
): Facts {
  if (cleared && status !== undefined) return {};
  return {
    cleaningRequired: flags.includes(cleanNow) || status?.cleaningRequired === true,
    cleaningRequested: flags.includes(cleanPeriodic) || status?.cleaningRequested === true,
  };
}

export function changerFacts({ drives, slots, mailSlots }: ElementStatus): Facts {
  const count = (elements: readonly { readonly full: boolean }[]): number =>
    elements.filter(({ full }) => full).length;
  const all = [...drives, ...slots, ...mailSlots];
  return {
    slots: slots.length,
    occupiedSlots: count(slots),
    freeSlots: slots.length - count(slots),
    mailSlots: mailSlots.length,
    occupiedMailSlots: count(mailSlots),
    drives: drives.length,
    loadedDrives: count(drives),
    cartridges: count(all),
    cleaningCartridges: all.filter(isCleaning).length,
  };
}

const targetOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));

/**
 * Serials of the drives of a library in the order of its drive elements; '' where one is not known.
 * mtx does not say them: the settings do, or the VTL, or there is only one drive behind the same
 * SCSI target (an autoloader).
 */
export function drivesIn(
  changer: Present,
  status: ElementStatus,
  all: readonly Present[],
  libraries: readonly LibraryDrives[],
  known: Known,
): readonly string[] {
  const { id, device } = changer.identified;
  const written = libraries.find((one) => one.changer === id);
  if (written !== undefined) return written.drives;
  const { id: library } = findVtl(known, 'changer', id);
  if (library !== null) return listVtlDrives(known, library);
  const behind = all.filter(
    ({ remembered, identified }) =>
      remembered.type === 'drive' &&
      targetOf(identified.device.address) === targetOf(device.address),
  );
  const [only] = behind;
  return status.drives.length === 1 && behind.length === 1 && only !== undefined
    ? [only.identified.id]
    : [];
}
