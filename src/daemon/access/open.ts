/** Opens the access desk on the store. */
import type { Options } from '../../config/options.ts';
import type { Settings } from '../../config/settings.ts';
import { seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import { within } from '../../platform/within.ts';
import { emptyBatch, type Store } from '../../store/store.ts';
import type { AccessRow, StoredAccess } from '../../store/tables/access.ts';
import { developmentDigest } from '../credentials.ts';
import { AccessDesk } from './desk.ts';

/** A disk that does not answer (a frozen file system) is like a full one: people get in. */
const answerWithin = seconds(5);
const silence = 'the disk does not answer';

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

  let isSilent = false;
  const hear = (): void => {
    isSilent = false;
  };

  /** Past the queue: who makes a token waits for the answer, and has none when the disk is full. */
  async function save(rows: readonly AccessRow[]): Promise<string | null> {
    // Behind a writing that is not answered another one would not be either.
    if (isSilent) return silence;
    const commit = store.commit({ ...emptyBatch, access: rows });
    const answer = await within(clock, answerWithin, commit, undefined);
    if (answer !== undefined) return answer.type === 'committed' ? null : answer.why;
    isSilent = true;
    void commit.then(hear, hear);
    return silence;
  }

  const limits = () => {
    const { session, sessionIdle } = settings().access;
    return { idle: sessionIdle, longest: session };
  };
  return new AccessDesk({ clock, limits, save, development: developmentDigest(options) }, stored);
}
