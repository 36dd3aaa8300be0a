/**
 * Asks one device, in a child process with a limit: `sg_logs` for log pages, `mtx status` for the
 * elements of a library. Never TEST UNIT READY, never mt, and page 2Eh only where settings allow.
 */
import type { Ms } from '../../domain/time.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import { parseHex } from './hex.ts';
import { type ElementStatus, parseElementStatus } from './mtx.ts';

export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  /** Somebody else has reserved it: it is there, and in use. */
  | { readonly type: 'reserved' }
  /** The program is not installed. */
  | { readonly type: 'missing'; readonly program: string }
  /** No answer in time, or the one before has not ended. */
  | { readonly type: 'hung'; readonly why: string }
  /** tocsin itself could not ask: no process to be had. It says nothing about the device. */
  | { readonly type: 'unasked'; readonly why: string }
  | { readonly type: 'failed'; readonly why: string };

export interface Asking {
  readonly probes: Probes;
  readonly timeout: Ms;
  readonly signal: AbortSignal;
}

/** What must not be asked twice at once. */
export const objectOf = (id: string): string => `tape ${id}`;

/** Exit status of sg3_utils (sg3_utils(8), SG_LIB_CAT_RES_CONFLICT). */
const reservedStatus = 24;
const conflict = /reservation[ _]conflict/i;
const whyCharsMax = 200;
// The largest library prints some 60 bytes for each element.
const outputBytesMax = 8 * 1024 * 1024;

/** Without controls: what a program prints ends in mails and terminals. */
const plain = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, whyCharsMax);

function answerOf<T>(
  program: string,
  outcome: ProbeOutcome,
  timeout: Ms,
  read: (stdout: string) => T | undefined,
): Answer<T> {
  if (outcome.type === 'missing')
    return outcome.why.endsWith('ENOENT')
      ? { type: 'missing', program }
      : { type: 'unasked', why: `${program} cannot be started: ${plain(outcome.why)}` };
  if (outcome.type === 'busy')
    return { type: 'hung', why: `${program}: an earlier command has not ended` };
  if (outcome.type === 'timeout')
    return { type: 'hung', why: `${program}: no answer within ${timeout / 1000} s` };
  const { exitStatus, signal, stdout, stderr, truncated } = outcome;
  if (exitStatus === reservedStatus || conflict.test(stderr) || conflict.test(stdout))
    return { type: 'reserved' };
  if (exitStatus !== 0) {
    const how = exitStatus === null ? `ended by ${signal}` : `exit status ${exitStatus}`;
    const said = plain(stderr) || plain(stdout);
    return { type: 'failed', why: `${program}: ${how}${said === '' ? '' : `: ${said}`}` };
  }
  const value = truncated ? undefined : read(stdout);
  return value === undefined
    ? { type: 'failed', why: `${program}: its answer is not understood` }
    : { type: 'answered', value };
}

/** One log page as bytes. Read-only, without INQUIRY before it. */
export async function askLogPage<T>(
  { probes, timeout, signal }: Asking,
  id: string,
  node: string,
  page: number,
  decode: (bytes: Uint8Array) => T | undefined,
): Promise<Answer<T>> {
  const number = `0x${page.toString(16).padStart(2, '0')}`;
  const argv = ['sg_logs', '--readonly', '--no_inq', '-HHH', `--page=${number}`, node] as const;
  const outcome = await probes.run(objectOf(id), argv, { timeout, outputBytesMax, signal });
  return answerOf('sg_logs', outcome, timeout, (stdout) => decode(parseHex(stdout)));
}

export async function askElements(
  { probes, timeout, signal }: Asking,
  id: string,
  node: string,
): Promise<Answer<ElementStatus>> {
  const argv = ['mtx', '-f', node, 'status'] as const;
  const outcome = await probes.run(objectOf(id), argv, { timeout, outputBytesMax, signal });
  return answerOf('mtx', outcome, timeout, parseElementStatus);
}
