/** Parses mhvtl.conf: shell assignments, of which the place of the media and their size matter. */
import { linesOf, quoted, type VtlComplaint } from './complaint.ts';
import { tidyPath } from './device-conf.ts';

export interface MhvtlConf {
  readonly home: string;
  /** Of a tape that is made without saying how large. */
  readonly capacityBytes: number;
  readonly complaints: readonly VtlComplaint[];
}

/** Where the file is silent: built-in values of mhvtl (Makefile, make_vtl_media). */
export const mhvtlDefaults = { home: '/opt/mhvtl', capacityBytes: 500 * 1024 ** 2 } as const;

const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;
const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, '$2');

export function parseMhvtlConf(path: string, text: string): MhvtlConf {
  const complaints: VtlComplaint[] = [];
  let { home, capacityBytes }: { home: string; capacityBytes: number } = mhvtlDefaults;
  for (const { number: line, text: whole } of linesOf(text)) {
    const written = whole.trim();
    if (written === '') continue;
    const [, name, raw = ''] = assignment.exec(written) ?? [];
    const value = unquoted(raw);
    const complain = (message: string): void => void complaints.push({ path, line, message });
    if (name === undefined) complain(`expected NAME=VALUE, found ${quoted(written)}`);
    else if (name === 'MHVTL_HOME_PATH') {
      if (value.startsWith('/')) home = tidyPath(value);
      else complain(`MHVTL_HOME_PATH is ${quoted(value)}, and must be an absolute path`);
    } else if (name === 'CAPACITY') {
      // In units of 1 MiB (mktape -s).
      if (/^[1-9]\d{0,8}$/.test(value)) capacityBytes = Number(value) * 1024 ** 2;
      else complain(`CAPACITY is ${quoted(value)}, and must be a number of megabytes`);
    }
  }
  return { home, capacityBytes, complaints };
}
