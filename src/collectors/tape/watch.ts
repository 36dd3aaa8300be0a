/**
 * Watches between two looks: /dev announces what comes and goes (inotify is true there), nothing
 * announces what a device does, so its counters are glanced at each second.
 */
import { partial } from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Ports, Watcher } from '../collector.ts';
import type { News } from '../told.ts';
import { Asker, type AskerSettings } from './asker.ts';
import type { Devices } from './devices.ts';
import { quietBefore } from './permission.ts';

export type WatchPorts = Pick<Ports, 'clock' | 'folders' | 'known' | 'probes' | 'roots'>;

export interface WatchSettings extends AskerSettings {
  readonly commands: boolean;
  readonly commandsEvery: Ms;
}

const glanceEvery = seconds(1);
/** A host adapter that comes up makes a hundred nodes; one look in so long is enough for them. */
const hintsTogether: Ms = 50;
const eye = 'tape nodes';
/** Nodes of tape among all that changes in /dev, and the folder of lasting names. */
const ofTape = /\/(n?st\d+[alm]?|sg\d+|sch\d+|tape)$|\/tape\/by-id\//;

function tell(watcher: Watcher, { resources, gone }: News): void {
  if (resources.length + gone.length > 0) watcher.tell(partial(resources, { gone }));
}

/** Reading the list of devices failed: the next complete look says so. */
function attempt(watcher: Watcher, read: () => News): void {
  try {
    tell(watcher, read());
  } catch (error) {
    watcher.lookAgain(error instanceof Error ? error.message : 'the list of devices');
  }
}

/** Looks at once when a node comes or goes, however many of them at the same time. */
function followNodes(
  { clock, folders, roots }: WatchPorts,
  devices: Devices,
  watcher: Watcher,
): void {
  let lookedAt = -hintsTogether;
  let waiting = false;
  const look = (): void => {
    waiting = false;
    if (watcher.signal.aborted) return;
    lookedAt = clock.monotonic();
    attempt(watcher, () => devices.lookForNews());
  };
  const hint = (): void => {
    const early = lookedAt + hintsTogether - clock.monotonic();
    if (early <= 0) look();
    else if (!waiting) {
      waiting = true;
      clock.after(early, look);
    }
  };
  const listener = {
    changed: (path: string) => {
      if (ofTape.test(path)) hint();
    },
    failed: (why: string) => watcher.blindPart(eye, why),
  };
  folders.watch([roots.dev, `${roots.dev}/tape/by-id`], listener, watcher.signal);
}

async function askNowAndThen(
  ports: WatchPorts,
  settings: WatchSettings,
  asker: Asker,
  { signal }: Watcher,
): Promise<void> {
  // Before the first look has become old enough, nobody can say that a device is not in use.
  let pause = quietBefore + seconds(5);
  while (!signal.aborted) {
    await ports.clock.sleep(pause, signal);
    pause = settings.commandsEvery;
    if (!signal.aborted) await asker.round();
  }
}

export async function watchTape(
  ports: WatchPorts,
  settings: WatchSettings,
  devices: Devices,
  watcher: Watcher,
): Promise<void> {
  const { signal } = watcher;
  followNodes(ports, devices, watcher);
  const asker = settings.commands ? new Asker(ports, settings, devices, watcher) : undefined;
  const asking = asker === undefined ? undefined : askNowAndThen(ports, settings, asker, watcher);
  const glancing = (async () => {
    while (!signal.aborted) {
      await ports.clock.sleep(glanceEvery, signal);
      if (signal.aborted) return;
      attempt(watcher, () => devices.glance());
      asker?.tellBlind();
    }
  })();
  await Promise.all([glancing, asking]);
}
