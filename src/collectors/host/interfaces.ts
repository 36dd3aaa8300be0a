/**
 * Network interfaces: hardware and bonds. Virtual ones (bridges, tunnels, those of containers) come
 * and go with what uses them and are left out. Source: Documentation/ABI/testing/sysfs-class-net.
 */

import { basename, join } from 'node:path/posix';
import {
  derived,
  type Fact,
  isKnown,
  isUnreadable,
  type ResourceReading,
  reading,
} from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { readFact, readNumber, readWord, sumOf, wasRefusedWith } from '../attribute.ts';
import { systemInterface } from './kinds.ts';

/** IFF_UP (include/uapi/linux/if.h). */
const flagUp = 1;

/** Interfaces that have had a link, by `NAME MAC`: remembered over restarts. */
export type Links = Set<string>;

/** Reading it gives EINVAL while the interface is switched off: then it does not apply. */
const unlessOff = <T>(fact: Fact<T>): Fact<T> => (wasRefusedWith(fact, 'EINVAL') ? null : fact);

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
  const folder = join(net, name, 'bonding');
  const inside = readFact(folder, () => files.list(folder));
  if (!isKnown(inside)) return { bondMembers: inside, bondMembersUp: inside };
  const slaves = readWord(files, join(folder, 'slaves'));
  if (isUnreadable(slaves)) return { bondMembers: slaves, bondMembersUp: slaves };
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
  const master = readFact(folder, () => files.readLink(join(folder, 'master')));
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
    bond: derived(master, (path) => basename(path)),
    ...readBond(files, net, name),
  });
}

/** `device` leads to the hardware; a bond has none and a folder `bonding`. Doubt keeps it. */
const isLasting = (files: Files, folder: string): boolean =>
  readFact(folder, () => files.readLink(join(folder, 'device'))) !== null ||
  readFact(folder, () => files.list(join(folder, 'bonding'))) !== null;

export function readInterfaces(files: Files, sysfs: string, links: Links): ResourceReading[] {
  const net = join(sysfs, 'class/net');
  const names = (files.list(net) ?? [])
    .filter(({ type }) => type !== 'file')
    .map(({ name }) => name)
    .filter((name) => isLasting(files, join(net, name)));
  return names.map((name) => readInterface(files, net, name, links));
}
