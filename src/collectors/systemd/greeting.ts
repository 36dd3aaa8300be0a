/** The first words on a new connection: what is to be heard, and who systemd is. */
import type { BusConnection } from '../../platform/system-bus.ts';
import { textOf } from './facts.ts';
import { busName, managerPath, systemdName } from './names.ts';

const busPath = '/org/freedesktop/DBus';

// Two rules for all units: the bus allows 512 to one connection.
const matches = [
  `type='signal',sender='${systemdName}',path_namespace='${managerPath}'`,
  `type='signal',sender='${busName}',path='${busPath}',interface='${busName}',` +
    `member='NameOwnerChanged',arg0='${systemdName}'`,
];

export type Greeted =
  | { readonly type: 'greeted'; readonly owner: string }
  | { readonly type: 'refused'; readonly why: string };

export async function greet(connection: BusConnection): Promise<Greeted> {
  for (const match of matches) {
    const added = await connection.addMatch(match);
    if (added.type !== 'returned') return { type: 'refused', why: `AddMatch: ${added.type}` };
  }
  const found = await connection.call({
    destination: busName,
    path: busPath,
    interface: busName,
    member: 'GetNameOwner',
    signature: 's',
    body: [systemdName],
  });
  const owner = found.type === 'returned' ? textOf(found.body[0]) : undefined;
  if (owner === undefined) return { type: 'refused', why: 'systemd is not on the system bus' };
  return { type: 'greeted', owner };
}
