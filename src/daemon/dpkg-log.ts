/** The log of dpkg: which packages came, changed and went. Its times are local (dpkg(1)). */
import type { EpochMs } from '../domain/time.ts';
import type { Edit } from '../operations/house-edits.ts';

/** `2026-11-22 06:14:00 upgrade nginx:amd64 1.22.1-9 1.22.1-10`; other lines are its steps. */
const line =
  /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) (install|upgrade|remove|purge) (\S+) (\S+) (\S+)$/;

const nothing = '<none>';

function whatOf(verb: string, name: string, from: string, to: string): string {
  if (verb === 'install') return `install of ${name}, ${to}`;
  if (verb === 'upgrade') return `upgrade of ${name}, ${from} to ${to}`;
  return from === nothing ? `${verb} of ${name}` : `${verb} of ${name}, ${from}`;
}

export function parseDpkgLog(text: string): readonly Edit[] {
  return text.split('\n').flatMap((one): Edit[] => {
    const match = line.exec(one);
    if (match === null) return [];
    const [, year, month, day, hour, minute, second, verb = '', name = '', from = '', to = ''] =
      match;
    const date = new Date(
      ...([Number(year), Number(month) - 1, Number(day)] as const),
      ...([Number(hour), Number(minute), Number(second)] as const),
    );
    const at: EpochMs = date.getTime();
    return Number.isNaN(at) ? [] : [{ at, type: 'package', what: whatOf(verb, name, from, to) }];
  });
}
