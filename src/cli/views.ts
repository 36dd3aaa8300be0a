/** What tocsind answers, in the words of the commands; the types are the client's. */
import type { OutputOf, RowOf } from '../../client/client.ts';
import type {
  Alert,
  AuditRow,
  Channel,
  Component,
  Delivery,
  Event,
  Maintenance,
  Metrics,
  Resource,
  Rule,
  RuleChange,
  Silence,
  Task,
  Token,
} from '../../client/generated.ts';

export type { TimelineEntry } from '../../client/generated.ts';

export type AlertView = Alert;
export type AuditView = AuditRow;
export type ChannelView = Channel;
export type ComponentView = Component;
export type DeliveryView = Delivery;
export type EventView = Event;
export type MaintenanceView = Maintenance;
export type MetricsView = Metrics;
export type ResourceView = Resource;
export type RuleChangeView = RuleChange;
export type RuleView = Rule;
export type SilenceView = Silence;
export type TaskView = Task;
export type TokenView = Token;
export type AuditVerdictView = OutputOf<'audit.verify'>;
export type BacktestView = OutputOf<'rule.backtest'>;
/** Without the right to read there is the status alone. */
export type HealthView = OutputOf<'health.status'>;
export type RuleDeltaView = RowOf<'rule.delta'>;
export type ShownTokenView = OutputOf<'token.create'>;
export type TopologyView = OutputOf<'topology.show'>;
