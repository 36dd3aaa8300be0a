/** Opens the access desk on the store. */
import type { Options } from '../../config/options.ts';
import type { Settings } from '../../config/settings.ts';
import type { Clock } from '../../platform/clock.ts';
import { emptyBatch, type Store } from '../../store/store.ts';
import type { AccessRow, StoredAccess } from '../../store/tables/access.ts';
import { developmentDigest } from '../credentials.ts';
import { AccessDesk } from './desk.ts';

export function openAccess(
  parts: {
    readonly store: Pick<Store, 'commit'>;
    readonly clock: Clock;
    readonly options: Pick<Options, 'listen' | 'runtimeDir'>;
    readonly settings: () => Settings;
  },
  stored: StoredAccess,
): AccessDesk {
  const { clock, options, settings, store } = parts;

  /** Past the queue: who makes a token waits for the answer, and has none when the disk is full. */
  async function save(rows: readonly AccessRow[]): Promise<string | null> {
    const answer = await store.commit({ ...emptyBatch, access: rows });
    return answer.type === 'committed' ? null : answer.why;
  }

  const limits = () => {
    const { session, sessionIdle } = settings().access;
    return { idle: sessionIdle, longest: session };
  };
  return new AccessDesk({ clock, limits, save, development: developmentDigest(options) }, stored);
}
