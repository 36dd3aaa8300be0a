/**
 * Fibre Channel ports as sysfs shows them (drivers/scsi/scsi_transport_fc.c and
 * Documentation/ABI/testing/sysfs-class-fc_host). Plain reads of what the driver knows.
 */
import { derived, type Fact, unreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { readWord } from '../attribute.ts';
import type { Roots } from '../collector.ts';

export interface FcPort {
  /** `host7`. */
  readonly host: string;
  /** `21:00:00:24:ff:5c:3d:1a`, as SCST and switches write it; null while it has none. */
  readonly wwpn: Fact<string>;
  readonly portState: Fact<string>;
  readonly portType: Fact<string>;
  readonly mode: Fact<string>;
  readonly speed: Fact<string>;
  readonly statistics: Readonly<Record<Statistic, Fact<number>>>;
}

export const statistics = [
  'link_failure_count',
  'loss_of_sync_count',
  'loss_of_signal_count',
  'invalid_crc_count',
  'invalid_tx_word_count',
] as const;
export type Statistic = (typeof statistics)[number];

/** What a driver that does not count answers: -1 as 64 bits. */
const notCounted = 2n ** 64n - 1n;

/** `0x21000024ff5c3d1a` as `21:00:00:24:ff:5c:3d:1a`; undefined when it is no name. */
export function parseWwpn(text: string): string | undefined {
  const digits = /^0x([0-9a-fA-F]{1,16})$/.exec(text.trim())?.[1];
  if (digits === undefined || /^[0f]+$/i.test(digits)) return undefined;
  return digits.toLowerCase().padStart(16, '0').match(/../g)?.join(':');
}

/** `0x1f` as 31; null when the driver does not count it, undefined when it is no number. */
export function parseStatistic(text: string): number | null | undefined {
  if (!/^0x[0-9a-fA-F]{1,16}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value === notCounted ? null : Number(value);
}

/** `16 Gbit` as 16; undefined for Unknown and Not Negotiated. */
export function parseSpeed(text: string): number | undefined {
  const gigabits = /^(\d{1,4}) Gbit$/.exec(text.trim())?.[1];
  return gigabits === undefined ? undefined : Number(gigabits);
}

function readPort(files: Files, sysfs: string, host: string): FcPort {
  const home = `${sysfs}/class/fc_host/${host}`;
  const read = (path: string): Fact<string> => readWord(files, path);
  const count = (file: Statistic): Fact<number> =>
    derived(read(`${home}/statistics/${file}`), (text) => {
      const counted = parseStatistic(text);
      return counted === undefined ? unreadable(`${file} of ${host} is no number`) : counted;
    });
  return {
    host,
    wwpn: derived(read(`${home}/port_name`), parseWwpn),
    portState: read(`${home}/port_state`),
    portType: read(`${home}/port_type`),
    mode: read(`${sysfs}/class/scsi_host/${host}/active_mode`),
    speed: read(`${home}/speed`),
    statistics: {
      link_failure_count: count('link_failure_count'),
      loss_of_sync_count: count('loss_of_sync_count'),
      loss_of_signal_count: count('loss_of_signal_count'),
      invalid_crc_count: count('invalid_crc_count'),
      invalid_tx_word_count: count('invalid_tx_word_count'),
    },
  };
}

/** All ports; throws when the folder itself is refused. */
export function readPorts(files: Files, { sysfs }: Pick<Roots, 'sysfs'>): FcPort[] {
  const hosts = files.list(`${sysfs}/class/fc_host`) ?? [];
  return hosts.map(({ name }) => readPort(files, sysfs, name));
}
