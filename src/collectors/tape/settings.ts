/** What may be set about tape. */
import { duration, listOf, patterns, toggle } from '../../config/readers.ts';
import { minutes, seconds } from '../../domain/time.ts';

/** Which drive sits where in a library: mtx numbers drives and says no serials. */
export interface LibraryDrives {
  /** Serial of the changer. */
  readonly changer: string;
  /** Serials of its drives in the order of its drive elements. */
  readonly drives: readonly string[];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function readLibrary(value: unknown): LibraryDrives | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { changer, drives, ...rest } = value as Readonly<Record<string, unknown>>;
  if (!isText(changer) || !Array.isArray(drives) || !drives.every(isText)) return undefined;
  return Object.keys(rest).length > 0 ? undefined : { changer, drives };
}

export const tapeSettings = {
  commands: toggle(
    false,
    'Ask idle drives and changers by mtx and sg_logs: slots, barcodes, cleaning, TapeAlert.',
  ),
  commandsEvery: duration(minutes(5), 'How often an idle device is asked.'),
  commandTimeout: duration(seconds(60), 'A command that takes longer is ended.'),
  soleReader: toggle(
    false,
    'Nothing else reads TapeAlert: page 2Eh may be read, which clears the flags for all readers.',
  ),
  libraries: listOf<LibraryDrives>(
    'Which drive is at which place of a library, where that cannot be told by itself.',
    'a list such as [{ changer: "SERIAL", drives: ["SERIAL", "SERIAL"] }], serials in quotes',
    readLibrary,
    ({ changer }) => changer,
  ),
  forget: patterns(
    [],
    'Serials of drives and changers that were taken away for good: they are not missed.',
    '["XYZZY_A1", "10WT036260"], in quotes',
  ),
};
