/** `tocsin run`: runs a command as a task, and tells tocsind of it. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isSpool, makeSpool } from '../../platform/spool.ts';
import type { Context } from '../command.ts';
import { Stop } from '../exit.ts';
import type { Io } from '../io.ts';
import { sender } from '../job/answer.ts';
import { type Ended, runChild } from '../job/child.ts';
import { Reporter } from '../job/reporter.ts';
import { isSet, textOf } from '../values.ts';

const stateDirDefault = '/var/lib/tocsin';

/** The spool of tocsind where we may write there, and our own for when we may not. */
function spoolsOf({ environment }: Io): readonly string[] {
  const { HOME, TOCSIN_STATE_DIR, XDG_STATE_HOME } = environment;
  const system = join(TOCSIN_STATE_DIR || stateDirDefault, 'spool');
  const home = XDG_STATE_HOME || (HOME ? join(HOME, '.local/state') : '');
  const own = home === '' ? [] : [join(home, 'tocsin/spool')];
  return isSpool(system) ? [system, ...own] : own;
}

/** Makes the first one, which is ours where tocsind's is not. */
function openSpools(io: Io): readonly string[] {
  const spools = spoolsOf(io);
  try {
    if (spools[0] !== undefined) makeSpool(spools[0]);
  } catch {
    // Said when something has to be kept there.
  }
  return spools;
}

/** Why it failed, where its output does not say. */
function whyOf({ signal, status, why }: Ended, hasLine: boolean): string | null {
  if (why !== null) return why;
  if (signal !== null) return `killed by ${signal}`;
  return status === 0 || hasLine ? null : `exit status ${status}`;
}

export async function runTask({ args, values, io, api, printer }: Context): Promise<number> {
  const job = textOf(values, 'name');
  if (job === undefined) throw new Stop('usage', 'tocsin run needs --name JOB');
  // Said before anything is run: tocsind would refuse it afterwards.
  if (!/^[^\p{Cc}\s](?:[^\p{Cc}]{0,198}[^\p{Cc}\s])?$/u.test(job))
    throw new Stop('usage', `--name ${job}: must be a name on one line`);
  const note = (text: string): Promise<void> => printer.note(`tocsin: ${text}`);
  const reporter = new Reporter({
    job,
    key: randomUUID(),
    clock: io.clock,
    send: sender(api),
    spools: openSpools(io),
    note,
  });
  let hasLine = false;
  const onLine = (line: string): void => {
    hasLine = true;
    reporter.line(line);
  };
  const ended = await runChild(args, isSet(values, 'progress') ? onLine : undefined);
  if (ended.why !== null) await note(ended.why);
  await reporter.end(ended.status, whyOf(ended, hasLine));
  return ended.status;
}
