/** Tables of what an appliance is made of: tape, VTL, storage; declared, not programmed. */

import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import type { View } from '../output/printer.ts';
import { sayFact } from '../output/resource-view.ts';
import type { Tone } from '../output/table.ts';
import type { ResourceView } from '../views.ts';
import { showResource } from './show-resource.ts';

/** A column is a header and the attributes it shows, with blanks between; a dash for none. */
type Columns = readonly (readonly [header: string, ...attributes: readonly string[]])[];

export interface Screen {
  readonly kind: string;
  readonly columns: Columns;
}

/** By the word that a person says for it; the first is what a noun alone means. */
export type Screens = Readonly<Record<string, Screen>>;

/** Attributes whose value false means that something is wrong, where a kind has them. */
const badWhenFalse = ['present', 'reachable', 'mounted', 'daemonActive', 'devicePresent', 'active'];

function toneOf({ attributes, staleSince }: ResourceView): Tone | undefined {
  if (badWhenFalse.some((name) => attributes[name] === false)) return 'bad';
  return staleSince === null ? undefined : 'dim';
}

const sayAll = (resource: ResourceView, names: readonly string[]): string => {
  const facts = names.map((name) => sayFact(resource, name)).filter((fact) => fact !== '-');
  return facts.length === 0 ? '-' : facts.join(' ');
};

const viewOf = ({ columns }: Screen): View<ResourceView> => ({
  id: ({ id }) => id,
  columns: [
    { header: 'ID', of: ({ id }) => id, tone: toneOf },
    ...columns.map(([header, ...names]) => ({
      header,
      of: (resource: ResourceView) => sayAll(resource, names),
    })),
    { header: 'STALE', of: ({ staleSince }) => (staleSince === null ? '-' : 'stale') },
  ],
});

const known = (word: string, words: readonly string[]): string => {
  if (words.includes(word)) return word;
  throw new Stop('usage', `there is no list of "${word}"; there are: ${words.join(', ')}`);
};

export const listThings =
  (screens: Screens) =>
  async ({ args, api, printer }: Context): Promise<ExitName> => {
    const words = Object.keys(screens);
    const word = known(args[0] ?? words[0] ?? '', words);
    const screen = screens[word] as Screen;
    const { rows } = await api.list('resource.list', { kind: screen.kind });
    const gone = rows.filter(({ attributes }) => attributes.present === false).length;
    const others = words.filter((one) => one !== word).join(', ');
    const more = others === '' ? '' : `; also: ${others}`;
    const missing = gone === 0 ? '' : `, ${gone} missing`;
    await printer.list(rows, viewOf(screen), `${rows.length} ${word}${missing}${more}`);
    return 'done';
  };

/** Finds the thing in the kinds of the noun: its id, or its end after a slash. */
export const showThing =
  (noun: string, kinds: readonly string[]) =>
  async ({ args: [given = ''], api, printer }: Context): Promise<ExitName> => {
    const lists = await Promise.all(kinds.map((kind) => api.list('resource.list', { kind })));
    const rows = lists.flatMap((list) => list.rows);
    const exact = rows.filter(({ id }) => id === given);
    const found = exact.length > 0 ? exact : rows.filter(({ id }) => id.endsWith(`/${given}`));
    const [first, ...others] = found;
    if (first === undefined) throw new Stop('unknown', `tocsin knows no ${noun} "${given}"`);
    if (others.length > 0 && exact.length === 0) {
      const names = found.map(({ id }) => id).join(', ');
      throw new Stop('usage', `"${given}" may be one of: ${names}`);
    }
    for (const resource of exact.length > 0 ? exact : [first]) {
      await showResource(resource, toneOf(resource), { api, printer });
    }
    return 'done';
  };
