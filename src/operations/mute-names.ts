/** What an id in `mutedBy` stands for, in words that a reader of the alert understands. */
import type { Alert } from '../domain/alert.ts';
import type { EpochMs } from '../domain/time.ts';
import { flappingRule } from '../rules/engine/flap-alert.ts';
import type { House } from './house.ts';

export const muterTypes = [
  'silence',
  'maintenance',
  'cause', // the alert that is to blame
  'inhibition', // an alert that a rule names in `inhibitedBy`
  'flapping',
  'unknown', // it is no longer kept
] as const;

export interface Muter {
  readonly id: string;
  readonly type: (typeof muterTypes)[number];
  /** The comment of a silence or window, the title of an alert. */
  readonly name: string;
  /** Who set it; null: tocsin. */
  readonly by: string | null;
  /** When it ends by itself; null: with the alert that mutes, or not known. */
  readonly until: EpochMs | null;
}

function alertMuter(id: string, muter: Alert, muted: Alert): Muter {
  const isCause = muted.cause === id || muter.victims.includes(muted.id);
  const type = muter.rule === flappingRule ? 'flapping' : isCause ? 'cause' : 'inhibition';
  return { id, type, name: muter.title, by: null, until: null };
}

/** `muted`: the alert that it mutes. */
export async function nameMuter(house: House, id: string, muted: Alert): Promise<Muter> {
  const silence = house.mutes.silences().find((one) => one.id === id);
  if (silence !== undefined) {
    const { comment, createdBy, endsAt } = silence;
    return { id, type: 'silence', name: comment, by: createdBy, until: endsAt };
  }
  const window = house.mutes.windows().find((one) => one.id === id);
  if (window !== undefined) {
    const until = house.mutes.openingOf(id)?.endsAt ?? null;
    return { id, type: 'maintenance', name: window.comment, by: window.createdBy, until };
  }
  const alert = await house.findAlert(id);
  if (alert !== undefined) return alertMuter(id, alert, muted);
  return { id, type: 'unknown', name: '', by: null, until: null };
}
