/**
 * The native addon: sd_notify, datagrams, peer credentials, CLOCK_MONOTONIC. Undefined where not
 * built.
 */
import { createRequire } from 'node:module';

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, from SO_PEERGROUPS. */
  readonly groups: readonly number[];
}

export interface Native {
  /** Sends a datagram to $NOTIFY_SOCKET. False when there is none; throws with the errno's text. */
  notify(state: string): boolean;
  /** Sends a datagram to a Unix socket: 0, or the errno. */
  sendDatagram(path: string, bytes: Buffer): number;
  peerCredentials(fd: number): PeerCredentials;
  monotonicUsec(): number;
}

function load(): Native | undefined {
  const require: (path: string) => Native = createRequire(import.meta.url);
  // Beside the bundle in the package; in build/ of a checkout.
  for (const path of ['./tocsin_native.node', '../../build/tocsin_native.node']) {
    try {
      return require(path);
    } catch {
      // Not here: the next place, or none.
    }
  }
  return undefined;
}

export const native: Native | undefined = load();
