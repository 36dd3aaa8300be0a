/** How the machine has mounted a place, which a sandbox of our own may show otherwise. */
import { readFileSync } from 'node:fs';

interface Mount {
  readonly point: string;
  /** Both of the mount and of its file system: `ro` in either takes no writing. */
  readonly options: readonly string[];
}

/** mountinfo(5): `36 35 98:0 /root /point ro,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue`. */
function parseMount(line: string): Mount | undefined {
  const [own = '', system = ''] = line.split(' - ');
  const [, , , , point, options] = own.split(' ');
  if (point === undefined || options === undefined) return undefined;
  const plain = point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  const all = [...options.split(','), ...(system.split(' ')[2] ?? '').split(',')];
  return { point: plain, options: all };
}

const holds = (point: string, path: string): boolean =>
  point === '/' || path === point || path.startsWith(`${point}/`);

/** Whether the mount that shows at the path takes writing, by this text of a mountinfo. */
export function isWritableIn(text: string, path: string): boolean {
  let found: Mount | undefined;
  for (const line of text.split('\n')) {
    const mount = parseMount(line);
    // A later one lies over an earlier one of the same length.
    if (mount === undefined || !holds(mount.point, path)) continue;
    if (mount.point.length >= (found?.point.length ?? 0)) found = mount;
  }
  return found !== undefined && !found.options.includes('ro');
}

/** As process 1 sees it: what is mounted anew shows there, and not in the sandbox of a service. */
export function isMountedWritable(path: string): boolean {
  try {
    return isWritableIn(readFileSync('/proc/1/mountinfo', 'utf8'), path);
  } catch {
    return false;
  }
}
