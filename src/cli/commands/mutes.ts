/** What the commands about silences and maintenance windows have in common. */
import { plural } from '../../domain/plural.ts';
import { parseDuration, rfc3339 } from '../../domain/time.ts';
import type { Api } from '../api.ts';
import type { Context } from '../command.ts';
import { Stop } from '../exit.ts';
import { readWhen } from '../output/moments.ts';
import { durationOf, isSet, textOf, type Values, wordsOf } from '../values.ts';
import type { MaintenanceView, SilenceView } from '../views.ts';
import { rulesIn } from './matchers.ts';

/** As amtool: whoever says nothing of the end gets an hour. */
const durationDefault = '1h';
/** Characters of an id that say which one is meant. */
const idPartMin = 4;

/** What a list shows: what is in force or to come, where nothing else is said. */
export function statesOf(values: Values): readonly string[] | undefined {
  const named = wordsOf(values, 'state');
  if (isSet(values, 'all')) return undefined;
  return named ?? ['active', 'pending'];
}

export function commentOf(values: Values): string {
  const comment = textOf(values, 'comment')?.trim() ?? '';
  if (comment !== '') return comment;
  throw new Stop('usage', '--comment is needed: why, for those who wonder later');
}

/** A name for people: of --author, else of who is logged in. */
export function authorOf({ values, io }: Pick<Context, 'values' | 'io'>): string | undefined {
  const { SUDO_USER, USER } = io.environment;
  const name = textOf(values, 'author') ?? SUDO_USER ?? USER ?? '';
  return name === '' ? undefined : name;
}

/** An instant to come: a duration counts from now. */
function momentOf({ values, printer }: Context, option: 'start' | 'end'): string | undefined {
  const text = textOf(values, option);
  if (text === undefined) return undefined;
  const span = parseDuration(text.replaceAll(' ', ''));
  const at = span === undefined ? readWhen(option, text, printer.now) : printer.now + span;
  return rfc3339(at);
}

/** From when to when, as the API takes it. */
export function spanOf(context: Context) {
  const { values } = context;
  const end = momentOf(context, 'end');
  const duration = textOf(values, 'duration');
  if (end !== undefined && duration !== undefined)
    throw new Stop('usage', 'give either --end or --duration');
  durationOf(values, 'duration');
  return {
    startsAt: momentOf(context, 'start'),
    endsAt: end,
    duration: end === undefined ? (duration ?? durationDefault) : undefined,
  };
}

export async function countFiring(api: Api, filter: readonly string[]): Promise<number> {
  return (await api.list('alert.list', { phase: 'firing', filter })).rows.length;
}

/** Whoever means a unit and writes its name alone has silenced nothing, and should know. */
export async function hintsAbout(api: Api, args: readonly string[]): Promise<readonly string[]> {
  const words = rulesIn(args);
  if (words.length === 0) return [];
  const known = new Set((await api.list('rule.list', {})).rows.map(({ id }) => id));
  return words
    .filter((word) => !known.has(word))
    .map((word) => `There is no rule ${word}; the unit of this name would be unit=${word}.`);
}

/** `mutes 3 firing alerts now`. */
export const describeHits = (count: number): string =>
  count === 0 ? 'mutes no alert that fires now' : `mutes ${plural(count, 'firing alert')} now`;

/** The one whose id this is, or its beginning or end. */
export async function findMute<N extends 'silence.list' | 'maintenance.list'>(
  api: Api,
  name: N,
  given: string,
): Promise<N extends 'silence.list' ? SilenceView : MaintenanceView> {
  type View = N extends 'silence.list' ? SilenceView : MaintenanceView;
  const rows = (await api.list(name, {})).rows as readonly (SilenceView | MaintenanceView)[];
  const part = given.toLowerCase();
  const isMeant = ({ id }: { readonly id: string }): boolean =>
    id.toLowerCase() === part ||
    (part.length >= idPartMin &&
      (id.toLowerCase().startsWith(part) || id.toLowerCase().endsWith(part)));
  const found = rows.filter(isMeant);
  const [only] = found;
  if (only === undefined)
    throw new Stop('unknown', `there is no ${given}: no id begins or ends so`);
  if (found.length === 1) return only as View;
  const ids = found.map(({ id }) => `  ${id}`);
  throw new Stop('usage', [`${given} can mean ${found.length}:`, ...ids].join('\n'));
}
