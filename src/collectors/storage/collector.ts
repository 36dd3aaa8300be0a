/**
 * Storage: where backups are written, the pools below, and the disks below these. Is it there, is
 * it writable, how full is it, and what is about to break?
 *
 * What should be mounted (fstab, mount units, the settings) is compared with what is. Whatever can
 * wait for a dead server or a suspended pool is asked in a child process with a limit.
 */
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { storageDisk, storagePool, storageRepository } from './kinds.ts';
import { Session } from './session.ts';
import { storageSettings } from './settings.ts';

export const storage = defineCollector({
  name: 'storage',
  title: 'repositories, file systems, pools and disks',
  needs: ['clock', 'files', 'probes', 'systemBus', 'roots', 'known'],
  settings: storageSettings,
  kinds: [storageRepository, storagePool, storageDisk],
  every: seconds(30),
  timeout: seconds(60),
  start: (ports, settings) => {
    const session = new Session(ports, settings);
    return {
      collect: (signal) => session.collect(signal),
      watch: (watcher) => session.watch(watcher),
    };
  },
});
