/**
 * Completion for fish: a line for each thing that can stand somewhere, with the condition under
 * which it can. fish looks at each condition once, and quotes what it puts onto the command line.
 */
import { type Command, commandsOf, nounsOf, optionsOf, verbOf } from '../command.ts';
import { type OptionName, optionOf } from '../options.ts';
import {
  liveArguments,
  type Offer,
  offerOfArgument,
  offerOfOption,
  presetOf,
  valuedFlags,
} from './table.ts';

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** The arguments of `complete` that offer values. */
function render(offer: Offer, commands: readonly Command[]): string {
  if (offer.type === 'words') return `-f -a ${quote(offer.words.join(' '))}`;
  if (offer.type === 'live') return `-f -a '(__tocsin_live ${offer.list})'`;
  if (offer.type === 'commands') return `-f -a '${nounsOf(commands).join(' ')} exit-codes'`;
  return offer.type === 'files' ? '-F' : '-f';
}

const line = (condition: string, ...more: readonly string[]): string =>
  `complete -c tocsin -n ${quote(condition)} ${more.join(' ')}`;

/** An option, with what stands behind it: -r says that there must be something. */
function optionLine(command: Command, name: OptionName, commands: readonly Command[]): string {
  const { short, help, value } = optionOf(name);
  const letter = short === undefined ? [] : ['-s', short];
  const values = value === undefined ? [] : ['-r', render(offerOfOption(name), commands)];
  const condition = `__tocsin_is ${command.name}`;
  return line(condition, '-l', name, ...letter, ...values, '-d', quote(help));
}

/** fish asks for a noun where there is none, and for a verb where a noun has verbs. */
function nounLines(commands: readonly Command[], noun: string): readonly string[] {
  const preset = presetOf(commands, noun);
  const own = commandsOf(commands, noun);
  const about = (own.find(({ name }) => name === preset) ?? own[0])?.summary ?? '';
  const verbs = own.flatMap((command) => {
    const verb = verbOf(command);
    return verb === undefined
      ? []
      : [line(`__tocsin_after ${noun}`, '-f', '-a', verb, '-d', quote(command.summary))];
  });
  return [line('__tocsin_after', '-f', '-a', noun, '-d', quote(about)), ...verbs];
}

/** The name of the command that the words mean, in fish: noun and verb, or what the noun means. */
function nameLines(commands: readonly Command[]): readonly string[] {
  const withVerbs = nounsOf(commands).filter((noun) =>
    commandsOf(commands, noun).some((command) => verbOf(command) !== undefined),
  );
  const names = commands.filter((command) => verbOf(command) !== undefined);
  return [
    '    switch "$words[1] $words[2]"',
    `        case ${names.map(({ name }) => quote(name)).join(' ')}`,
    '            echo "$words[1] $words[2]"',
    '            return',
    '    end',
    '    switch "$words[1]"',
    ...withVerbs.flatMap((noun) => [
      `        case ${noun}`,
      `            echo ${quote(presetOf(commands, noun))}`,
    ]),
    "        case '*'",
    '            echo "$words[1]"',
    '    end',
  ];
}

const helpers = (commands: readonly Command[]): readonly string[] => [
  '# The words of the command line, without options and their values.',
  'function __tocsin_words',
  '    set -l skip 0',
  '    for word in (commandline -opc)[2..-1]',
  '        if test $skip = 1',
  '            set skip 0',
  `        else if contains -- "$word" ${valuedFlags.join(' ')}`,
  '            set skip 1',
  `        else if not string match -q -- '-*' "$word"`,
  '            echo -- "$word"',
  '        end',
  '    end',
  'end',
  '# Whether exactly these words stand there.',
  'function __tocsin_after',
  '    test "$(__tocsin_words)" = "$(string join \\n -- $argv)"',
  'end',
  '# Whether the command is this one.',
  'function __tocsin_is',
  '    test "$(__tocsin_name)" = "$argv"',
  'end',
  'function __tocsin_name',
  '    set -l words (__tocsin_words)',
  ...nameLines(commands),
  'end',
  'function __tocsin_live',
  '    set -l program (commandline -opc)[1]',
  `    $program $argv ${liveArguments} 2>/dev/null </dev/null`,
  'end',
];

export const renderFish = (commands: readonly Command[]): string =>
  [
    '# fish completion of tocsin; made by: tocsin completion fish',
    ...helpers(commands),
    'complete -c tocsin -e',
    '# No files, except where one is meant.',
    'complete -c tocsin -f',
    ...nounsOf(commands).flatMap((noun) => nounLines(commands, noun)),
    ...commands.flatMap((command) => [
      line(`__tocsin_is ${command.name}`, render(offerOfArgument(command), commands)),
      ...optionsOf(command).map((name) => optionLine(command, name, commands)),
    ]),
  ].join('\n');
