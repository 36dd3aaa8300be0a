/**
 * Metrics under names that existing rule packs use: those of Prometheus' own ALERTS and of
 * prometheus-community/systemd_exporter (systemd/systemd.go).
 */
import type { Alert } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import { seconds } from '../../domain/time.ts';
import type { House } from '../../operations/house.ts';
import type { Section } from './own.ts';
import { type Page, renderLabel, renderLabels } from './page.ts';

/**
 * The words of systemd_exporter. A unit that is reloading or refreshing runs on, and is active
 * here: `state="active"` at 0 means that it does not run.
 */
const unitStates = ['active', 'activating', 'deactivating', 'inactive', 'failed'] as const;
const shownStates: Readonly<Record<string, string>> = { reloading: 'active', refreshing: 'active' };

/** What is not there any more, or not known now, has no series. */
const isKnown = ({ staleSince, attributes }: Resource): boolean =>
  staleSince === null && attributes.present !== false;

/**
 * The alert's own labels are left out: their values may be any text. What several alerts have in
 * common (raised by hand for one thing) is one series.
 */
function addAlerts(page: Page, alerts: readonly Alert[]): void {
  const seen = new Set<string>();
  for (const { rule, phase, severity, source, resource } of alerts) {
    const labels = renderLabels({
      alertname: rule,
      alertstate: phase,
      severity,
      source,
      kind: resource.kind,
      resource: resource.id,
    });
    if (labels !== undefined && seen.has(labels)) continue;
    seen.add(labels ?? '');
    page.add(labels, 1);
  }
}

function* addStates(page: Page, house: House): Generator<undefined, void> {
  for (const unit of house.resources('systemd.unit').filter(isKnown)) {
    const { activeState, type } = unit.attributes;
    if (typeof activeState !== 'string') continue;
    const shown = shownStates[activeState] ?? activeState;
    const kind = typeof type === 'string' ? type : unit.id.slice(unit.id.lastIndexOf('.') + 1);
    const name = renderLabels({ name: unit.id, type: kind });
    for (const state of unitStates) {
      const labels = name === undefined ? undefined : `${name},state="${state}"`;
      page.add(labels, shown === state ? 1 : 0);
    }
    yield;
  }
}

/** One series a resource: a number of it under the label `name`. */
const addNumbers =
  (kind: string, attribute: string, divisor: number) => (page: Page, house: House) => {
    for (const one of house.resources(kind).filter(isKnown)) {
      const value = one.attributes[attribute];
      if (typeof value === 'number') page.add(renderLabel('name', one.id), value / divisor);
    }
  };

export const borrowedSections: readonly Section[] = [
  {
    family: { name: 'ALERTS', type: 'gauge', help: 'Alerts that are pending or firing: always 1.' },
    fill: (page, house) => addAlerts(page, house.activeAlerts()),
  },
  {
    family: { name: 'systemd_unit_state', type: 'gauge', help: '1 for the state a unit is in.' },
    parts: addStates,
  },
  {
    family: {
      name: 'systemd_service_restart_total',
      type: 'counter',
      help: 'Automatic restarts of a service since it was started by hand.',
    },
    fill: addNumbers('systemd.unit', 'nRestarts', 1),
  },
  {
    family: {
      name: 'systemd_timer_last_trigger_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When a timer last started its unit, in seconds since 1970.',
    },
    fill: addNumbers('systemd.timer', 'lastTriggerAt', seconds(1)),
  },
  {
    family: {
      name: 'systemd_timer_next_trigger_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When a timer is to start its unit next, in seconds since 1970.',
    },
    fill: addNumbers('systemd.timer', 'nextElapseAt', seconds(1)),
  },
];
