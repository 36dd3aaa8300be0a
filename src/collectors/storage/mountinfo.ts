/**
 * /proc/PID/mountinfo: what is mounted where. Format: proc_pid_mountinfo(5).
 *
 * `36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
 *
 * Read-only is taken from the options of the file system (behind the dash), not from those of the
 * mount: tocsin runs with ProtectSystem=strict, where every mount of its own view is read-only.
 * The kernel's own remount after an error, and "mount -o remount,ro", change the former.
 */

export interface Mount {
  readonly mountId: string;
  /** MAJOR:MINOR: the same for all mounts of one file system. */
  readonly device: string;
  /** Which folder of the file system is mounted: `/`, or another for a bind mount. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly source: string;
  readonly readOnly: boolean;
  /** A sandbox of systemd lies over it (ProtectHome): what is below cannot be looked at. */
  readonly covered: boolean;
}

/** Space, tab, line feed, backslash and # are written as a backslash and three octal digits. */
export function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  const source = new TextEncoder().encode(text);
  for (let i = 0; i < source.length; i++) {
    const digits = String.fromCharCode(...source.subarray(i + 1, i + 4));
    const escaped = source[i] === 92 && /^[0-3][0-7]{2}$/.test(digits);
    bytes.push(escaped ? Number.parseInt(digits, 8) : (source[i] ?? 0));
    if (escaped) i += 3;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function parseLine(line: string): Mount | undefined {
  const dash = line.indexOf(' - ');
  const [mountId, , device, root, point] = line.slice(0, dash).split(' ');
  const [type, source, options = ''] = line.slice(dash + 3).split(' ');
  if (dash < 0 || !mountId || !device || !root || !point || !type || source === undefined)
    return undefined;
  return {
    mountId,
    device,
    root: unescapeOctal(root),
    point: unescapeOctal(point),
    type,
    source: unescapeOctal(source),
    readOnly: options.split(',').includes('ro'),
    covered: false,
  };
}

// systemd's sandbox mounts folders of this name over what a service shall not see. They lie in
// /run/systemd, or in /run/host where systemd itself runs in a container (seen with nspawn 252).
const isCover = ({ root, type }: Mount): boolean =>
  /\/(?:systemd|host)\/inaccessible\//.test(root) ||
  (type === 'tmpfs' && root.startsWith('/systemd/'));

/**
 * The mounts that can be seen, by mount point: of several on one point the last one lies on top.
 * Lines that are none are left out.
 */
export function parseMountinfo(text: string): ReadonlyMap<string, Mount> {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const mount = parseLine(line);
    if (mount === undefined) continue;
    const below = mounts.get(mount.point);
    if (!isCover(mount)) mounts.set(mount.point, mount);
    else if (below) mounts.set(mount.point, { ...below, covered: true });
  }
  return mounts;
}

const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/** The one of the folders that holds the path and is nearest to it. */
export function nearestAbove(path: string, folders: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  for (const folder of folders)
    if (isWithin(path, folder) && folder.length > (nearest?.length ?? 0)) nearest = folder;
  return nearest;
}
