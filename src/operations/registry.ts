/** All operations, one line each. */
import {
  acknowledgeAlert,
  commentAlert,
  getAlert,
  resolveAlert,
  unacknowledgeAlert,
} from './alert.ts';
import {
  acknowledgeAlerts,
  commentAlerts,
  resolveAlerts,
  unacknowledgeAlerts,
} from './alert-bulk.ts';
import { explainAlert } from './alert-explain.ts';
import { listAlerts } from './alert-list.ts';
import { raiseAlert } from './alert-raise.ts';
import { alertTimeline } from './alert-timeline.ts';
import { listAudit, verifyAudit } from './audit.ts';
import { backtestRules, showBacktest } from './backtest.ts';
import { bundleAlert } from './bundle.ts';
import { listChannels, testChannel } from './channel.ts';
import { listDeliveries } from './delivery.ts';
import { drillRule } from './drill.ts';
import { listEvents } from './event.ts';
import { showHealth } from './health.ts';
import { addMaintenance, endMaintenance, getMaintenance, listMaintenance } from './maintenance.ts';
import { showMetrics } from './metrics.ts';
import { metricsHistory } from './metrics-history.ts';
import type { Operation } from './operation.ts';
import { readRecording, startRecording, stopRecording } from './record.ts';
import { reloadDaemon } from './reload.ts';
import { getResource, listResources } from './resource.ts';
import { listRules, showRule, validateRules } from './rule.ts';
import { changeRule, createRule, removeRule, replaceRule, ruleDelta } from './rule-change.ts';
import { closeSession, createTicket, openSession, showSession } from './session.ts';
import { expireSilence, getSilence, listSilences, saveSilence } from './silence.ts';
import { previewSilence } from './silence-preview.ts';
import { followStream } from './stream.ts';
import { reportTask, updateTask } from './task.ts';
import { getTask, listTasks } from './task-list.ts';
import { changeToken, createToken, listTokens, revokeToken, rotateToken } from './token.ts';
import { showTopology } from './topology.ts';

export const operations: readonly Operation[] = [
  showHealth,
  reloadDaemon,
  listAlerts,
  raiseAlert,
  acknowledgeAlerts,
  unacknowledgeAlerts,
  resolveAlerts,
  commentAlerts,
  getAlert,
  alertTimeline,
  explainAlert,
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
  bundleAlert,
  backtestRules,
  showBacktest,
  startRecording,
  readRecording,
  stopRecording,
  showTopology,
  listTasks,
  reportTask,
  getTask,
  updateTask,
  listRules,
  createRule,
  ruleDelta,
  showRule,
  replaceRule,
  changeRule,
  removeRule,
  validateRules,
  drillRule,
  listChannels,
  testChannel,
  listDeliveries,
  listSilences,
  saveSilence,
  previewSilence,
  getSilence,
  expireSilence,
  listMaintenance,
  addMaintenance,
  getMaintenance,
  endMaintenance,
  listTokens,
  createToken,
  changeToken,
  rotateToken,
  revokeToken,
  showSession,
  openSession,
  closeSession,
  createTicket,
  listAudit,
  verifyAudit,
];
