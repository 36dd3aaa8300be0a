/**
 * The door to the service manager: sd_notify(3). READY, RELOADING, STOPPING, STATUS and WATCHDOG
 * go to $NOTIFY_SOCKET as lines, so no value may hold a newline: a unit's name in STATUS could
 * otherwise add an assignment of its own.
 */
import type { Ms } from '../domain/time.ts';
import { systemClock } from './clock.ts';
import { type Native, native } from './native.ts';

/** systemd reads at most 4096 bytes of one message (PIPE_BUF); the rest of the room is ours. */
const valueCharsMax = 900;

/** Well-formed, because a lone surrogate half has no bytes of its own in UTF-8. */
const oneLine = (value: string): string =>
  value
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, valueCharsMax)
    .toWellFormed();

/**
 * Tells the service manager: `sdNotify({ READY: '1', STATUS: '60 units watched' })`. RELOADING
 * gets its MONOTONIC_USEC, without which systemd 253 and newer fail the reload. False when
 * nobody listens or the message did not go out; never throws.
 */
export function sdNotify(
  fields: Readonly<Record<string, string>>,
  by: Pick<Native, 'notify'> | null = native ?? null,
): boolean {
  const stamp =
    fields.RELOADING === undefined
      ? {}
      : { MONOTONIC_USEC: String(Math.round(systemClock.monotonic() * 1000)) };
  const lines = Object.entries({ ...fields, ...stamp }).map(
    ([name, value]) => `${oneLine(name)}=${oneLine(value)}`,
  );
  try {
    return by?.notify(lines.join('\n')) ?? false;
  } catch {
    // A full queue or a manager that goes down: the next message tells it again.
    return false;
  }
}

/**
 * How often the service manager wants to hear WATCHDOG=1 at the latest, from WATCHDOG_USEC;
 * undefined when it does not, or means another process (WATCHDOG_PID).
 */
export function watchdogInterval(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Ms | undefined {
  const usec = Number(env.WATCHDOG_USEC ?? Number.NaN);
  const meant = env.WATCHDOG_PID;
  if (!Number.isSafeInteger(usec) || usec <= 0) return undefined;
  return meant === undefined || Number(meant) === pid ? usec / 1000 : undefined;
}
