/** The door to child processes: an argument list, never a shell; always a limit. */
import type { Ms } from '../domain/time.ts';

export interface CommandResult {
  /** null when a signal ended it. */
  readonly exitStatus: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output beyond the limit was thrown away. */
  readonly truncated: boolean;
}

export interface FollowedCommand {
  /** Lines of standard output, as they come; ends with the process. */
  readonly lines: AsyncIterable<string>;
  /** Why it ended; resolves after the last line. */
  readonly ended: Promise<{ readonly exitStatus: number | null; readonly stderr: string }>;
  stop(): void;
}

export type CommandOutcome =
  | ({ readonly type: 'ended' } & CommandResult)
  | { readonly type: 'timeout' }
  | { readonly type: 'missing'; readonly why: string };

export interface Command {
  run(
    argv: readonly [string, ...string[]],
    options: {
      readonly timeout: Ms;
      readonly outputBytesMax?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<CommandOutcome>;
  /** A long-running command whose lines are read as they come. */
  follow(argv: readonly [string, ...string[]]): FollowedCommand;
}
