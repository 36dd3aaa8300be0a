/** What a command is: a row of the table in commands.ts. */
import type { Ms } from '../domain/time.ts';
import type { Api } from './api.ts';
import type { ExitName } from './exit.ts';
import type { Io } from './io.ts';
import { asking, everywhere, type OptionName, showing } from './options.ts';
import type { Printer } from './output/printer.ts';
import type { RouteName } from './routes.ts';
import type { Values } from './values.ts';

/** What the shell can offer for an argument; live values are asked of tocsind. */
export type Completes =
  | 'alert'
  | 'rule'
  | 'channel'
  | 'silence'
  | 'window'
  | 'unit'
  | 'token'
  | 'file'
  | 'shell'
  | 'command';

export interface Context {
  readonly io: Io;
  readonly values: Values;
  /** What stands behind the command words. */
  readonly args: readonly string[];
  readonly api: Api;
  readonly printer: Printer;
  /** The whole table, for those that tell of it. */
  readonly commands: readonly Command[];
}

export interface Command {
  /** The command words: `alert ack`, `status`. */
  readonly name: string;
  /** The noun alone means this one. */
  readonly isDefault?: true;
  /** For people: `ID…`, `[MATCHER…]`; empty where it takes none. */
  readonly arguments: string;
  readonly count: readonly [least: number, most: number];
  /** Beside those that all commands of its sort take. */
  readonly options: readonly OptionName[];
  /** What it says has one form only. */
  readonly shows?: false;
  readonly summary: string;
  /** Operations of tocsind that it calls, from which follows the right it needs. */
  readonly operations: readonly RouteName[];
  readonly completes?: Completes;
  /** What can stand as its argument, where that is fixed. */
  readonly words?: readonly string[];
  /** How long it waits for each answer where nothing is said. */
  readonly patience?: Ms;
  /** A number: the exit status of another program, passed on. */
  readonly run: (context: Context) => Promise<ExitName | number>;
}

/** All options that a command takes. */
export function optionsOf({ options, operations, shows }: Command): readonly OptionName[] {
  const asks = operations.length > 0;
  return [
    ...options,
    ...(asks && shows !== false ? showing : []),
    ...(asks ? asking : []),
    ...everywhere,
  ];
}

const wordsOf = (command: Command): readonly string[] => command.name.split(' ');
const nounOf = (command: Command): string => wordsOf(command)[0] ?? '';

/** The commands of a noun; one that is a command by itself has one. */
export const commandsOf = (all: readonly Command[], noun: string): readonly Command[] =>
  all.filter((command) => nounOf(command) === noun);

export const nounsOf = (all: readonly Command[]): readonly string[] => [
  ...new Set(all.map(nounOf)),
];

/** The word after the noun; undefined where there is none. */
export const verbOf = (command: Command): string | undefined => wordsOf(command)[1];
