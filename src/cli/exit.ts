/** How the program can end: the exit statuses, and the error that carries one. */

export const exitStatuses = {
  done: { code: 0, help: 'Done. Also when there was nothing to change.' },
  failed: { code: 1, help: 'Failed, for a reason that the message tells.' },
  usage: { code: 2, help: 'The command line is wrong, or tocsind refused a value in it.' },
  problems: { code: 3, help: 'A check found problems: rules, tests, settings, health.' },
  unknown: { code: 4, help: 'There is no such alert, rule, unit or file.' },
  unreachable: { code: 5, help: 'tocsind cannot be reached.' },
  'not-permitted': { code: 6, help: 'The caller may not do this.' },
  conflict: { code: 7, help: 'The thing is no longer in the state for this: resolved already.' },
  timeout: { code: 124, help: 'No answer within --timeout.' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly help: string }>>;

export type ExitName = keyof typeof exitStatuses;

/** Ends the command with a message for people and an exit status. */
export class Stop extends Error {
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string) {
    super(message);
    this.exit = exit;
  }
}

/** Of several outcomes the one to end with: the first that is not good. */
export const worstOf = (exits: readonly ExitName[]): ExitName =>
  exits.find((exit) => exit !== 'done') ?? 'done';
