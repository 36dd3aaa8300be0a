/** What becomes of a report that was sent. */
import { stopOf } from '../api.ts';
import { Stop } from '../exit.ts';
import type { Transport } from '../transport.ts';

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

export const sender =
  (transport: Transport) =>
  async (body: unknown): Promise<Answer> => {
    try {
      const answer = await transport.ask({ method: 'POST', path: '/api/v1/tasks', body });
      if (answer.status < 300) return { type: 'delivered' };
      const why = firstLine(stopOf(answer).message);
      return { type: isPassing(answer.status) ? 'away' : 'refused', why };
    } catch (error) {
      const isForbidden = error instanceof Stop && error.exit === 'not-permitted';
      return { type: isForbidden ? 'refused' : 'away', why: firstLine((error as Error).message) };
    }
  };
