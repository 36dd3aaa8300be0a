/** What the settings of mhvtl declare: its three kinds of files read and compared. */

import type { Unreadable } from '../../domain/reading.ts';
import { isUnreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { attempt } from '../attribute.ts';
import type { Roots } from '../collector.ts';
import type { VtlComplaint } from './complaint.ts';
import { type DeclaredUnit, type DeviceConf, parseDeviceConf } from './device-conf.ts';
import { type LibraryContents, parseLibraryContents } from './library-contents.ts';
import { type MhvtlConf, mhvtlDefaults, parseMhvtlConf } from './mhvtl-conf.ts';

export interface Configuration {
  /** There is a folder of settings. */
  readonly installed: boolean;
  /** undefined: there is no device.conf. */
  readonly devices: DeviceConf | Unreadable | undefined;
  readonly common: Pick<MhvtlConf, 'home' | 'capacityBytes'> | Unreadable;
  /** By number of the library; undefined: it has no file, and its daemon cannot start. */
  readonly contents: ReadonlyMap<string, LibraryContents | Unreadable | undefined>;
  readonly complaints: readonly VtlComplaint[];
}

export const configurationFolder = (roots: Pick<Roots, 'etc'>): string => `${roots.etc}/mhvtl`;

const mapText = <T>(text: string | Unreadable | undefined, parse: (text: string) => T) =>
  typeof text === 'string' ? parse(text) : text;

/** Which file a library reads at its start: that of its last end, if it persists (vtllibrary.c). */
function contentsPath(files: Files, folder: string, { id, persist }: DeclaredUnit): string {
  const path = `${folder}/library_contents.${id}`;
  if (!persist) return path;
  const kept = attempt(`${path}.persist`, () => files.stat(`${path}.persist`));
  const written = attempt(path, () => files.stat(path));
  if (kept === undefined || written === undefined) return path;
  if (isUnreadable(kept) || isUnreadable(written)) return path;
  return written.modifiedAt > kept.modifiedAt ? path : `${path}.persist`;
}

function complainOfDevices(path: string, devices: DeviceConf): VtlComplaint[] {
  const complaints: VtlComplaint[] = [];
  const libraries = new Set(devices.libraries.map(({ id }) => id));
  const taken = new Map<string, DeclaredUnit>();
  const once = (what: string, unit: DeclaredUnit): void => {
    const before = taken.get(what);
    if (before === undefined) taken.set(what, unit);
    else
      complaints.push({
        path,
        line: unit.line,
        message: `${what} is taken by ${before.id} already`,
      });
  };
  for (const unit of [...devices.libraries, ...devices.drives]) {
    if (unit.place !== undefined) once(`CHANNEL:TARGET:LUN ${unit.place}`, unit);
  }
  for (const drive of devices.drives) {
    const { line, id, library, slot } = drive;
    if (library === undefined)
      complaints.push({ path, line, message: `drive ${id} names no library` });
    else if (!libraries.has(library))
      complaints.push({ path, line, message: `drive ${id} names library ${library}: no such` });
    else once(`slot ${slot} of library ${library}`, drive);
  }
  return complaints;
}

export function readConfiguration(files: Files, roots: Pick<Roots, 'etc'>): Configuration {
  const folder = configurationFolder(roots);
  const read = (path: string) => attempt(path, () => files.readText(path));
  const devicesPath = `${folder}/device.conf`;
  const commonPath = `${folder}/mhvtl.conf`;
  const devices = mapText(read(devicesPath), (text) => parseDeviceConf(devicesPath, text));
  const common = mapText(read(commonPath), (text) => parseMhvtlConf(commonPath, text));
  const complaints: VtlComplaint[] = [];
  const contents = new Map<string, LibraryContents | Unreadable | undefined>();
  if (common !== undefined && !isUnreadable(common)) complaints.push(...common.complaints);
  if (devices !== undefined && !isUnreadable(devices)) {
    complaints.push(...devices.complaints, ...complainOfDevices(devicesPath, devices));
    for (const library of devices.libraries) {
      const path = contentsPath(files, folder, library);
      const listed = mapText(read(path), (text) => parseLibraryContents(path, text));
      contents.set(library.id, listed);
      if (listed === undefined) {
        const message = `there is no such file: vtllibrary@${library.id} cannot start without it`;
        complaints.push({ path, line: 0, message });
      } else if (!isUnreadable(listed)) complaints.push(...listed.complaints);
    }
  }
  const listed = attempt(folder, () => files.list(folder));
  return {
    installed: listed !== undefined,
    devices,
    common: common ?? mhvtlDefaults,
    contents,
    complaints,
  };
}

/** Why some of the files cannot be read; null when all can, or are not there. */
export function whyUnreadable({ devices, common, contents }: Configuration): string | null {
  const reasons = [devices, common, ...contents.values()].flatMap((one) =>
    isUnreadable(one) ? [one.unreadable] : [],
  );
  return reasons.length === 0 ? null : reasons.join('; ');
}

/** Serial numbers that two or more records have, or that are empty: `XYZ1 (11, 12)`. */
export function sharedSerials({ libraries, drives }: DeviceConf): string | null {
  const ids = new Map<string, string[]>();
  for (const { id, serial } of [...libraries, ...drives]) {
    const key = serial ?? '';
    ids.set(key, [...(ids.get(key) ?? []), id]);
  }
  const shared = [...ids].filter(([serial, own]) => serial === '' || own.length > 1);
  const texts = shared.map(([serial, own]) => `${serial || 'none'} (${own.join(', ')})`);
  return texts.length === 0 ? null : texts.join('; ');
}
