/**
 * Completion for zsh. Values are handed to compadd as an array: it quotes them, and nothing expands
 * them.
 */
import { type Command, commandsOf, nounsOf, optionsOf, verbOf } from '../command.ts';
import { optionOf } from '../options.ts';
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

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `NAME:what it does`, as _describe takes it; a colon in the name would end it. */
const described = (name: string, help: string): string =>
  quote(`${name.replaceAll(':', '\\:')}:${help}`);

function render(offer: Offer): string {
  if (offer.type === 'words') return `compadd -- ${offer.words.map(quote).join(' ')}`;
  if (offer.type === 'live') return `_tocsin_live ${offer.list}`;
  if (offer.type === 'commands') return 'compadd -a nouns; compadd -- exit-codes';
  return offer.type === 'files' ? '_files' : 'return 1';
}

const valueArms = (): readonly string[] =>
  valued.map((name) => `    ${flagsOf(name).join('|')}) ${render(offerOfOption(name))}; return ;;`);

/** The verbs of a noun with what they do. */
function verbLines(commands: readonly Command[], noun: string): readonly string[] {
  const rows = commandsOf(commands, noun).flatMap((command) => {
    const verb = verbOf(command);
    return verb === undefined ? [] : [described(verb, command.summary)];
  });
  if (rows.length === 0) return [`    ${noun}) name=${quote(noun)} ;;`];
  const verbs = commandsOf(commands, noun).flatMap((command) => verbOf(command) ?? []);
  return [
    `    ${noun})`,
    `      case $verb in`,
    `      ${verbs.join('|')}) name="${noun} $verb" ;;`,
    `      *) name=${quote(presetOf(commands, noun))}; verbs=(${rows.join(' ')}) ;;`,
    `      esac ;;`,
  ];
}

function commandLines(command: Command): readonly string[] {
  const options = optionsOf(command).flatMap((name) =>
    flagsOf(name).map((flag) => described(flag, optionOf(name).help)),
  );
  return [
    `    ${quote(command.name)})`,
    `      if [[ $cur == -* ]]; then options=(${options.join(' ')}); _describe -o option options`,
    `      else ${render(offerOfArgument(command))}; fi ;;`,
  ];
}

/** A word of the command line, in zsh. */
const at = (index: string): string => `\${words[${index}]}`;

export const renderZsh = (commands: readonly Command[]): string =>
  [
    '#compdef tocsin',
    '# zsh completion of tocsin; made by: tocsin completion zsh',
    '_tocsin_live() {',
    '  local -a values',
    `  values=("\${(@f)$("\${words[1]}" "$@" ${liveArguments} 2>/dev/null </dev/null)}")`,
    `  values=("\${(@)values:#}")`,
    '  compadd -a values',
    '}',
    '_tocsin() {',
    `  local cur=${at('CURRENT')} prev=${at('CURRENT-1')} word noun= verb= name= i`,
    `  local -a nouns verbs options described`,
    `  nouns=(${nounsOf(commands).map(quote).join(' ')})`,
    '  case $prev in',
    ...valueArms(),
    '  esac',
    ...findWords('i = 2; i < CURRENT', at('i')),
    '  if [[ -z $noun && $cur != -* ]]; then',
    `    described=(${nounsOf(commands)
      .map((noun) => described(noun, summaryOf(commands, noun)))
      .join(' ')})`,
    '    _describe command described; return',
    '  fi',
    '  case $noun in',
    ...nounsOf(commands).flatMap((noun) => verbLines(commands, noun)),
    '  esac',
    '  if [[ -z $verb && $#verbs -gt 0 && $cur != -* ]]; then _describe command verbs; fi',
    '  case $name in',
    ...commands.flatMap(commandLines),
    '  esac',
    '}',
    // Read by compinit from a folder it is the body of the function; sourced it has to tell itself.
    'if [[ $funcstack[1] == _tocsin ]]; then _tocsin "$@"; else compdef _tocsin tocsin; fi',
  ].join('\n');

/** What a noun is about: what it does alone. */
function summaryOf(commands: readonly Command[], noun: string): string {
  const preset = presetOf(commands, noun);
  const own = commandsOf(commands, noun);
  return (own.find(({ name }) => name === preset) ?? own[0])?.summary ?? '';
}
