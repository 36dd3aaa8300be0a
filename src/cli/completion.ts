/**
 * Completion for bash, from the table of commands. Live values (alerts, rules, units) are asked of
 * tocsind while one types.
 *
 * Names come from outside, so they are never expanded (`compgen -W` would run what stands in $()),
 * and are quoted before they get onto the command line.
 */
import {
  type Command,
  type Completes,
  type Context,
  commandsOf,
  nounsOf,
  optionsOf,
  verbOf,
} from './command.ts';
import { type ExitName, Stop } from './exit.ts';
import { type OptionName, optionNames, optionOf } from './options.ts';

const shells = ['bash'];

const flagsOf = (name: OptionName): readonly string[] => {
  const { short } = optionOf(name);
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
};

/** One arm of a `case`; nothing where there are no words. */
const arm = (patterns: readonly string[], deed: string): readonly string[] =>
  patterns.length === 0 ? [] : [`    ${patterns.join('|')}) ${deed} ;;`];

const offer = (words: readonly string[]): string => `_tocsin_offer ${words.join(' ')}`;

const files = '_tocsin_files';
const live: Readonly<Record<Completes, string>> = {
  alert: '_tocsin_live alert list',
  rule: '_tocsin_live rule list',
  channel: '_tocsin_live channel list',
  silence: '_tocsin_live silence list',
  window: '_tocsin_live maintenance list',
  unit: '_tocsin_live unit list',
  file: files,
  shell: offer(shells),
  command: '_tocsin_offer $nouns exit-codes',
};

/** What stands behind an option that takes a value. */
function valueArms(): readonly string[] {
  const names = optionNames.filter((name) => optionOf(name).value !== undefined);
  return names.flatMap((name) => {
    const { words, value } = optionOf(name);
    const deed =
      words !== undefined
        ? offer(words)
        : name === 'unit'
          ? live.unit
          : value === 'FILE' || value === 'PATH' || value?.startsWith('DIR')
            ? files
            : ':';
    return arm(flagsOf(name), `${deed}; return`);
  });
}

/** What can follow the words of a command: its options, or what its argument is. */
function commandArms(commands: readonly Command[]): readonly string[] {
  return commands.flatMap((command) => {
    const flags = optionsOf(command).flatMap(flagsOf);
    const argument =
      command.words !== undefined
        ? offer(command.words)
        : command.completes === undefined
          ? ':'
          : live[command.completes];
    const deed = `if [[ $cur == -* ]]; then ${offer(flags)}; else ${argument}; fi`;
    const words = [`'${command.name}'`];
    return arm(words, deed);
  });
}

/** The words typed so far, as the name of a command. */
function nameArms(commands: readonly Command[]): readonly string[] {
  return nounsOf(commands).flatMap((noun) => {
    const verbs = commandsOf(commands, noun).flatMap((command) => verbOf(command) ?? []);
    const preset = commandsOf(commands, noun).find(({ isDefault }) => isDefault)?.name ?? noun;
    if (verbs.length === 0) return arm([noun], `name='${noun}'`);
    return [
      `    ${noun}) verbs='${verbs.join(' ')}'`,
      `      if [[ " $verbs " == *" $verb "* && -n $verb ]]; then name="${noun} $verb"; else name='${preset}'; fi ;;`,
    ];
  });
}

/** A word of the command line, in bash. */
const at = (index: string): string => `\${COMP_WORDS[${index}]}`;

const allFlags = (): string =>
  optionNames
    .filter((name) => optionOf(name).value !== undefined)
    .flatMap(flagsOf)
    .join('|');

export const renderBash = (commands: readonly Command[]): string =>
  [
    '# bash completion of tocsin; made by: tocsin completion bash',
    '_tocsin_add() {',
    '  # Quoted, because a name can hold anything.',
    '  [[ $1 == "$cur"* ]] && COMPREPLY+=("$(printf %q "$1")")',
    '}',
    '_tocsin_offer() { local word; for word; do _tocsin_add "$word"; done; }',
    '_tocsin_files() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }',
    '_tocsin_live() {',
    '  local line',
    '  while IFS= read -r line; do _tocsin_add "$line"; done < <(',
    `    "${at('0')}" "$@" -o id --timeout 2s 2>/dev/null </dev/null)`,
    '}',
    '_tocsin() {',
    '  COMPREPLY=()',
    '  # No name has a colon or an equals sign at which bash may divide it.',
    `  local cur=${at('COMP_CWORD')} prev=${at('COMP_CWORD-1')} word noun= verb= verbs= name= i`,
    `  local nouns='${nounsOf(commands).join(' ')}'`,
    '  case $prev in',
    ...valueArms(),
    '  esac',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    word=${at('i')}`,
    '    case $word in',
    `    ${allFlags()}) ((i++)) ;;`,
    '    -*) ;;',
    '    *) if [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word; fi ;;',
    '    esac',
    '  done',
    '  if [[ -z $noun && $cur != -* ]]; then _tocsin_offer $nouns; return; fi',
    '  case $noun in',
    ...nameArms(commands),
    '  esac',
    '  if [[ -z $verb && -n $verbs && $cur != -* ]]; then _tocsin_offer $verbs; fi',
    '  case $name in',
    ...commandArms(commands),
    '  esac',
    '}',
    'complete -F _tocsin tocsin',
  ].join('\n');

export async function completion({ args, commands, printer }: Context): Promise<ExitName> {
  const [shell = ''] = args;
  if (!shells.includes(shell)) {
    throw new Stop(
      'usage',
      `there is no completion for "${shell}"; there is for ${shells.join(', ')}`,
    );
  }
  await printer.lines([renderBash(commands)]);
  return 'done';
}
