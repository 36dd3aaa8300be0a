/** The command line -> a command, its values and its arguments; or what is wrong with it. */
import { parseArgs } from 'node:util';
import { didYouMean, nearest } from '../domain/nearest.ts';
import { type Command, commandsOf, nounsOf, optionsOf, verbOf } from './command.ts';
import { Stop } from './exit.ts';
import { type OptionName, optionNames, optionOf, spell } from './options.ts';
import type { Values } from './values.ts';

export interface Parsed {
  /** Undefined: only options of the program itself were given. */
  readonly command: Command | undefined;
  readonly values: Values;
  readonly args: readonly string[];
}

const usage = (message: string): Stop => new Stop('usage', `${message}\nTry: tocsin help`);

const isKnown = (name: string): name is OptionName => optionNames.some((known) => known === name);

interface Words {
  readonly values: Map<OptionName, string[]>;
  /** As they were typed, for complaints. */
  readonly spelled: Map<OptionName, string>;
  readonly words: readonly string[];
}

/** Options may stand anywhere: every command knows an option of that name by the same form. */
function tokensOf(argv: readonly string[]) {
  const options = Object.fromEntries(
    optionNames.map((name) => {
      const { short, value } = optionOf(name);
      const type = value === undefined ? 'boolean' : 'string';
      return [name, { type, multiple: true, ...(short !== undefined && { short }) } as const];
    }),
  );
  const form = { options, strict: false, allowPositionals: true, tokens: true } as const;
  return parseArgs({ args: [...argv], ...form }).tokens;
}

/** The first command word, whatever else is wrong with the line. */
export const nounIn = (argv: readonly string[]): string | undefined =>
  tokensOf(argv).find((token) => token.kind === 'positional')?.value;

function readWords(argv: readonly string[]): Words {
  const tokens = tokensOf(argv);
  const values = new Map<OptionName, string[]>();
  const spelled = new Map<OptionName, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!isKnown(name)) throw usage(`unknown option ${rawName}${didYouMean(name, optionNames)}`);
    const takes = optionOf(name).value;
    if (takes === undefined && value !== undefined) throw usage(`${rawName} takes no value`);
    if (takes !== undefined && value === undefined)
      throw usage(`${rawName} needs a value: ${takes}`);
    values.set(name, [...(values.get(name) ?? []), value ?? '']);
    spelled.set(name, rawName);
  }
  return { values, spelled, words };
}

interface Found {
  readonly command: Command;
  readonly args: readonly string[];
}

/** The command that the words begin with. */
function findCommand(all: readonly Command[], words: readonly string[]): Found {
  const [noun = '', verb, ...others] = words;
  const ofNoun = commandsOf(all, noun);
  if (ofNoun.length === 0) {
    throw usage(`there is no command "${noun}"${didYouMean(noun, nounsOf(all))}`);
  }
  const exact = ofNoun.find((command) => verbOf(command) !== undefined && verbOf(command) === verb);
  if (exact !== undefined) return { command: exact, args: others };
  const plain = ofNoun.find((command) => verbOf(command) === undefined || command.isDefault);
  const args = words.slice(1);
  const verbs = ofNoun.flatMap((command) => verbOf(command) ?? []);
  // `alert shwo 01K…` must not become a list that is empty.
  const isSlip = verb !== undefined && nearest(verb, verbs) !== undefined;
  if (
    plain === undefined ||
    isSlip ||
    (plain.count[1] === 0 && verbs.length > 1 && args.length > 0)
  ) {
    const hint = verb === undefined ? '' : ` "${verb}"${didYouMean(verb, verbs)}`;
    throw usage(`${noun} needs one of ${verbs.join(', ')}${hint === '' ? '' : `, not${hint}`}`);
  }
  return { command: plain, args };
}

function checkCount({ name, arguments: expected, count }: Command, args: readonly string[]): void {
  const [least, most] = count;
  if (args.length < least) throw usage(`tocsin ${name} needs ${expected}`);
  if (args.length <= most) return;
  const extra = args.slice(most).join(' ');
  throw usage(
    `tocsin ${name} takes ${expected === '' ? 'no arguments' : expected}, not also "${extra}"`,
  );
}

export function parseCommandLine(all: readonly Command[], argv: readonly string[]): Parsed {
  const { values, spelled, words } = readWords(argv);
  if (words.length === 0) {
    if (values.has('help') || values.has('version'))
      return { command: undefined, values, args: [] };
    throw usage('a command is missing');
  }
  // `tocsin alert --help` is about the noun, whatever else is missing.
  if (values.has('help')) {
    const command = all.find(({ name }) => name === 'help');
    return { command, values, args: words.slice(0, 2) };
  }
  const { command, args } = findCommand(all, words);
  const known = optionsOf(command);
  for (const [name, raw] of spelled) {
    if (known.includes(name)) continue;
    throw usage(
      `tocsin ${command.name} does not know ${raw}; it knows ${known.map(spell).join(', ')}`,
    );
  }
  for (const [name, given] of values) {
    if (
      given.length > 1 &&
      optionOf(name).words === undefined &&
      optionOf(name).many === undefined
    ) {
      throw usage(`--${name} is given ${given.length} times`);
    }
  }
  checkCount(command, args);
  return { command, values, args };
}
