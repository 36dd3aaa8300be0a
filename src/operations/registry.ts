/** All operations, one line each. */
import {
  acknowledgeAlert,
  acknowledgeAlerts,
  commentAlert,
  getAlert,
  resolveAlert,
  unacknowledgeAlert,
} from './alert.ts';
import { listAlerts } from './alert-list.ts';
import { raiseAlert } from './alert-raise.ts';
import { alertTimeline } from './alert-timeline.ts';
import { listEvents } from './event.ts';
import { showHealth } from './health.ts';
import { showMetrics } from './metrics.ts';
import { metricsHistory } from './metrics-history.ts';
import type { Operation } from './operation.ts';
import { getResource, listResources } from './resource.ts';
import { listRules, showRule, validateRules } from './rule.ts';
import { followStream } from './stream.ts';
import { reportTask, updateTask } from './task.ts';
import { getTask, listTasks } from './task-list.ts';
import { showTopology } from './topology.ts';

export const operations: readonly Operation[] = [
  showHealth,
  listAlerts,
  raiseAlert,
  acknowledgeAlerts,
  getAlert,
  alertTimeline,
  acknowledgeAlert,
  unacknowledgeAlert,
  resolveAlert,
  commentAlert,
  followStream,
  showMetrics,
  metricsHistory,
  listEvents,
  listResources,
  getResource,
  showTopology,
  listTasks,
  reportTask,
  getTask,
  updateTask,
  listRules,
  showRule,
  validateRules,
];
