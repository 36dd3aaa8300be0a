/** `tocsin maintenance`: windows in which nobody is told, once or by a calendar. */

import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { countMutes, maintenanceView, renderSpan } from '../output/mute-view.ts';
import { plainLine } from '../output/text.ts';
import { isSet, textOf } from '../values.ts';
import type { MaintenanceView } from '../views.ts';
import { matchersOf } from './matchers.ts';
import {
  authorOf,
  commentOf,
  countFiring,
  describeHits,
  findMute,
  hintsAbout,
  spanOf,
  statesOf,
} from './mutes.ts';

export async function listMaintenance({ values, api, printer }: Context): Promise<ExitName> {
  const state = statesOf(values);
  const { rows } = await api.list('maintenance.list', { state });
  await printer.list(rows, maintenanceView(printer), countMutes('window', rows));
  return 'done';
}

function scheduleOf(context: Context) {
  const { values } = context;
  const calendar = textOf(values, 'calendar');
  if (calendar === undefined) return spanOf(context);
  const duration = textOf(values, 'duration');
  if (duration === undefined || isSet(values, 'start') || isSet(values, 'end'))
    throw new Stop('usage', '--calendar goes with --duration, not with --start and --end');
  return { calendar, duration };
}

export async function addMaintenance(context: Context): Promise<ExitName> {
  const { args, values, api, printer } = context;
  const matchers = matchersOf(args, new Map());
  const said = { comment: commentOf(values), createdBy: authorOf(context), ...scheduleOf(context) };
  const one = await api.act('maintenance.add', {
    ...said,
    matchers: matchers.length === 0 ? undefined : matchers,
  });
  const { id, state, opening } = one;
  const span = opening === null ? '' : ` (${renderSpan({ ...opening, state }, printer)})`;
  const hits = state === 'active' ? `, ${describeHits(await countFiring(api, matchers))}` : '';
  const hints = await hintsAbout(api, args);
  await printer.one(one, id, () =>
    [`${id} is ${state === 'active' ? 'open' : 'to come'}${span}${hits}`, ...hints].map(plainLine),
  );
  return 'done';
}

export async function endMaintenance({ args, api, printer }: Context): Promise<ExitName> {
  const meant: MaintenanceView[] = [];
  for (const given of args) meant.push(await findMute(api, 'maintenance.list', given));
  for (const { id, comment } of meant) {
    const ended = await api.act('maintenance.end', undefined, id);
    await printer.one(ended, id, () => [plainLine(`${id} ended: ${comment}`)]);
  }
  return 'done';
}
