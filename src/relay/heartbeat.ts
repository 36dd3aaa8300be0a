/**
 * The dead-man's ping: an address elsewhere is asked again and again while tocsind works. When
 * the machine, tocsind or the network dies the asking ceases, and the other side tells of it.
 */
import type { Settings } from '../config/settings.ts';
import type { Alive } from '../delivery/relay/protocol.ts';
import type { Clock } from '../platform/clock.ts';
import type { Http } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { Secrets } from '../platform/secrets.ts';

export type HeartbeatSettings = Settings['heartbeat'];

export interface HeartbeatParts {
  readonly clock: Clock;
  readonly http: Pick<Http, 'get'>;
  readonly log: Log;
  readonly secrets: Secrets;
  /** Asks tocsind; undefined: it does not answer. */
  readonly alive: (signal: AbortSignal) => Promise<Alive | undefined>;
}

/** `https://hc-ping.com/UUID?rid=1` -> `https://hc-ping.com/UUID/fail?rid=1` */
export function failAddress(address: string): string {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/fail`;
  return url.href;
}

function readAddress(settings: HeartbeatSettings, secrets: Secrets): { url: string } | string {
  const { secretUrl } = settings;
  const read = secretUrl === null ? undefined : secrets.read(secretUrl);
  if (read?.type === 'missing') return read.why;
  const url = read?.text ?? settings.url;
  return URL.canParse(url) ? { url } : 'the address is not one';
}

/** Which address the state of tocsind is worth; undefined: none, so that the other side notices. */
export function chooseAddress(url: string, alive: Alive | undefined, fail: boolean) {
  if (alive === undefined) return undefined;
  if (!alive.alive) return fail ? failAddress(url) : undefined;
  return fail && alive.health === 'unhealthy' ? failAddress(url) : url;
}

/** Why it failed; null: it did not. */
async function ping(parts: HeartbeatParts, settings: HeartbeatSettings, signal: AbortSignal) {
  const address = readAddress(settings, parts.secrets);
  if (typeof address === 'string') return address;
  const alive = await parts.alive(signal);
  if (signal.aborted) return null;
  const url = chooseAddress(address.url, alive, settings.fail);
  if (url === undefined) return `not asked: tocsind ${alive?.why ?? 'does not answer'}`;
  const outcome = await parts.http.get(url, { timeout: settings.timeout, signal });
  if (signal.aborted) return null;
  if (outcome.type !== 'answer') return outcome.why;
  return outcome.status < 300 ? null : `the other side answered ${outcome.status}`;
}

/** Goes on until the signal aborts; nothing is sent at the end: a planned stop is no death. */
export async function beat(
  parts: HeartbeatParts,
  settings: HeartbeatSettings,
  signal: AbortSignal,
): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    const began = parts.clock.monotonic();
    const why = await ping(parts, settings, signal);
    if (why !== null && !failing) parts.log.warning(`heartbeat: ${why}, trying again`);
    if (why === null && failing && !signal.aborted) parts.log.notice('heartbeat: arrives again');
    failing = why !== null;
    const took = parts.clock.monotonic() - began;
    await parts.clock.sleep(Math.max(0, settings.every - took), signal);
  }
}
