/** Everything that says what should be mounted: fstab, and mount units that are enabled. */
import type { Known } from '../../domain/resource.ts';
import type { BlockPorts } from './block-names.ts';
import { type DeclaredMount, mountPointOf, parseFstab } from './fstab.ts';

export function readDeclared({ files, roots }: BlockPorts, known: Known): readonly DeclaredMount[] {
  let text = '';
  try {
    text = files.readText(`${roots.etc}/fstab`) ?? '';
  } catch {
    // Nobody may read it; the units that systemd made of it say the same.
  }
  const declared = [...parseFstab(text)];
  const points = new Set(declared.map(({ point }) => point));
  for (const { id, attributes } of known.list('systemd.unit')) {
    const point = mountPointOf(id);
    if (point === undefined || points.has(point)) continue;
    if (attributes.unitFileState !== 'enabled') continue;
    declared.push({ point, type: '', always: true, readOnly: undefined });
  }
  return declared;
}
