/**
 * systemd units: what runs, what failed, what did not come up, and what systemd itself says.
 *
 * systemd announces each change with the new values in the message: the signal is the reading. A
 * listing about once a minute finds what no signal announced; the journal tells what happened
 * while nobody listened. User managers are other buses and are not watched.
 */
import { complete, failed, type ResourceReading } from '../../domain/reading.ts';
import type { Known } from '../../domain/resource.ts';
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { mayTell, taskRun } from '../tasks/kinds.ts';
import { readEvidence } from './evidence.ts';
import { watchJournal } from './journal-watch.ts';
import { systemdManager, systemdTimer, systemdUnit } from './kinds.ts';
import { Session } from './session.ts';
import { systemdSettings } from './settings.ts';
import { createState, snapshot } from './state.ts';
import { createVoice, memoryName } from './voice.ts';

const bootIdFile = '/proc/sys/kernel/random/boot_id';

/** A run that was reported under the same name, and later, is shown instead of the unit's. */
const isOurs =
  (known: Known) =>
  (reading: ResourceReading): boolean =>
    reading.kind !== taskRun.name || mayTell(reading, known.find(reading.kind, reading.id));

export const systemd = defineCollector({
  name: 'systemd',
  title: 'systemd units, timers and their runs',
  needs: ['systemBus', 'clock', 'journal', 'files', 'known'],
  settings: systemdSettings,
  kinds: [systemdUnit, systemdTimer, systemdManager, taskRun],
  every: seconds(60),
  timeout: seconds(60),
  start: ({ systemBus, clock, journal, files, known }, settings) => {
    const state = createState(settings);
    const voice = createVoice({
      mayTell: isOurs(known),
      mayEnd: ({ kind, id }) =>
        kind !== taskRun.name || known.find(kind, id)?.attributes.source !== 'report',
      takeMemory: () => state.runs.takeMemory(),
    });
    const bootId = (files.readText(bootIdFile) ?? '').replaceAll(/[^0-9a-f]/g, '');
    const session = new Session({ bus: systemBus, clock, state, voice, bootId });
    return {
      collect: async () => {
        const why = await session.look();
        return why === '' ? complete(snapshot(state).filter(isOurs(known))) : failed(why);
      },
      watch: async (watcher) => {
        const memory = watcher.cursor(memoryName);
        if (memory !== undefined)
          state.runs.restore(memory, (unit) => state.watching.watched(unit));
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
