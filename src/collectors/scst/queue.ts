/**
 * Reads that wait for SCST's own queue of work, up to 15 s and longer behind a stuck command
 * (scst_sysfs_queue_wait_work): `active_commands` of the sessions. One child process at a time
 * reads them all. That it gets no answer is itself a fact about SCST.
 */
import { unreadable } from '../../domain/reading.ts';
import { seconds } from '../../domain/time.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import type { Fact } from './attribute.ts';

const timeout = seconds(10);
/** Names on one command line; each has up to 500 characters. */
const filesAtOnce = 500;
const outputBytesMax = 1_000_000;

export interface QueueAnswer {
  readonly values: ReadonlyMap<string, Fact<number>>;
  /** No answer within the limit: the queue does not move. */
  readonly silent: boolean;
}

const file = (session: string): string => `${session}/active_commands`;

/** What grep says of a session that went away meanwhile: messages of strerror(3). */
const gone = ['No such file or directory', 'No such device', 'No such device or address'];
const queuedBehind = 'Resource temporarily unavailable';

/** Why each file was refused, by its path: `grep: PATH: WHY`. */
function refusalsOf(stderr: string): ReadonlyMap<string, string> {
  const refusals = new Map<string, string>();
  for (const line of stderr.split('\n')) {
    const [, path, why] = /^grep: (.*): (.*)$/.exec(line) ?? [];
    if (path !== undefined && why !== undefined) refusals.set(path, why);
  }
  return refusals;
}

function valuesOf(
  sessions: readonly string[],
  outcome: ProbeOutcome,
): ReadonlyMap<string, Fact<number>> {
  const same = (why: string): ReadonlyMap<string, Fact<number>> =>
    new Map(sessions.map((session) => [session, unreadable(why)]));
  if (outcome.type === 'missing') return same(outcome.why);
  if (outcome.type !== 'ended') return same('the queue of SCST does not answer');
  const texts = new Map<string, string>();
  for (const line of outcome.stdout.split('\n')) {
    const colon = line.lastIndexOf(':');
    const name = line.slice(0, colon);
    // A second line of a value is its mark [key].
    if (colon > 0 && !texts.has(name)) texts.set(name, line.slice(colon + 1).trim());
  }
  const refusals = refusalsOf(outcome.stderr);
  const factOf = (path: string): Fact<number> => {
    const text = texts.get(path);
    if (text !== undefined)
      return /^\d+$/.test(text) ? Number(text) : unreadable(`not a number: "${text}"`);
    const why = refusals.get(path);
    if (why === undefined || gone.includes(why)) return null;
    return unreadable(why === queuedBehind ? 'EAGAIN: queued behind other work of SCST' : why);
  };
  return new Map(sessions.map((session) => [session, factOf(file(session))]));
}

/** The commands in work of each session, by its path; null for one that went away meanwhile. */
export async function readQueued(
  probes: Probes,
  sessions: readonly string[],
  signal: AbortSignal,
): Promise<QueueAnswer> {
  const values = new Map<string, Fact<number>>();
  let silent = false;
  for (let i = 0; i < sessions.length; i += filesAtOnce) {
    const some = sessions.slice(i, i + filesAtOnce);
    const argv = ['grep', '-H', '', '--', ...some.map(file)] as const;
    const outcome = await probes.run('queue of SCST', argv, { timeout, outputBytesMax, signal });
    silent ||= outcome.type === 'timeout' || outcome.type === 'busy';
    for (const [session, fact] of valuesOf(some, outcome)) values.set(session, fact);
  }
  return { values, silent };
}
