/**
 * Network interfaces: hardware and bonds. Virtual ones (bridges, tunnels, those of containers) come
 * and go with what uses them and are left out. Source: Documentation/ABI/testing/sysfs-class-net.
 */
import { join } from 'node:path/posix';
import { type ResourceReading, reading } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { systemInterface } from './kinds.ts';
import { attempt, derived, type Fact, isKnown, readNumber, readWord, sumOf } from './reads.ts';

/** IFF_UP (include/uapi/linux/if.h). */
const flagUp = 1;

/** Interfaces that have had a link, by `NAME MAC`: remembered over restarts. */
export type Links = Set<string>;

/** Reading it gives EINVAL while the interface is switched off: then it does not apply. */
function unlessOff<T>(fact: Fact<T>): Fact<T> {
  const isOff = typeof fact === 'object' && fact !== null && !isKnown(fact);
  return isOff && (fact as { unreadable: string }).unreadable.endsWith('EINVAL') ? null : fact;
}

function readTraffic(files: Files, folder: string) {
  const of = (name: string): Fact<number> => readNumber(files, join(folder, 'statistics', name));
  const both = (name: string): Fact<number> => sumOf([of(`rx_${name}`), of(`tx_${name}`)]);
  return {
    rxBytes: of('rx_bytes'),
    txBytes: of('tx_bytes'),
    packets: both('packets'),
    errors: both('errors'),
    drops: both('dropped'),
  };
}

/** Members of a bond, and those of them whose link the bonding driver takes for good. */
function readBond(files: Files, net: string, name: string) {
  const slaves = readWord(files, join(net, name, 'bonding/slaves'));
  const isBond = files.list(join(net, name, 'bonding')) !== undefined;
  if (!isBond) return { bondMembers: null, bondMembersUp: null };
  if (slaves !== null && !isKnown(slaves)) return { bondMembers: slaves, bondMembersUp: slaves };
  const members = (slaves ?? '').split(' ').filter((word) => word !== '');
  const states = members.map((member) =>
    derived(readWord(files, join(net, member, 'bonding_slave/mii_status')), (state) =>
      state === 'up' ? 1 : 0,
    ),
  );
  return { bondMembers: members.length, bondMembersUp: sumOf(states) };
}

function readInterface(files: Files, net: string, name: string, links: Links): ResourceReading {
  const folder = join(net, name);
  const flags = readWord(files, join(folder, 'flags'));
  const carrier = derived(
    unlessOff(readNumber(files, join(folder, 'carrier'))),
    (value) => value === 1,
  );
  const macAddress = readWord(files, join(folder, 'address'));
  const link = `${name} ${typeof macAddress === 'string' ? macAddress : ''}`;
  const timesUp = readNumber(files, join(folder, 'carrier_up_count'));
  if (carrier === true || (typeof timesUp === 'number' && timesUp > 0)) links.add(link);
  const adminUp = derived(flags, (text) => Number(text) % 2 === flagUp);
  // Switched off on purpose: nobody misses its link any more.
  if (adminUp === false) links.delete(link);
  const master = attempt(folder, () => files.readLink(join(folder, 'master')));
  return reading(systemInterface, name, {
    adminUp,
    carrier,
    wasUp: links.has(link),
    operState: readWord(files, join(folder, 'operstate')),
    macAddress,
    // -1 without a link; EINVAL while it is switched off.
    speedMegabits: derived(unlessOff(readNumber(files, join(folder, 'speed'))), (speed) =>
      speed > 0 ? speed : null,
    ),
    ...readTraffic(files, folder),
    bond: derived(master, (path) => path.slice(path.lastIndexOf('/') + 1)),
    ...readBond(files, net, name),
  });
}

/** `device` leads to the hardware; a bond has none and a folder `bonding`. */
const isLasting = (files: Files, folder: string): boolean =>
  files.readLink(join(folder, 'device')) !== undefined ||
  files.list(join(folder, 'bonding')) !== undefined;

export function readInterfaces(files: Files, sysfs: string, links: Links): ResourceReading[] {
  const net = join(sysfs, 'class/net');
  const names = (files.list(net) ?? [])
    .filter(({ type }) => type !== 'file')
    .map(({ name }) => name)
    .filter((name) => isLasting(files, join(net, name)));
  return names.map((name) => readInterface(files, net, name, links));
}
