/** Everything that says what should be mounted: fstab, and mount units that are enabled. */
import type { Known } from '../../domain/resource.ts';
import { codeOf } from '../attribute.ts';
import type { BlockPorts } from './block-names.ts';
import { type DeclaredMount, findFlaw, mountPointOf, parseFstab } from './fstab.ts';

export interface Declared {
  readonly mounts: readonly DeclaredMount[];
  /** What of fstab cannot be read, and why. */
  readonly trouble: string | null;
}

/** `before` stays in force while fstab cannot be read. */
export function readDeclared(
  { files, roots }: BlockPorts,
  known: Known,
  before: readonly DeclaredMount[],
): Declared {
  const declared: DeclaredMount[] = [];
  let trouble: string | null = null;
  try {
    const text = files.readText(`${roots.etc}/fstab`) ?? '';
    declared.push(...parseFstab(text));
    const flaw = findFlaw(text);
    if (flaw !== null) trouble = `/etc/fstab:${flaw}; the line is ignored`;
  } catch (error) {
    declared.push(...before);
    trouble = `/etc/fstab cannot be read: ${codeOf(error)}`;
  }
  const points = new Set(declared.map(({ point }) => point));
  for (const { id, attributes } of known.list('systemd.unit')) {
    const point = mountPointOf(id);
    if (point === undefined || points.has(point)) continue;
    if (attributes.unitFileState !== 'enabled') continue;
    declared.push({ point, type: '', always: true, readOnly: undefined });
  }
  return { mounts: declared, trouble };
}
