/** What becomes of a report that was sent. */
import { Foreign, Refused } from '../../../client/errors.ts';
import type { Api } from '../api.ts';
import { stopOf } from '../stop-of.ts';

export type Answer =
  | { readonly type: 'delivered' }
  /** It would be refused again. */
  | { readonly type: 'refused'; readonly why: string }
  /** Later it may be taken. */
  | { readonly type: 'away'; readonly why: string };

export const isDelivered = ({ type }: Answer): boolean => type === 'delivered';

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** Too busy, and all that is wrong on the other side. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/** We may not connect; or something that is not tocsind does not want it. */
function isForbidden(error: unknown): boolean {
  if (error instanceof Foreign) return !isPassing(error.status);
  return stopOf(error)?.exit === 'not-permitted';
}

export const sender =
  (api: Pick<Api, 'report'>) =>
  async (body: unknown): Promise<Answer> => {
    try {
      await api.report(body);
      return { type: 'delivered' };
    } catch (error) {
      const why = firstLine(error instanceof Error ? (stopOf(error) ?? error).message : '');
      const isRefused =
        error instanceof Refused ? !isPassing(error.problem.status) : isForbidden(error);
      return { type: isRefused ? 'refused' : 'away', why };
    }
  };
