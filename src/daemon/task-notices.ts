/** What stream clients are told of runs of tasks: the task, whenever something of it changed. */
import { taskRun } from '../collectors/tasks/kinds.ts';
import type { Difference } from '../domain/resource.ts';
import type { Notice } from '../operations/house.ts';
import { renderTask } from '../operations/task-view.ts';

/** Facts that move with time alone, or with each heartbeat, are no news. */
const quiet: ReadonlySet<string> = new Set(['lastReportAt', 'silentAt', 'usualSeconds', 'stuckAt']);

export const taskNotices = (differences: readonly Difference[]): readonly Notice[] =>
  differences.flatMap((difference): readonly Notice[] => {
    const isNews =
      difference.type === 'appeared' ||
      (difference.type === 'changed' && difference.changed.some((name) => !quiet.has(name)));
    if (!isNews || difference.resource.kind !== taskRun.name) return [];
    const { id, attributes, readAt } = difference.resource;
    return [{ type: 'task', at: readAt, data: renderTask(id, attributes) }];
  });
