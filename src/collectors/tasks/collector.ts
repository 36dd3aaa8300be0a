/**
 * Tasks: runs of jobs that programs report, and runs that should have happened by now.
 *
 * Reports come over the API and are told at once by the desk that takes them; a look tells all of
 * them again. Runs of units come from the collector of systemd, under the same kind: of a unit's
 * run and a reported one of the same name the later is shown (see mayTell).
 */
import { complete, partial } from '../../domain/reading.ts';
import { seconds } from '../../domain/time.ts';
import { defineCollector } from '../collector.ts';
import { Expectations } from './expectations.ts';
import { mayTell, taskExpectation, taskRun } from './kinds.ts';
import { readingOf } from './readings.ts';
import { taskSettings } from './settings.ts';

/** How soon a run that was expected is seen to have happened. */
const lookEvery = seconds(1);

export const tasks = defineCollector({
  name: 'tasks',
  title: 'Reported runs of jobs, and runs that should have happened',
  needs: ['clock', 'known', 'calendar', 'reports'],
  settings: taskSettings,
  kinds: [taskRun, taskExpectation],
  every: seconds(60),
  timeout: seconds(60),
  start: ({ clock, known, calendar, reports }, settings) => {
    const expectations = new Expectations(settings.expect, { clock, known, calendar });
    return {
      collect: async (signal) => {
        await expectations.plan(signal);
        const runs = reports
          .list()
          .map((memory) => readingOf(memory, reports.since))
          .filter((run) => mayTell(run, known.find(run.kind, run.id)));
        return complete([...runs, ...expectations.readings()]);
      },
      watch: async (watcher) => {
        expectations.attach(watcher);
        while (!watcher.signal.aborted && expectations.count > 0) {
          await expectations.plan(watcher.signal);
          const news = expectations.judge();
          if (news.length > 0) watcher.tell(partial(news));
          await clock.sleep(lookEvery, watcher.signal);
        }
      },
    };
  },
});
