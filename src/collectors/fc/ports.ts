/**
 * Fibre Channel ports as sysfs shows them (drivers/scsi/scsi_transport_fc.c and
 * Documentation/ABI/testing/sysfs-class-fc_host). Plain reads of what the driver knows.
 */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import type { Roots } from '../collector.ts';

/** null: the driver does not say; unreadable: it refused. */
type Fact<T> = T | Unreadable | null;

export interface FcPort {
  /** `host7`. */
  readonly host: string;
  /** `21:00:00:24:ff:5c:3d:1a`, as SCST and switches write it; unreadable when it was refused. */
  readonly wwpn: string | Unreadable;
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

/** `0x1f` as 31; null when the driver does not count it. */
export function parseStatistic(text: string): number | null {
  if (!/^0x[0-9a-fA-F]{1,16}$/.test(text)) return null;
  const value = BigInt(text);
  return value === notCounted ? null : Number(value);
}

/** `16 Gbit` as 16; undefined for Unknown and Not Negotiated. */
export function parseSpeed(text: string): number | undefined {
  const gigabits = /^(\d{1,4}) Gbit$/.exec(text.trim())?.[1];
  return gigabits === undefined ? undefined : Number(gigabits);
}

function readFact(files: Files, path: string): string | Unreadable | undefined {
  try {
    return files.readAttribute(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return unreadable(`${path} cannot be read (${code})`);
  }
}

function readPort(files: Files, sysfs: string, host: string): FcPort {
  const home = `${sysfs}/class/fc_host/${host}`;
  const read = (path: string): Fact<string> => readFact(files, path) ?? null;
  const name = read(`${home}/port_name`);
  const count = (file: Statistic): Fact<number> => {
    const text = read(`${home}/statistics/${file}`);
    return typeof text === 'string' ? parseStatistic(text) : text;
  };
  const wwpn = typeof name === 'string' ? parseWwpn(name) : undefined;
  const why = name === null || typeof name === 'string' ? `${host} has no name` : name.unreadable;
  return {
    host,
    wwpn: wwpn ?? unreadable(why),
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
