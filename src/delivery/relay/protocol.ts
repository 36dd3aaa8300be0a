/**
 * What is said over relay.sock, as HTTP:
 *
 *   GET  /messages?channel=NAME&channel=NAME&patience=MS   the next message of each, long poll
 *   POST /attempts                                         what became of one; 204 when durable
 *   GET  /alive                                            whether the core works
 *
 * Whoever holds the socket can read what is to be told over the network and say what became of
 * it, and nothing more.
 */
import type { Health } from '../../domain/health.ts';
import type { Attempt, Message, Outcome } from '../../domain/message.ts';
import { type EpochMs, type Ms, seconds } from '../../domain/time.ts';

/** The answer of GET /alive. */
export interface Alive {
  /** The pipeline makes progress: the same that feeds systemd's watchdog. */
  readonly alive: boolean;
  /** Why not. */
  readonly why: string | null;
  readonly health: Health;
}

/** The answer of GET /messages. */
export interface Messages {
  readonly messages: readonly Message[];
}

/** More channels in one question are refused. */
export const channelsMax = 200;
/** A longer wait is cut to it. */
export const patienceMax: Ms = seconds(60);
/** An attempt is a few hundred bytes. */
export const attemptBytesMax = 64 * 1024;
/** 100 alerts with all their evidence are about 5 MB. */
export const messagesBytesMax = 64 * 1024 * 1024;

const textCharsMax = 4000;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= textCharsMax;

/** The last instant that has a name: ECMA-262, "Time Values". */
const instantMax: EpochMs = 8.64e15;

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Undefined when it is none. */
function readOutcome(value: unknown): Outcome | undefined {
  if (!isFields(value)) return undefined;
  const { type, detail, why, maybe, after } = value;
  if (type === 'delivered' && isText(detail)) return { type, detail };
  if (type === 'refused' && isText(why)) return { type, why };
  if (type !== 'retry' || !isText(why) || typeof maybe !== 'boolean') return undefined;
  if (after === undefined) return { type, why, maybe };
  return isNumber(after) ? { type, why, maybe, after } : undefined;
}

/** The attempt that a body holds, without what does not belong to one; else what is wrong. */
export function readAttempt(text: string): Attempt | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the body is not JSON';
  }
  if (!isFields(value)) return 'an attempt is an object';
  const { key, channel, at, took } = value;
  if (!isText(key) || key === '') return 'key: the key of a message is expected';
  if (!isText(channel) || channel === '') return 'channel: the name of a channel is expected';
  if (!isNumber(at) || at > instantMax) return 'at: milliseconds since 1970 are expected';
  if (!isNumber(took)) return 'took: milliseconds are expected';
  const outcome = readOutcome(value.outcome);
  if (outcome === undefined)
    return 'outcome: {type: delivered, detail}, {type: retry, why, maybe} or {type: refused, why} is expected';
  return { key, channel, at, took, outcome };
}
