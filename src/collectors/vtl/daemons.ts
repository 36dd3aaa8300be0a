/** The daemons of mhvtl, as the systemd collector knows their units. */
import { isUnreadable, type Unreadable, unreadable } from '../../domain/reading.ts';
import type { Known } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { DeclaredUnit } from './device-conf.ts';

export interface Daemon {
  readonly active: boolean | Unreadable;
  /** When this run began; null while it does not run. */
  readonly startedAt: EpochMs | Unreadable | null;
}

export const unitOf = ({ type, id }: Pick<DeclaredUnit, 'type' | 'id'>): string =>
  `${type === 'Library' ? 'vtllibrary' : 'vtltape'}@${id}.service`;

const unseen = (why: string): Daemon => ({ active: unreadable(why), startedAt: unreadable(why) });

/** A unit that systemd has not loaded does not run: that is known as soon as systemd is seen. */
export function readDaemon(known: Known, unit: string): Daemon {
  const found = known.find('systemd.unit', unit);
  const teller = found ?? known.find('systemd.manager', 'system');
  if (teller === undefined) return unseen('systemd is not seen');
  if (teller.staleSince !== null) return unseen('systemd is not seen any more');
  if (found === undefined) return { active: false, startedAt: null };
  const { activeState, activeEnterAt } = found.attributes;
  if (typeof activeState !== 'string')
    return unseen(isUnreadable(activeState) ? activeState.unreadable : `${unit} has no state yet`);
  const active = activeState === 'active' || activeState === 'reloading';
  const startedAt = active && typeof activeEnterAt === 'number' ? activeEnterAt : null;
  return { active, startedAt };
}

const instance = /^(vtllibrary|vtltape)@(\d{1,9})\.service$/;

/** Numbers of the daemons that systemd knows: all there is when device.conf cannot be read. */
export function listDaemons(known: Known): { type: DeclaredUnit['type']; id: string }[] {
  return known.list('systemd.unit').flatMap(({ id }) => {
    const [, program, number] = instance.exec(id) ?? [];
    if (number === undefined) return [];
    return [{ type: program === 'vtllibrary' ? 'Library' : 'Drive', id: number }] as const;
  });
}
