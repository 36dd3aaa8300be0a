/** `tocsin silence`: list, show, add, end, and see beforehand what one would hit. */

import { plural } from '../../domain/plural.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { countMutes, renderSilence, silenceView } from '../output/mute-view.ts';
import { plainLine } from '../output/text.ts';
import { countOf, isSet, textOf } from '../values.ts';
import type { SilenceView } from '../views.ts';
import { instantOf } from './alert.ts';
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

const oldestFirst = (a: SilenceView, b: SilenceView): number =>
  Date.parse(a.createdAt) - Date.parse(b.createdAt);

export async function listSilences({ values, api, printer }: Context): Promise<ExitName> {
  const state = statesOf(values);
  const { rows } = await api.list('silence.list', { state }, countOf(values, 'limit'));
  const sorted = isSet(values, 'age') ? rows.toSorted(oldestFirst) : rows;
  await printer.list(sorted, silenceView(printer), countMutes('silence', sorted));
  return 'done';
}

export async function showSilence({ args, api, printer }: Context): Promise<ExitName> {
  const one = await findMute(api, 'silence.list', args[0] ?? '');
  await printer.one(one, one.id, () => renderSilence(one, printer));
  return 'done';
}

export async function addSilence(context: Context): Promise<ExitName> {
  const { args, values, api, printer } = context;
  const matchers = matchersOf(args, new Map());
  const said = { comment: commentOf(values), createdBy: authorOf(context), ...spanOf(context) };
  const one = await api.act('silence.save', { matchers, ...said });
  const isActive = one.state === 'active';
  const hits = isActive ? describeHits(await countFiring(api, matchers)) : 'has not begun';
  const hints = await hintsAbout(api, args);
  const until = printer.moment(one.endsAt).replace(/ \(.*/, '');
  await printer.one(one, one.id, () =>
    [`${one.id} silences ${one.filter} until ${until}: ${hits}`, ...hints].map(plainLine),
  );
  return 'done';
}

export async function expireSilences({ args, api, printer }: Context): Promise<ExitName> {
  const meant: SilenceView[] = [];
  for (const given of args) meant.push(await findMute(api, 'silence.list', given));
  for (const { id, state, filter } of meant) {
    const ended = await api.act('silence.expire', undefined, id);
    const said = state === 'expired' ? 'was over already' : 'ended';
    await printer.one(ended, id, () => [plainLine(`${id} ${said}: ${filter}`)]);
  }
  return 'done';
}

export async function previewSilence(context: Context): Promise<ExitName> {
  const { args, values, api, printer } = context;
  const since = textOf(values, 'since') === undefined ? undefined : instantOf(context, 'since');
  const matchers = matchersOf(args, new Map());
  const answer = await api.act('silence.preview', { matchers, since });
  const { now, past } = answer;
  const more = now.firing - now.alerts.length;
  await printer.one(answer, answer.filter, () =>
    [
      `${answer.filter} would hit ${plural(now.firing, 'firing alert')} now`,
      ...now.alerts.map(({ severity, title }) => `  ${severity}  ${title}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
      `since ${printer.moment(past.since)} it would have hit ${plural(past.occurrences, 'alert')}${past.complete ? '' : '; there are too many to look further back'}`,
      ...past.rules.map(
        ({ rule, occurrences, firstAt, lastAt }) =>
          `  ${occurrences} × ${rule}, first ${printer.moment(firstAt)}, last ${printer.moment(lastAt)}`,
      ),
    ].map(plainLine),
  );
  return 'done';
}
