/** What the doctor has of the machine: files and commands; tests plant a sick one. */
import { lstatSync } from 'node:fs';
import { seconds } from '../../domain/time.ts';
import { systemCommand } from '../../platform/command.ts';
import { type Files, systemFiles } from '../../platform/files.ts';
import { Stop } from '../exit.ts';
import type { Io } from '../io.ts';
import { createTransport } from '../transport.ts';

export interface PathFacts {
  readonly type: 'file' | 'directory' | 'socket' | 'link' | 'other';
  /** Permission bits alone: 0o660. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
}

export interface CommandAnswer {
  /** null: a signal or the time limit ended it. */
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  readonly files: Files;
  /** Of the path itself, as lstat(2); undefined when there is none. Throws EACCES and the like. */
  facts(path: string): PathFacts | undefined;
  /** Undefined when there is no such program. */
  run(argv: readonly [string, ...string[]]): Promise<CommandAnswer | undefined>;
  /** The HTTP status that a Unix socket answers for a path, or why it answers nothing. */
  ask(socket: string, path: string): Promise<number | string>;
  readonly uid: number;
}

/** A healthy machine answers each of the commands in a tenth of this. */
const commandTimeout = seconds(10);

function factsOf(path: string): PathFacts | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const type = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isSocket()
        ? 'socket'
        : found.isSymbolicLink()
          ? 'link'
          : 'other';
  const { uid, gid, size: sizeBytes } = found;
  return { type, mode: found.mode & 0o7777, uid, gid, sizeBytes };
}

export const systemMachine = (clock: Io['clock']): Machine => ({
  files: systemFiles,
  facts: factsOf,
  async run(argv) {
    const outcome = await systemCommand.run(argv, { timeout: commandTimeout });
    if (outcome.type === 'missing') return undefined;
    if (outcome.type === 'ended') return outcome;
    return { exitStatus: null, stdout: '', stderr: `no answer within ${commandTimeout / 1000} s` };
  },
  async ask(socket, path) {
    try {
      const transport = createTransport({ type: 'socket', path: socket }, commandTimeout, clock);
      return (await transport.ask({ path })).status;
    } catch (error) {
      if (error instanceof Stop) return error.message.split('\n')[0] ?? '';
      throw error;
    }
  },
  // Linux always has it.
  uid: process.getuid?.() ?? -1,
});
