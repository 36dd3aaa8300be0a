/**
 * What several collectors ask of one SCSI device in sysfs, so that they agree on who it is and who
 * uses it. These files answer at once even when the device hangs (seen on Linux 6.1).
 */
import { type Fact, isUnreadable } from '../domain/reading.ts';
import { decodeSerialPage } from '../domain/scsi.ts';
import type { Files } from '../platform/files.ts';
import { readFact, readWord } from './attribute.ts';

/**
 * The serial number from the page that the kernel keeps, else from the file that some drivers have.
 * `device` is its folder. Refused only where neither gives one.
 */
export function readSerial(files: Files, device: string): Fact<string> {
  const page = readFact(`${device}/vpd_pg80`, () => files.readBinary(`${device}/vpd_pg80`));
  const decoded = page === null || isUnreadable(page) ? undefined : decodeSerialPage(page);
  if (decoded !== undefined) return decoded;
  const plain = readWord(files, `${device}/serial`);
  return plain === null && isUnreadable(page) ? page : plain;
}

/**
 * SCST exports it by pass-through: a LUN of some target leads to it. null while SCST is not loaded.
 * The LUNs that SCST's own copy_manager makes are no export (kernel-facts: copy_manager).
 */
export function readExported(files: Files, sysfs: string, address: string): Fact<boolean> {
  const scst = `${sysfs}/kernel/scst_tgt/devices`;
  const folder = `${scst}/${address}/exported`;
  const isForeign = (name: string): boolean =>
    !(files.readLink(`${folder}/${name}`) ?? '').includes('/copy_manager/');
  return readFact(folder, () =>
    files.list(scst) === undefined
      ? undefined
      : (files.list(folder) ?? []).some(({ name }) => isForeign(name)),
  );
}
