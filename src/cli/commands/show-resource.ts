/** Shows one resource in the form that was asked for, with what concerns it. */

import type { Context } from '../command.ts';
import { renderResource } from '../output/resource-view.ts';
import type { Tone } from '../output/table.ts';
import type { ResourceView } from '../views.ts';

/** Events that are told of it. */
const eventsShown = 5;

export async function showResource(
  resource: ResourceView,
  tone: Tone | undefined,
  { api, printer }: Pick<Context, 'api' | 'printer'>,
): Promise<void> {
  const { kind, id } = resource;
  if (printer.format !== 'table' && printer.format !== 'wide') {
    await printer.one(resource, id, () => []);
    return;
  }
  const about = { resourceKind: kind, resourceId: id, phase: ['firing', 'pending'] };
  const [alerts, events, topology] = await Promise.all([
    api.list('alert.list', about),
    api.list('event.list', { kind, id }, eventsShown),
    api.topology({ kind, id }),
  ]);
  const dependants = topology.nodes.filter((node) => node.kind !== kind || node.id !== id);
  await printer.one(resource, id, () =>
    renderResource(
      resource,
      tone,
      { alerts: alerts.rows, events: events.rows, dependants },
      printer,
    ),
  );
}
