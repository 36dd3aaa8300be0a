/** What tocsind answers, in the types that its operations declare. */
import type { Static } from 'typebox';
import type { acknowledgeAlerts } from '../operations/alert-bulk.ts';
import type { explainAlert } from '../operations/alert-explain.ts';
import type { alertTimeline } from '../operations/alert-timeline.ts';
import type { backtestRules, showBacktest } from '../operations/backtest.ts';
import type { bundleAlert } from '../operations/bundle.ts';
import type { listChannels, testChannel } from '../operations/channel.ts';
import type { delivery } from '../operations/delivery.ts';
import type { drillRule } from '../operations/drill.ts';
import type { listEvents } from '../operations/event.ts';
import type { showHealth } from '../operations/health.ts';
import type { MaintenanceView } from '../operations/maintenance.ts';
import type { showMetrics } from '../operations/metrics.ts';
import type { readRecording, startRecording, stopRecording } from '../operations/record.ts';
import type { listResources } from '../operations/resource.ts';
import type { listRules } from '../operations/rule.ts';
import type { createRule, ruleDelta } from '../operations/rule-change.ts';
import type { AlertView } from '../operations/schemas.ts';
import type { PreviewView } from '../operations/silence-preview.ts';
import type { SilenceView } from '../operations/silence-view.ts';
import type { task } from '../operations/task-view.ts';
import type { showTopology } from '../operations/topology.ts';

export type { AlertView, MaintenanceView, SilenceView };
export type EventView = Static<(typeof listEvents)['output']>['items'][number];
export type ResourceView = Static<(typeof listResources)['output']>['items'][number];
export type RuleView = Static<(typeof listRules)['output']>['items'][number];
export type TimelineEntry = Static<(typeof alertTimeline)['output']>['items'][number];
export type TaskView = Static<typeof task>;
export type AcknowledgedItem = Static<(typeof acknowledgeAlerts)['output']>['items'][number];
export type TopologyView = Static<(typeof showTopology)['output']>;
export type MetricsView = Static<(typeof showMetrics)['output']>;
export type BundleView = Static<(typeof bundleAlert)['output']>;
export type BacktestView = Static<(typeof backtestRules)['output']>;
export type ChannelView = Static<(typeof listChannels)['output']>['items'][number];
export type RuleChangeView = Static<(typeof createRule)['output']>;
export type RuleDeltaView = Static<(typeof ruleDelta)['output']>['items'][number];
export type DeliveryView = Static<typeof delivery>;
export type ExplainView = Static<(typeof explainAlert)['output']>;
export type BacktestProgressView = Static<(typeof showBacktest)['output']>;
export type RecordingView = Static<(typeof readRecording)['output']>;
type HealthAnswer = Static<(typeof showHealth)['output']>;
type Instant = string;

export interface ComponentView {
  readonly status: HealthAnswer['status'];
  readonly reason: string | null;
  readonly since: Instant;
  readonly blindSince: Instant | null;
}
/** Without the right to read there is the status alone. */
export type HealthView = Omit<HealthAnswer, 'components'> & {
  readonly components?: Readonly<Record<string, ComponentView>>;
};

/** What the lists are of. */
export interface Rows {
  readonly 'alert.list': AlertView;
  readonly 'alert.timeline': TimelineEntry;
  readonly 'event.list': EventView;
  readonly 'resource.list': ResourceView;
  readonly 'rule.list': RuleView;
  readonly 'task.list': TaskView;
  readonly 'silence.list': SilenceView;
  readonly 'maintenance.list': MaintenanceView;
  readonly 'channel.list': ChannelView;
  readonly 'delivery.list': DeliveryView;
}

/** What changes something, and what it answers. */
export interface Deeds {
  readonly 'alert.acknowledgeMany': { readonly items: readonly AcknowledgedItem[] };
  readonly 'alert.unacknowledge': AlertView;
  readonly 'alert.resolve': AlertView;
  readonly 'alert.comment': AlertView;
  readonly 'alert.raise': AlertView;
  readonly 'silence.save': SilenceView;
  readonly 'silence.expire': SilenceView;
  readonly 'silence.preview': PreviewView;
  readonly 'maintenance.add': MaintenanceView;
  readonly 'maintenance.end': MaintenanceView;
  readonly 'rule.backtest': BacktestView;
  readonly 'recording.start': Static<(typeof startRecording)['output']>;
  readonly 'recording.stop': Static<(typeof stopRecording)['output']>;
  readonly 'rule.create': RuleChangeView;
  readonly 'rule.change': RuleChangeView;
  readonly 'rule.remove': RuleChangeView;
  readonly 'channel.test': Static<(typeof testChannel)['output']>;
  readonly 'rule.drill': Static<(typeof drillRule)['output']>;
}
