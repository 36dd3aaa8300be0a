/**
 * systemd units: what runs, what failed, what did not come up, and what systemd itself says.
 *
 * systemd announces each change with the new values in the message: the signal is the reading. A
 * listing about once a minute finds what no signal announced; the journal tells what happened
 * while nobody listened. User managers are other buses and are not watched.
 */
import { complete, failed } from '../../domain/reading.ts';
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { taskRun } from '../tasks/kinds.ts';
import { readEvidence } from './evidence.ts';
import { watchJournal } from './journal-watch.ts';
import { systemdManager, systemdTimer, systemdUnit } from './kinds.ts';
import { Session } from './session.ts';
import { systemdSettings } from './settings.ts';
import { createState, snapshot } from './state.ts';
import { createVoice } from './voice.ts';

const bootIdFile = '/proc/sys/kernel/random/boot_id';

export const systemd = defineCollector({
  name: 'systemd',
  title: 'systemd units, timers and their runs',
  needs: ['systemBus', 'clock', 'journal', 'files'],
  settings: systemdSettings,
  kinds: [systemdUnit, systemdTimer, systemdManager, taskRun],
  every: seconds(60),
  timeout: seconds(60),
  start: ({ systemBus, clock, journal, files }, settings) => {
    const state = createState(settings);
    const voice = createVoice();
    const bootId = (files.readText(bootIdFile) ?? '').replaceAll(/[^0-9a-f]/g, '');
    const session = new Session({ bus: systemBus, clock, state, voice, bootId });
    return {
      collect: async () => {
        const why = await session.look();
        return why === '' ? complete(snapshot(state)) : failed(why);
      },
      watch: async (watcher) => {
        voice.attach(watcher);
        await Promise.all([
          session.run(watcher.signal),
          watchJournal({
            journal,
            clock,
            state,
            watcher,
            bootId,
            ready: session.attempted,
            publish: () => session.publish(),
          }),
        ]);
      },
      evidence: (resource) => readEvidence(journal, clock, resource),
    };
  },
});
