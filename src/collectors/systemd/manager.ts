/** systemd as a whole: one resource, and what happens to it. */
import { type Event, type ResourceReading, reading } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import { instantOf, numberOf, type Properties, textOf } from './facts.ts';
import { systemdManager } from './kinds.ts';
import type { State } from './state.ts';

const identity = 'system';

/** SystemState is never signalled (systemd issue 43153); the two numbers are. */
export const managerProperties = [
  'SystemState',
  'Version',
  'NFailedUnits',
  'NJobs',
  'UserspaceTimestamp',
] as const;

const managerReading = (properties: Properties): ResourceReading => {
  const systemState = textOf(properties.SystemState);
  const version = textOf(properties.Version);
  const failedUnits = numberOf(properties.NFailedUnits);
  const jobs = numberOf(properties.NJobs);
  const startedAt = instantOf(properties.UserspaceTimestamp);
  return reading(systemdManager, identity, {
    ...(systemState !== undefined && { systemState }),
    ...(version !== undefined && { version }),
    ...(failedUnits !== undefined && { failedUnits }),
    ...(jobs !== undefined && { jobs }),
    ...(startedAt !== undefined && { startedAt }),
  });
};

/** Takes in what is new of the manager, and tells it. */
export function tellManager(state: State, properties: Properties): void {
  const reading = managerReading(properties);
  const isNews = Object.entries(reading.attributes).some(([k, v]) => state.manager[k] !== v);
  if (!isNews) return;
  state.manager = { ...state.manager, ...reading.attributes };
  state.told.resources.push(reading);
}

export const managerEvent = (
  event: 'reloaded' | 'reexecuted' | 'bus-restarted',
  at: EpochMs,
): Event => ({
  event,
  kind: systemdManager.name,
  id: identity,
  at,
  foundBy: 'signal',
  attributes: {},
  key: `${at}`,
});
