/**
 * Completion for bash. Names come from outside, so they are never expanded (`compgen -W` would run
 * what stands in $()), and are quoted before they get onto the command line.
 */
import { type Command, commandsOf, nounsOf, optionsOf, verbOf } from '../command.ts';
import {
  findWords,
  flagsOf,
  liveArguments,
  type Offer,
  offerOfArgument,
  offerOfOption,
  presetOf,
  valued,
} from './table.ts';

/** One arm of a `case`; nothing where there are no words. */
const arm = (patterns: readonly string[], deed: string): readonly string[] =>
  patterns.length === 0 ? [] : [`    ${patterns.join('|')}) ${deed} ;;`];

function render(offer: Offer): string {
  if (offer.type === 'words') return `_tocsin_offer ${offer.words.join(' ')}`;
  if (offer.type === 'live') return `_tocsin_live ${offer.list}`;
  if (offer.type === 'commands') return '_tocsin_offer $nouns exit-codes';
  return offer.type === 'files' ? '_tocsin_files' : ':';
}

/** What stands behind an option that takes a value. */
const valueArms = (): readonly string[] =>
  valued.flatMap((name) => arm(flagsOf(name), `${render(offerOfOption(name))}; return`));

/** What can follow the words of a command: its options, or what its argument is. */
function commandArms(commands: readonly Command[]): readonly string[] {
  return commands.flatMap((command) => {
    const flags = render({ type: 'words', words: optionsOf(command).flatMap(flagsOf) });
    const argument = render(offerOfArgument(command));
    const deed = `if [[ $cur == -* ]]; then ${flags}; else ${argument}; fi`;
    return arm([`'${command.name}'`], deed);
  });
}

/** The words typed so far, as the name of a command. */
function nameArms(commands: readonly Command[]): readonly string[] {
  return nounsOf(commands).flatMap((noun) => {
    const verbs = commandsOf(commands, noun).flatMap((command) => verbOf(command) ?? []);
    const preset = presetOf(commands, noun);
    if (verbs.length === 0) return arm([noun], `name='${noun}'`);
    return [
      `    ${noun}) verbs='${verbs.join(' ')}'`,
      `      if [[ " $verbs " == *" $verb "* && -n $verb ]]; then name="${noun} $verb"; else name='${preset}'; fi ;;`,
    ];
  });
}

/** A word of the command line, in bash. */
const at = (index: string): string => `\${COMP_WORDS[${index}]}`;

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
    `    "${at('0')}" "$@" ${liveArguments} 2>/dev/null </dev/null)`,
    '}',
    '_tocsin() {',
    '  COMPREPLY=()',
    '  # No name has a colon or an equals sign at which bash may divide it.',
    `  local cur=${at('COMP_CWORD')} prev=${at('COMP_CWORD-1')} word noun= verb= verbs= name= i`,
    `  local nouns='${nounsOf(commands).join(' ')}'`,
    '  case $prev in',
    ...valueArms(),
    '  esac',
    ...findWords('i = 1; i < COMP_CWORD', at('i')),
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
