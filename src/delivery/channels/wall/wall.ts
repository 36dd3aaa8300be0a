/**
 * Writes a text to all terminals on which somebody is logged in: through journald, which does that
 * with entries of priority emerg (ForwardToWall=, journald.conf(5)), or with wall(1) of util-linux.
 *
 * journald runs as root, and reaches everybody. wall run by tocsind reaches only terminals that
 * belong to the group tty and take messages of others (mesg(1)): those of ssh mostly, consoles and
 * root's shells on a Debian not.
 */
import type { Outcome } from '../../../domain/message.ts';
import { seconds } from '../../../domain/time.ts';
import type { Command } from '../../../platform/command.ts';
import type { JournalFields, JournalWriter } from '../../../platform/journal-write.ts';

const timeout = seconds(10);
/** A screen of text: what is longer would scroll away what somebody is working on. */
const linesMax = 20;
const lineCharsMax = 200;

/** Without what a terminal takes for a command, and without marks that turn text round. */
export const renderForTerminals = (text: string): string =>
  text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .slice(0, linesMax)
    .map((line) =>
      line
        .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]+/gu, ' ')
        .slice(0, lineCharsMax)
        .toWellFormed(),
    )
    .join('\n');

/** Delivered means that wall has taken it: it does not tell whether somebody was logged in. */
export async function wall(command: Command, text: string, signal?: AbortSignal): Promise<Outcome> {
  const outcome = await command.run(['wall', '--timeout', '5'], {
    timeout,
    input: `${renderForTerminals(text)}\n`,
    ...(signal === undefined ? {} : { signal }),
  });
  if (outcome.type === 'missing')
    return { type: 'retry', why: `wall cannot be run: ${outcome.why}`, maybe: false };
  if (outcome.type === 'timeout')
    return { type: 'retry', why: `wall did not end within ${timeout / 1000} s`, maybe: true };
  if (outcome.exitStatus === 0) return { type: 'delivered', detail: 'wall has taken it' };
  const said = outcome.stderr.trim().split('\n')[0] ?? '';
  const why = `wall ended with ${outcome.exitStatus ?? outcome.signal}: ${said.slice(0, 200)}`;
  return { type: 'retry', why, maybe: false };
}

/** emerg of syslog(3): what journald forwards to terminals. */
const priorityForwarded = 0;

/**
 * As an entry of the journal that journald writes to all terminals; where there is no journald,
 * with wall. `more` are further fields of the entry.
 */
export async function wallThroughJournal(
  { command, journal }: { readonly command: Command; readonly journal: JournalWriter },
  text: string,
  more: JournalFields = {},
  signal?: AbortSignal,
): Promise<Outcome> {
  const outcome = journal.write({
    MESSAGE: renderForTerminals(text),
    PRIORITY: priorityForwarded,
    SYSLOG_IDENTIFIER: 'tocsin',
    ...more,
  });
  if (outcome.type === 'written') return { type: 'delivered', detail: 'journald has taken it' };
  return wall(command, text, signal);
}
