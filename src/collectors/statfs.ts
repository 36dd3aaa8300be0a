/**
 * How full a place is: statfs of a path, always in a child process. A mount whose server is dead
 * lets nobody go who asks, and SIGKILL may not help; it must not be the daemon that waits.
 */
import { type Ms, seconds } from '../domain/time.ts';
import type { ProbeOutcome } from '../platform/probes.ts';

/** df(1) means the same by these words. `available` leaves out what is reserved for root. */
export interface Figures {
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
  /** Parts of one; null for a file system that has as many inodes as it needs. */
  readonly inodesUsedRatio: number | null;
}

/** How full it is, as df(1) shows it: of what is used and what may still be. */
export function usedRatioOf({ usedBytes, availableBytes }: Figures): number {
  const usable = usedBytes + availableBytes;
  return usable === 0 ? 1 : usedBytes / usable;
}

/** What is known of a place that was asked. */
export type Look =
  | ({ readonly type: 'figures' } & Figures)
  /** There is no such path, dataset or volume. */
  | { readonly type: 'missing'; readonly why: string }
  /** It is there, and it does not answer, or with an error of the medium. */
  | { readonly type: 'unreachable'; readonly why: string }
  /** Somebody would not let us look, or the answer makes no sense. */
  | { readonly type: 'unknown'; readonly why: string };

/** rules.md H-18: a file system that needs longer does no work. */
export const statfsTimeout: Ms = seconds(10);
export const statfsBytesMax = 4096;

/** statfs(2) by the only program that is on every machine. */
export const statfsCommand = (path: string) =>
  ['stat', '-f', '-c', '%b %f %a %S %c %d', '--', path] as const;

/** The answer of statfsCommand: blocks, free, available, their size, inodes, free ones. */
export function parseStatfs(text: string): Figures | undefined {
  const words = text.trim().split(' ');
  const [blocks, free, available, unit, inodes, freeInodes] = words.map(Number);
  if (words.length !== 6 || !words.every((word) => /^\d+$/.test(word))) return undefined;
  if (blocks === undefined || free === undefined || available === undefined) return undefined;
  if (unit === undefined || inodes === undefined || freeInodes === undefined) return undefined;
  if (blocks === 0 || unit === 0 || free > blocks) return undefined;
  const inodesUsedRatio = inodes === 0 ? null : Math.max(0, inodes - freeInodes) / inodes;
  return {
    sizeBytes: blocks * unit,
    usedBytes: (blocks - free) * unit,
    availableBytes: available * unit,
    inodesUsedRatio,
  };
}

// Messages of strerror(3) in the C locale, in which children speak.
const notThere = ['No such file or directory', 'Not a directory'];
const refused = ['Permission denied', 'Operation not permitted'];

/** The last words of what a program says: the system's own message. */
export function lastWords(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return (line.split(': ').at(-1) ?? '').slice(0, 200);
}

/** What the command's end says of the place. */
export function lookOf(outcome: ProbeOutcome): Look {
  if (outcome.type === 'missing') return { type: 'unknown', why: outcome.why };
  if (outcome.type === 'timeout')
    return { type: 'unreachable', why: `no answer within ${statfsTimeout / 1000}s` };
  if (outcome.type === 'busy') {
    const why = outcome.stuck ? 'a look at it hangs in the kernel' : 'no answer yet';
    return { type: outcome.stuck ? 'unreachable' : 'unknown', why };
  }
  if (outcome.exitStatus === 0) {
    const figures = parseStatfs(outcome.stdout);
    if (figures) return { type: 'figures', ...figures };
    return { type: 'unknown', why: 'its file system tells no size' };
  }
  const why = lastWords(outcome.stderr);
  if (notThere.includes(why)) return { type: 'missing', why };
  if (refused.includes(why) || why === '') return { type: 'unknown', why: why || 'stat failed' };
  return { type: 'unreachable', why };
}
