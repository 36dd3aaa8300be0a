/** Help, from the table of commands. */
import { type Command, type Context, commandsOf, nounsOf, optionsOf, verbOf } from './command.ts';
import { type ExitName, exitStatuses, Stop } from './exit.ts';
import { asking, everywhere, type OptionName, optionOf, showing, spell } from './options.ts';
import { wrap } from './output/text.ts';

/** `tocsin alert [list] [MATCHER…]`. */
export function synopsis(command: Command): string {
  const verb = verbOf(command);
  const words = command.isDefault ? command.name.replace(` ${verb}`, ` [${verb}]`) : command.name;
  return ['tocsin', words, command.arguments].filter((word) => word !== '').join(' ');
}

const helpColumns = 96;

/** Two columns: what it is, and what it does, broken into lines. */
function rowsOf(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.min(30, Math.max(...rows.map(([left]) => left.length)) + 2);
  return rows.flatMap(([left, right]) => {
    const [first = '', ...others] = wrap(right, helpColumns - width - 2);
    const head = left.length + 2 > width ? [`  ${left}`] : [];
    const start = head.length > 0 ? '' : left;
    return [
      ...head,
      `  ${start.padEnd(width)}${first}`,
      ...others.map((line) => `  ${''.padEnd(width)}${line}`),
    ];
  });
}

function helpOf(name: OptionName): readonly [string, string] {
  const { help: text, words } = optionOf(name);
  return [spell(name), words === undefined ? text : `${text} One of ${words.join(', ')}.`];
}

const optionRows = (names: readonly OptionName[]): readonly string[] => rowsOf(names.map(helpOf));

function overview(commands: readonly Command[]): readonly string[] {
  return [
    'tocsin: asks tocsind what is wrong on this machine, and tells it what people do about it.',
    '',
    'Commands:',
    ...rowsOf(commands.map((command) => [synopsis(command).slice(7), command.summary])),
    '',
    'Options of all commands that show things:',
    ...optionRows(showing),
    '',
    'Options of all commands that ask tocsind:',
    ...optionRows(asking),
    '',
    'Options of all commands:',
    ...optionRows(everywhere),
    '',
    'Options of one command: tocsin help COMMAND. Exit statuses: tocsin help exit-codes.',
  ];
}

function describe(command: Command): readonly string[] {
  return [
    `Usage: ${synopsis(command)} [OPTION…]`,
    '',
    ...wrap(command.summary, helpColumns),
    '',
    'Options:',
    ...optionRows(optionsOf(command)),
  ];
}

const exitCodes = (): readonly string[] => [
  'Exit statuses (of all commands but check, which ends as Nagios wants it: 0 to 3):',
  ...rowsOf(Object.values(exitStatuses).map(({ code, help: text }) => [String(code), text])),
];

function helpFor(commands: readonly Command[], words: readonly string[]): readonly string[] {
  const [noun = '', verb] = words;
  if (noun === '' || noun === 'help') return overview(commands);
  if (noun === 'exit-codes') return exitCodes();
  const ofNoun = commandsOf(commands, noun);
  const exact = ofNoun.filter((command) => verbOf(command) === verb);
  const shown = exact.length > 0 ? exact : ofNoun;
  if (shown.length === 0) {
    throw new Stop(
      'usage',
      `there is no command "${noun}"; it is one of ${nounsOf(commands).join(', ')}`,
    );
  }
  return shown.flatMap((command, i) => [...(i === 0 ? [] : ['']), ...describe(command)]);
}

export async function help({ args, commands, printer }: Context): Promise<ExitName> {
  await printer.lines(helpFor(commands, args));
  return 'done';
}
