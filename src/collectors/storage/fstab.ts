/** What should be mounted: /etc/fstab (fstab(5)) and the names of mount units. */
import { unescapeOctal } from './mountinfo.ts';

export interface DeclaredMount {
  readonly point: string;
  readonly type: string;
  /** It must be there always: not `noauto`, not mounted on first use. */
  readonly always: boolean;
  /** undefined: nobody says. */
  readonly readOnly: boolean | undefined;
}

/** Entries with a mount point, in order; comments, swap and broken lines are left out. */
export function parseFstab(text: string): readonly DeclaredMount[] {
  return text.split('\n').flatMap((line) => {
    const [source = '', point = '', type = '', options = 'defaults'] = line.trim().split(/[ \t]+/);
    if (source === '' || source.startsWith('#') || !point.startsWith('/') || type === '') return [];
    const words = options.split(',');
    const always = !words.includes('noauto') && !words.includes('x-systemd.automount');
    const path = unescapeOctal(point).replace(/(.)\/+$/, '$1');
    return [{ point: path, type, always, readOnly: words.includes('ro') }];
  });
}

/**
 * The first line that mount(8) and systemd ignore because it makes no sense: `3: why`. Three fields
 * are the least (libmount, mnt_parse_table_line).
 */
export function findFlaw(text: string): string | null {
  for (const [i, line] of text.split('\n').entries()) {
    const [source = '', point = '', type = ''] = line.trim().split(/[ \t]+/);
    if (source === '' || source.startsWith('#')) continue;
    if (type === '') return `${i + 1}: expected "DEVICE PLACE TYPE OPTIONS", a field is missing`;
    if (!point.startsWith('/') && point !== 'none' && type !== 'swap')
      return `${i + 1}: ${JSON.stringify(point.slice(0, 60))} is no absolute path`;
  }
  return null;
}

/** systemd.unit(5): `srv-my\x2ddata.mount` is /srv/my-data; undefined for no mount unit. */
export function mountPointOf(unit: string): string | undefined {
  if (!unit.endsWith('.mount')) return undefined;
  const name = unit.slice(0, -'.mount'.length);
  if (name === '-') return '/';
  const bytes: number[] = [];
  const source = new TextEncoder().encode(`/${name.replaceAll('-', '/')}`);
  for (let i = 0; i < source.length; i++) {
    const digits = /^\\x([0-9a-f]{2})$/i.exec(String.fromCharCode(...source.subarray(i, i + 4)));
    bytes.push(digits?.[1] === undefined ? (source[i] ?? 0) : Number.parseInt(digits[1], 16));
    if (digits) i += 3;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** The other way round, as systemd-escape --path does it. */
export function mountUnitOf(point: string): string {
  const path = point.split('/').filter(Boolean).join('/');
  if (path === '') return '-.mount';
  let name = '';
  for (const [i, byte] of new TextEncoder().encode(path).entries()) {
    const letter = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9:_]/.test(letter) || (letter === '.' && i > 0);
    if (letter === '/') name += '-';
    else name += plain ? letter : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${name}.mount`;
}
