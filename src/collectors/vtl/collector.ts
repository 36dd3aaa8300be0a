/**
 * The virtual tape library (mhvtl): what its settings declare, what its daemons do, what the
 * kernel shows, and whether there is room for its media.
 *
 * No command is sent to a device: behind a dead daemon it would hang and could not be killed
 * (domain.md 2.5). Whether a tape is loaded is what the tape collector tells; no file says it.
 */
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { VtlHouse } from './house.ts';
import { vtlCore, vtlDrive, vtlLibrary, vtlMedia } from './kinds.ts';

export const vtl = defineCollector({
  name: 'vtl',
  title: 'Virtual tape libraries (mhvtl)',
  needs: ['clock', 'files', 'roots', 'known', 'probes', 'folders'],
  settings: {},
  kinds: [vtlCore, vtlLibrary, vtlDrive, vtlMedia],
  every: seconds(30),
  timeout: seconds(15),
  start: (ports) => new VtlHouse(ports),
});
