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
import type { Operation } from './operation.ts';
import { getResource, listResources } from './resource.ts';
import { listRules, showRule, validateRules } from './rule.ts';
import { followStream } from './stream.ts';

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
  listEvents,
  listResources,
  getResource,
  listRules,
  showRule,
  validateRules,
];
