/**
 * What completion offers, from the table of commands: the same for every shell. Live values
 * (alerts, rules, units) are asked of tocsind while one types.
 */
import type { Command, Completes } from '../command.ts';
import { type OptionName, optionNames, optionOf } from '../options.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** Where the values come from that can stand at a place. */
export type Offer =
  | { readonly type: 'words'; readonly words: readonly string[] }
  /** Ids of a list: `tocsin WORDS -o id`. */
  | { readonly type: 'live'; readonly list: string }
  | { readonly type: 'files' }
  /** The nouns, and the other pages of help. */
  | { readonly type: 'commands' }
  | { readonly type: 'nothing' };

/** tocsind gets this long to answer: one waits with a finger on the key. */
export const liveArguments = '-o id --timeout 2s';

const live = (list: string): Offer => ({ type: 'live', list });

const offers: Readonly<Record<Completes, Offer>> = {
  alert: live('alert list'),
  rule: live('rule list'),
  channel: live('channel list'),
  silence: live('silence list'),
  window: live('maintenance list'),
  unit: live('unit list'),
  token: live('token list'),
  file: { type: 'files' },
  shell: { type: 'words', words: shells },
  command: { type: 'commands' },
};

export const flagsOf = (name: OptionName): readonly string[] => {
  const { short } = optionOf(name);
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
};

/** Those that take a value. */
export const valued: readonly OptionName[] = optionNames.filter(
  (name) => optionOf(name).value !== undefined,
);

export const valuedFlags: readonly string[] = valued.flatMap(flagsOf);

/** What stands behind an option that takes a value. */
export function offerOfOption(name: OptionName): Offer {
  const { words, value } = optionOf(name);
  if (words !== undefined) return { type: 'words', words };
  if (name === 'unit') return offers.unit;
  const isPath = value === 'FILE' || value === 'PATH' || value?.startsWith('DIR') === true;
  return { type: isPath ? 'files' : 'nothing' };
}

/** What the argument of a command can be. */
export function offerOfArgument({ words, completes }: Command): Offer {
  if (words !== undefined) return { type: 'words', words };
  return completes === undefined ? { type: 'nothing' } : offers[completes];
}

/** The command that a noun alone means. */
export const presetOf = (commands: readonly Command[], noun: string): string =>
  commands.find(({ name, isDefault }) => isDefault && name.startsWith(`${noun} `))?.name ?? noun;

/**
 * Finds noun and verb among the words that stand before the one being typed, in what bash and zsh
 * have in common. `range`: of `i`, without its step; `word`: the word at `i`.
 */
export const findWords = (range: string, word: string): readonly string[] => [
  `  for ((${range}; i++)); do`,
  `    word=${word}`,
  '    case $word in',
  `    ${valuedFlags.join('|')}) ((i++)) ;;`,
  '    -*) ;;',
  '    *) if [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word; fi ;;',
  '    esac',
  '  done',
];
