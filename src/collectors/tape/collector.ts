/**
 * Tape drives and changers, physical and virtual: there or not, in use, hung, dirty, worn, full.
 *
 * All of it can be seen in sysfs without a command to a device. What only a command tells (slots,
 * barcodes, cleaning, TapeAlert) is asked when the settings allow it, in child processes, and never
 * of a device that is in use, hung, exported by SCST, or virtual with a dead daemon.
 */
import { absent, complete, failed } from '../../domain/reading.ts';
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { Devices } from './devices.ts';
import { tapeChanger, tapeDrive } from './kinds.ts';
import { tapeSettings } from './settings.ts';
import { watchTape } from './watch.ts';

export const tape = defineCollector({
  name: 'tape',
  title: 'Tape drives and changers',
  needs: ['clock', 'files', 'folders', 'known', 'probes', 'roots'],
  settings: tapeSettings,
  kinds: [tapeDrive, tapeChanger],
  every: seconds(30),
  timeout: seconds(20),
  start: (ports, settings) => {
    const devices = new Devices(ports, settings);
    return {
      collect: async () => {
        try {
          const resources = devices.look();
          devices.tellAll(resources);
          return resources.length === 0
            ? absent('no tape drive and no changer was ever seen here')
            : complete(resources);
        } catch (error) {
          return failed(`SCSI devices cannot be listed: ${(error as Error).message}`);
        }
      },
      watch: async (watcher) => {
        devices.attach(watcher);
        await watchTape(ports, settings, devices, watcher);
      },
    };
  },
});
