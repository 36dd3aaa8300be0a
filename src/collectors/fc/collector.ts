/**
 * Fibre Channel ports of this machine: is the link up, as fast as before, and without errors? And
 * is every port still there that was online once?
 *
 * Nothing announces a change of a port's state in sysfs, so it is read every 10 seconds.
 */
import { createMatcher } from '../../domain/glob.ts';
import { absent, complete, failed } from '../../domain/reading.ts';
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { Kept } from '../kept.ts';
import { fcPort } from './kinds.ts';
import { Memory } from './memory.ts';
import { type FcPort, readPorts } from './ports.ts';
import { readingsOf } from './readings.ts';
import { fcSettings } from './settings.ts';

export const fc = defineCollector({
  name: 'fc',
  title: 'Fibre Channel ports',
  needs: ['clock', 'files', 'roots', 'known'],
  settings: fcSettings,
  kinds: [fcPort],
  every: seconds(10),
  timeout: seconds(5),
  start: ({ clock, files, roots, known }, settings) => {
    const memory = new Memory();
    const isForgotten = createMatcher(settings.forget.map((wwpn) => wwpn.toLowerCase()));
    return {
      collect: async () => {
        let ports: FcPort[];
        try {
          ports = readPorts(files, roots);
        } catch (error) {
          return failed((error as Error).message);
        }
        const now = clock.now();
        const resources = readingsOf({ ports, memory, known, isForgotten, now });
        memory.save();
        const nothing = resources.length === 0 && ports.length === 0;
        return nothing ? absent('no Fibre Channel port') : complete(resources);
      },
      // It announces nothing; the watcher keeps what is learned.
      watch: async (watcher) => {
        memory.restore(new Kept(watcher, 'ports'));
      },
    };
  },
});
