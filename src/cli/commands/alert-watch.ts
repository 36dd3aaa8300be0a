/** `tocsin alert watch`: every change as it happens. */

import type { AlertMessage } from '../../../client/generated.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { toneOf } from '../output/alert-view.ts';
import { renderMoment } from '../output/moments.ts';
import { plainLine } from '../output/text.ts';
import { countOf } from '../values.ts';
import { matchersOf } from './matchers.ts';

/** `2026-11-22 06:14:00Z  raised        critical  a.service failed  (01K…)`. */
function renderChange(message: AlertMessage, { printer }: Context): string {
  const alert = message.data;
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
  const after = countOf(values, 'after');
  const following = { query, after, clock: io.clock, tell: printer.note };
  for await (const message of api.follow(following)) {
    if (message.type === 'alert') {
      await printer.row(message, message.data.id, () => renderChange(message, context));
    } else if (message.type === 'system' && message.data.event === 'resync') {
      await printer.note('tocsin: changes were missed; what fires now: tocsin alert list');
    }
  }
  return 'done';
}
