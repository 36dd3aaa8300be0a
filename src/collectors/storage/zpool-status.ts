/**
 * The text of `zpool status -pP NAME`, which Debian 12 (OpenZFS 2.1) and 13 (2.3) both write;
 * JSON came with 2.3. Source: openzfs cmd/zpool/zpool_main.c, print_scan_scrub_resilver_status and
 * print_status_config.
 */
import type { EpochMs } from '../../domain/time.ts';

export interface FaultyVdev {
  /** As zpool spells it: a path, or a number with the path that it had. */
  readonly name: string;
  readonly state: string;
}

export interface ZpoolStatus {
  readonly pool: string;
  readonly state: string;
  /** none, scrub, scrub-paused or resilver. */
  readonly syncAction: string;
  /** Of a scrub that has ended; undefined when the text tells of something else. */
  readonly lastScrubAt: EpochMs | undefined;
  readonly scrubErrors: number | undefined;
  /** Data errors; undefined when they were not told (privileges). */
  readonly errors: number | undefined;
  /** Read, write and checksum errors of all leaves. */
  readonly deviceErrors: number;
  /** Leaves: paths, or numbers of devices that are gone. */
  readonly devices: readonly string[];
  readonly faulty: readonly FaultyVdev[];
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** ctime(3), read as UTC: `Sun Nov  8 00:36:36 2026`. */
export function parseCtime(text: string): EpochMs | undefined {
  const match = /\b([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text.trim());
  const [month = '', day, hour, minute, second, year] = match?.slice(1) ?? [];
  if (!match || !months.includes(month)) return undefined;
  const [d = 0, h, m, s] = [day, hour, minute, second].map(Number);
  return Date.UTC(Number(year), months.indexOf(month), d, h, m, s);
}

/** The line behind `name:`; what goes on below it adds nothing that is needed here. */
const field = (text: string, name: string): string | undefined =>
  new RegExp(`^ *${name}: ?(.*)$`, 'm').exec(text)?.[1]?.trim();

type Scan = Pick<ZpoolStatus, 'syncAction' | 'lastScrubAt' | 'scrubErrors'>;

function parseScan(text: string): Scan {
  const none = { lastScrubAt: undefined, scrubErrors: undefined };
  if (text.startsWith('scrub in progress')) return { syncAction: 'scrub', ...none };
  if (text.startsWith('scrub paused')) return { syncAction: 'scrub-paused', ...none };
  if (text.startsWith('resilver in progress')) return { syncAction: 'resilver', ...none };
  const scrubbed = /^scrub repaired .* with (\d+) errors on ([^\n]+)/.exec(text);
  if (scrubbed === null) return { syncAction: 'none', ...none };
  return {
    syncAction: 'none',
    lastScrubAt: parseCtime(scrubbed[2] ?? ''),
    scrubErrors: Number(scrubbed[1]),
  };
}

interface Vdev {
  readonly depth: number;
  readonly name: string;
  readonly state: string;
  readonly errors: number;
}

const states = ['ONLINE', 'DEGRADED', 'FAULTED', 'OFFLINE', 'UNAVAIL', 'REMOVED', 'AVAIL', 'INUSE'];
const wellStates = ['ONLINE', 'AVAIL', 'INUSE'];
// In a spare or replacing group the leaves below speak; a group is no device.
const group = /^(mirror|raidz\d?|draid[\d:dsc]*|spare|replacing|indirect)-\d+/;
const classes = ['logs', 'cache', 'spares', 'special', 'dedup'];

/** Rows of the table below `config:`. Names may hold blanks; states may not. */
function parseVdevs(text: string): readonly Vdev[] {
  const rows = text.split('\n').flatMap((line) => {
    const match = /^\t( *)(.+?) +([A-Z]+)(?: +(\d+) +(\d+) +(\d+))?( .*)?$/.exec(line);
    const [, blanks = '', name = '', state = '', read, write, checksum, more = ''] = match ?? [];
    if (match === null || !states.includes(state)) return [];
    const errors = Number(read ?? 0) + Number(write ?? 0) + Number(checksum ?? 0);
    const was = /\bwas (\S+)/.exec(more)?.[1];
    return [{ depth: blanks.length, name: was ?? name, state, errors }];
  });
  return rows;
}

function leavesOf(rows: readonly Vdev[]): readonly Vdev[] {
  return rows.filter(
    ({ depth, name }, i) =>
      depth > 0 &&
      !classes.includes(name) &&
      !group.test(name) &&
      (rows[i + 1]?.depth ?? 0) <= depth,
  );
}

function parseErrors(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('No known data errors')) return 0;
  const count = /^(\d+) data errors/.exec(text);
  return count?.[1] === undefined ? undefined : Number(count[1]);
}

/** undefined when this is no status of a pool. */
export function parseZpoolStatus(text: string): ZpoolStatus | undefined {
  const pool = field(text, 'pool');
  const state = field(text, 'state');
  if (pool === undefined || state === undefined) return undefined;
  const config = text.indexOf('\nconfig:');
  const end = text.indexOf('\nerrors:', config);
  const table = config < 0 ? '' : text.slice(config, end < 0 ? undefined : end);
  const leaves = leavesOf(parseVdevs(table));
  return {
    pool,
    state,
    ...parseScan(field(text, 'scan') ?? ''),
    errors: parseErrors(field(text, 'errors')),
    deviceErrors: leaves.reduce((sum, { errors }) => sum + errors, 0),
    // A spare that stands in is listed twice.
    devices: [...new Set(leaves.map(({ name }) => name))],
    faulty: leaves
      .filter((leaf) => !wellStates.includes(leaf.state))
      .map(({ name, state: leafState }) => ({ name, state: leafState })),
  };
}
