/** A glance: all facts that cost little, as one text that differs when something has changed. */
import type { BlockPorts } from './block-names.ts';
import { glanceAtDisks } from './disks.ts';
import { mdArrays } from './md.ts';
import { readZfsStates } from './zfs.ts';

/** These move all the time while an array is rebuilt, and wait for the next whole look. */
const restless = ['syncRatio', 'deviceErrors'];

/** The text of mountinfo comes first, up to a NUL. */
export function readGlance(ports: BlockPorts): string {
  const { files, roots } = ports;
  const mounts = files.readText(`${roots.proc}/self/mountinfo`) ?? '';
  const steady = (name: string, value: unknown): unknown =>
    restless.includes(name) ? undefined : value;
  const zfs = readZfsStates(ports);
  const states = 'why' in zfs ? zfs.why : JSON.stringify([...zfs]);
  return [mounts, states, JSON.stringify(mdArrays(ports), steady), glanceAtDisks(ports)].join('\0');
}
