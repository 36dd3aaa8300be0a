/**
 * The looks at places, the last one of each kept. Several at a time, so that one that hangs
 * harms no other; a place that did not answer the last time has a lane of its own kind and is not
 * waited for: its answer is told when it comes.
 */
import type { Ms } from '../../domain/time.ts';
import type { Probes } from '../../platform/probes.ts';
import { type Look, lookOf, statfsBytesMax, statfsCommand, statfsTimeout } from '../statfs.ts';
import { createLane } from './lane.ts';

const answeringAtOnceMax = 4;
const silentAtOnceMax = 2;

export interface Looks {
  /** Looks at all of them; resolves when those have answered that did so before. */
  refresh(paths: readonly string[], signal: AbortSignal): Promise<void>;
  find(path: string): Look | undefined;
}

async function probe(
  probes: Probes,
  path: string,
  signal: AbortSignal,
  timeout: Ms = statfsTimeout,
): Promise<Look> {
  const options = { timeout, outputBytesMax: statfsBytesMax, signal };
  return lookOf(await probes.run(`mount ${path}`, statfsCommand(path), options));
}

/** `answered` is called when a place was heard of that nobody waited for. */
export function createLooks(probes: Probes, answered: () => void, timeout?: Ms): Looks {
  const last = new Map<string, Look>();
  const running = new Map<string, Promise<void>>();
  const lane = createLane(answeringAtOnceMax);
  const silentLane = createLane(silentAtOnceMax);

  const look = (path: string, isSilent: boolean, signal: AbortSignal): Promise<void> => {
    const before = running.get(path);
    if (before) return before;
    const own = isSilent ? silentLane : lane;
    const looking = own(async () => {
      if (signal.aborted) return;
      const found = await probe(probes, path, signal, timeout);
      if (signal.aborted) return;
      const wasWell = last.get(path)?.type !== 'unreachable';
      last.set(path, found);
      if (isSilent && (wasWell || found.type !== 'unreachable')) answered();
    }).finally(() => running.delete(path));
    running.set(path, looking);
    return looking;
  };

  return {
    refresh: async (paths, signal) => {
      const wanted = new Set(paths);
      for (const path of last.keys()) if (!wanted.has(path)) last.delete(path);
      const waitedFor: Promise<void>[] = [];
      for (const path of wanted) {
        const isSilent = last.get(path)?.type === 'unreachable';
        const looking = look(path, isSilent, signal);
        if (!isSilent) waitedFor.push(looking);
      }
      await Promise.all(waitedFor);
    },
    find: (path) => last.get(path),
  };
}
