/** For tests: the parts of the man pages that are made from tables. `npm run accept` writes them. */

import { sections } from '../collectors/registry.ts';
import { optionTable as daemonTable, type Option, relayOptionTable } from '../config/options.ts';
import { type Family, isFamily, isSetting, type Section } from '../config/readers.ts';
import { settingsTable } from '../config/settings.ts';
import { deliverySections } from '../delivery/sections.ts';
import type { Permission } from '../operations/operation.ts';
import { operations } from '../operations/registry.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { exitStatuses } from './exit.ts';
import { synopsis } from './help.ts';
import { renderBus, renderBusErrors } from './man-bus.fixture.ts';
import { item } from './man-roff.fixture.ts';
import { renderDefaultRules } from './man-rules.fixture.ts';
import {
  asking,
  everywhere,
  type OptionName,
  optionNames,
  optionOf,
  showing,
  spell,
} from './options.ts';

const rights: Readonly<Record<Permission, string>> = {
  none: '',
  read: 'Needs the right to read.',
  write: 'Needs the right to write.',
  admin: 'Needs the rights of an administrator.',
};
const inOrder = Object.keys(rights);

/** The highest right among the operations that a command calls. */
function rightOf(command: Command): string {
  const needed = operations
    .filter(({ name }) => command.operations.some((one) => one === name))
    .map(({ permission }) => inOrder.indexOf(permission));
  const most = inOrder[Math.max(0, ...needed)];
  return most === undefined ? '' : rights[most as Permission];
}

const isCommon = (name: OptionName): boolean =>
  [...asking, ...showing, ...everywhere].includes(name);

function renderCommand(command: Command): readonly string[] {
  const own = command.options.filter((name) => !isCommon(name)).map(spell);
  const takes = own.length === 0 ? [] : [`Options: ${own.join(', ')}.`];
  const right = rightOf(command);
  return item(synopsis(command), command.summary, ...takes, ...(right === '' ? [] : [right]));
}

function renderOption(name: OptionName): readonly string[] {
  const { help, words } = optionOf(name);
  return item(spell(name), words === undefined ? help : `${help} One of ${words.join(', ')}.`);
}

const pick = (names: readonly OptionName[]): readonly string[] => names.flatMap(renderOption);

function renderSettings(table: object, path: string): readonly string[] {
  return Object.entries(table).flatMap(([name, entry]: [string, unknown]) => {
    const full = path === '' ? name : `${path}.${name}`;
    if (isFamily(entry)) return renderFamily(entry, full);
    if (!isSetting(entry)) return renderSettings(entry as object, full);
    const { help, expects, spelled, required } = entry;
    // Spaces in lists: nroff breaks lines there, and complains of those that it cannot break.
    const loose = spelled.replaceAll('","', '", "');
    const preset = required === true ? 'It must be given.' : `Default: ${loose}`;
    return item(full, help, `It is ${expects}.`, preset);
  });
}

/** A setting as it is told: where two types have the very same, it is told once. */
const tellingOf = (name: string, entry: unknown): string =>
  isSetting(entry) ? [name, entry.help, entry.expects, entry.spelled].join('\n') : name;

/** What those of one type have; `told`: which type each setting was told at. */
function renderType(
  member: string,
  type: string,
  own: Section,
  told: Map<string, string>,
): readonly string[] {
  const entries = Object.entries(own);
  const sameAs = Map.groupBy(entries, (entry) => told.get(tellingOf(...entry)));
  for (const entry of entries) {
    if (!told.has(tellingOf(...entry))) told.set(tellingOf(...entry), type);
  }
  const fresh = sameAs.get(undefined) ?? [];
  sameAs.delete(undefined);
  const like = [...sameAs].map(
    ([other, same]) => `As type ${other} it has ${same.map(([name]) => name).join(', ')}.`,
  );
  const heading = like.length > 0 ? 'Of its own:' : 'It has:';
  const about = entries.length === 0 ? ['It has no more.'] : like;
  return [
    ...item(`${member} of type ${type}`, ...about, ...(fresh.length > 0 ? [heading] : [])),
    ...renderSettings(Object.fromEntries(fresh), member),
  ];
}

/** Things that people name: first what each can have, then what those of one type have. */
function renderFamily({ help, common, types }: Family, path: string): readonly string[] {
  const member = `${path}.NAME`;
  const words = Object.keys(types);
  const told = new Map<string, string>();
  return [
    ...item(path, help),
    ...item(`${member}.type`, `What it is: one of ${words.join(', ')}.`, 'It must be given.'),
    ...renderSettings(common, member),
    ...Object.entries(types).flatMap(([type, own]) => renderType(member, type, own, told)),
  ];
}

const variableOf = (name: string): string => `TOCSIN_${name.replaceAll('-', '_').toUpperCase()}`;

const renderProgramOptions = (table: Readonly<Record<string, Option>>): readonly string[] =>
  Object.entries(table).flatMap(([name, { value, default: preset, help }]) => {
    const head = `--${name}${value === undefined ? '' : ` ${value}`}`;
    const more = preset === undefined ? '' : ` Default: ${preset}.`;
    // What has no value is a deed, and no setting for the environment.
    const variable = value === undefined ? '' : ` Environment: ${variableOf(name)}.`;
    return item(head, `${help}${more}${variable}`);
  });

/** By page and by the name of the part. */
export const parts: Readonly<Record<string, Readonly<Record<string, () => readonly string[]>>>> = {
  'tocsin.1': {
    commands: () => commands.flatMap(renderCommand),
    'options of all': () => pick([...showing, ...asking, ...everywhere]),
    'options of some': () => pick(optionNames.filter((name) => !isCommon(name))),
    'exit statuses': () =>
      Object.values(exitStatuses).flatMap(({ code, help }) => item(String(code), help)),
  },
  'tocsind.8': { options: () => renderProgramOptions(daemonTable) },
  'org.tocsin1.5': { interfaces: renderBus, errors: renderBusErrors },
  'tocsin-default-rules.7': { rules: renderDefaultRules },
  'tocsin-relay.8': { options: () => renderProgramOptions(relayOptionTable) },
  'tocsin.yaml.5': {
    settings: () => renderSettings({ ...sections, ...deliverySections, ...settingsTable }, ''),
  },
};

const begin = (name: string): string =>
  `.\\" Made from the table of ${name}; npm run accept writes it anew.`;
const end = (name: string): string => `.\\" End of ${name}.`;

/** The page with its made parts as they should be. Throws where a part has no place. */
export function withParts(page: string, text: string): string {
  return Object.entries(parts[page] ?? {}).reduce((whole, [name, render]) => {
    const from = whole.indexOf(begin(name));
    const to = whole.indexOf(end(name));
    if (from < 0 || to < from) throw new Error(`man/${page} has no place for ${name}`);
    return [whole.slice(0, from) + begin(name), ...render(), whole.slice(to)].join('\n');
  }, text);
}
