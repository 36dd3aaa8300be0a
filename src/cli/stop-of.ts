/** What goes wrong on the way to tocsind, or is refused there, as a way to end the program. */
import { Foreign, Late, NoSuchPath, Refused, TooLong, Unreachable } from '../../client/errors.ts';
import { type ExitName, Stop } from './exit.ts';

const exitOfStatus: Readonly<Record<number, ExitName>> = {
  400: 'usage',
  401: 'not-permitted',
  403: 'not-permitted',
  404: 'unknown',
  409: 'conflict',
  412: 'conflict',
  414: 'usage',
};
export const exitOf = (status: number): ExitName => exitOfStatus[status] ?? 'failed';

const advice: Readonly<Record<string, string>> = {
  unauthenticated: 'Give a token with TOCSIN_TOKEN.',
  'not-permitted':
    'On the socket root and the group tocsin-admin may do everything, tocsin-read may look.',
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  EAGAIN: 'it has no room for one more connection',
  ENOTFOUND: 'there is no such host',
  ECONNRESET: 'it ended the connection',
};

function stopOfRefusal({ problem }: Refused): Stop {
  const { title, detail, hint, code, status } = problem;
  const said = detail === undefined ? title : `${title}: ${detail}`;
  const more = [hint, advice[code]].filter((line) => line !== undefined);
  return new Stop(exitOf(status), [said, ...more].join('\n'));
}

function stopOfWay({ code, message, target }: Unreachable): Stop {
  if (code === 'EACCES' || code === 'EPERM')
    return new Stop('not-permitted', `you may not connect to ${target}`);
  const next = target.startsWith('/')
    ? 'Look at it with: systemctl status tocsin'
    : 'Look at the address, and on its machine at: systemctl status tocsin';
  const why = reasons[code] ?? message;
  return new Stop('unreachable', `tocsind cannot be reached at ${target}: ${why}.\n${next}`);
}

/** The way to end; undefined for what is a fault of ours. */
export function stopOf(error: unknown): Stop | undefined {
  if (error instanceof Stop) return error;
  if (error instanceof Refused) return stopOfRefusal(error);
  if (error instanceof Unreachable) return stopOfWay(error);
  if (error instanceof Late) return new Stop('timeout', `${error.message} (--timeout)`);
  if (error instanceof NoSuchPath) return new Stop('unknown', error.message);
  if (error instanceof Foreign) return new Stop(exitOf(error.status), error.message);
  return error instanceof TooLong ? new Stop('failed', error.message) : undefined;
}

/** Runs it, and throws a way to end where it fails. */
export async function stopping<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw stopOf(error) ?? error;
  }
}
