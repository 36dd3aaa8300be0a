/**
 * Does anything listen on the iSCSI port? From the socket tables of the first process, because
 * tocsind has a network of its own, in which nothing listens (PrivateNetwork=).
 */
import { unreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import type { Fact } from './attribute.ts';

/** Port 3260 in hexadecimal after the address, any peer, state 0A: listening (proc(5)). */
const listener = /^ *\d+: [0-9A-F]+:0CBC [0-9A-F]+:0000 0A /m;

/** The kernel lists listeners first, so the first 4 KiB answer nearly always. */
function hasListener(files: Files, path: string): boolean | undefined {
  const begin = files.readAttribute(path);
  if (begin === undefined) return undefined;
  return listener.test(begin) || listener.test(files.readText(path) ?? '');
}

export function readPortal(files: Files, proc: string): Fact<boolean> {
  try {
    const found = ['tcp', 'tcp6'].map((name) => hasListener(files, `${proc}/1/net/${name}`));
    if (found.includes(true)) return true;
    if (found[0] === undefined)
      return unreadable('the sockets of the system are hidden from tocsin (ProtectProc)');
    return false;
  } catch (error) {
    return unreadable((error as Error).message);
  }
}
