/** How commands are asked that may take long, and why one gave no answer. */
import type { Ms } from '../../domain/time.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import { lastWords } from '../statfs.ts';

export interface Asking {
  readonly probes: Probes;
  readonly timeout: Ms;
  readonly signal: AbortSignal;
}

const commandMissing = 127;

/** Why a command gave no answer; undefined when it gave one. */
export function whyNot(outcome: ProbeOutcome, { timeout }: Asking): string | undefined {
  if (outcome.type === 'missing') return outcome.why;
  if (outcome.type === 'timeout') return `no answer within ${timeout / 1000}s`;
  if (outcome.type === 'busy') return 'the command before has not ended';
  if (outcome.exitStatus === 0) return outcome.truncated ? 'the answer is too long' : undefined;
  if (outcome.exitStatus === commandMissing) return 'the command is not installed';
  return lastWords(outcome.stderr) || `exit status ${outcome.exitStatus}`;
}

export const stdoutOf = (outcome: ProbeOutcome): string =>
  outcome.type === 'ended' ? outcome.stdout : '';
