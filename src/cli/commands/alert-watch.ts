/** `tocsin alert watch`: every change as it happens. */

import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { toneOf } from '../output/alert-view.ts';
import { renderMoment } from '../output/moments.ts';
import { plainLine } from '../output/text.ts';
import { follow, type StreamMessage } from '../stream.ts';
import { countOf } from '../values.ts';
import type { AlertView } from '../views.ts';
import { matchersOf } from './matchers.ts';

type ChangedAlert = AlertView & { readonly reason: string; readonly by: string | null };

/** `2026-11-22 06:14:00Z  raised        critical  a.service failed  (01K…)`. */
function renderChange(message: StreamMessage, { printer }: Context): string {
  const alert = message.data as unknown as ChangedAlert;
  const time = renderMoment(Date.parse(message.time), printer.isUtc);
  const severity = printer.paint(toneOf(alert), plainLine(alert.severity).padEnd(8));
  const by = alert.by === null ? '' : plainLine(` by ${alert.by}`);
  const reason = plainLine(alert.reason).padEnd(12);
  return `${time}  ${reason}  ${severity}  ${plainLine(alert.title)}${by}  (${plainLine(alert.id)})`;
}

/** Ends only when the program is ended. */
export async function watchAlerts(context: Context): Promise<ExitName> {
  const { args, values, api, io, printer } = context;
  const query = { types: 'alert,system', filter: matchersOf(args, values) };
  const { transport } = api;
  const after = countOf(values, 'after');
  const parts = { transport, clock: io.clock, query, after, tell: printer.note };
  for await (const message of follow(parts)) {
    if (message.type === 'alert') {
      const { id } = message.data as unknown as ChangedAlert;
      await printer.row(message, id, () => renderChange(message, context));
    } else if (message.data.event === 'resync') {
      await printer.note('tocsin: changes were missed; what fires now: tocsin alert list');
    }
  }
  return 'done';
}
