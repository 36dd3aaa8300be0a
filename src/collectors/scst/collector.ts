/**
 * SCST: targets, sessions, LUNs and devices; what is, beside what /etc/scst.conf declares.
 *
 * Reads /sys/kernel/scst_tgt. Nothing there announces a change (no inotify, no uevent, no
 * poll(2)), so a glance each second reads what tells health and a walk now and then reads all.
 */
import { type Ms, seconds } from '../../domain/time.ts';
import { defineCollector, type Watcher } from '../collector.ts';
import { ScstEye } from './eye.ts';
import { scstKinds } from './kinds.ts';

const every = seconds(30);
const glanceEvery: Ms = seconds(1);

export const scst = defineCollector({
  name: 'scst',
  title: 'SCST targets, sessions and devices',
  needs: ['clock', 'files', 'roots', 'probes', 'known'],
  settings: {},
  kinds: scstKinds,
  every,
  timeout: seconds(20),
  start: (ports) => {
    const { clock } = ports;
    const eye = new ScstEye(ports);
    const glanceOn = async (watcher: Watcher): Promise<void> => {
      const { signal } = watcher;
      for (;;) {
        await clock.sleep(glanceEvery, signal);
        if (signal.aborted) return;
        const reading = await eye.glance();
        if (reading !== undefined) watcher.tell(reading);
      }
    };
    const lookSlowlyOn = async (watcher: Watcher): Promise<void> => {
      const { signal } = watcher;
      for (;;) {
        await clock.sleep(eye.askedSlowly ? every : glanceEvery, signal);
        if (signal.aborted) return;
        const reading = await eye.lookSlowly(signal);
        if (reading !== undefined) watcher.tell(reading);
      }
    };
    return {
      collect: () => eye.look(),
      watch: async (watcher) => {
        eye.attach(watcher);
        await Promise.all([glanceOn(watcher), lookSlowlyOn(watcher)]);
      },
    };
  },
});
