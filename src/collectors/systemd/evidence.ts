/** Facts to freeze into an alert: how the unit's run ended, and the last lines that it wrote. */
import type { Evidence } from '../../domain/alert.ts';
import { isUnreadable } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { type Ms, rfc3339, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Journal, JournalAnswer, JournalRecord } from '../../platform/journal.ts';
import { systemdUnit } from './kinds.ts';

const linesMax = 20;
const lineCharactersMax = 400;

const shown = [
  'activeState',
  'subState',
  'result',
  'execMainCode',
  'execMainStatus',
  'nRestarts',
  'loadState',
  'jobResult',
  'blockedBy',
  'invocationId',
] as const;

/** `identifier[pid]: message`, as journalctl shows it, with the whole time. */
function lineOf({ at, fields }: JournalRecord): string {
  const { SYSLOG_IDENTIFIER: identifier, _COMM: command, _PID: pid, MESSAGE: text } = fields;
  const who = `${identifier ?? command ?? 'unknown'}${pid === undefined ? '' : `[${pid}]`}`;
  const line = `${rfc3339(at)} ${who}: ${text ?? ''}`;
  return line.length > lineCharactersMax ? `${line.slice(0, lineCharactersMax - 1)}…` : line;
}

const known = (resource: Resource, name: string): string | undefined => {
  const value = resource.attributes[name];
  return value === undefined || value === null || isUnreadable(value) ? undefined : `${value}`;
};

/** What a process writes reaches the journal a moment after the process has ended. */
const journalDelay: Ms = 300;
const young = seconds(2);

/** The last lines of the run; asked twice when it has just ended and none of its own are there. */
async function readLines(
  journal: Journal,
  clock: Clock,
  resource: Resource,
  unit: string,
): Promise<JournalAnswer> {
  const invocationId = known(resource, 'invocationId') ?? null;
  const query = { unit, invocationId, limit: linesMax };
  const answer = await journal.lastLines(query);
  const isYoung = clock.now() - resource.changedAt < young;
  const isOwn = ({ fields: { _PID: pid } }: JournalRecord): boolean => pid !== '1';
  if (answer.type === 'unreadable' || !isYoung || answer.records.some(isOwn)) return answer;
  await clock.sleep(journalDelay);
  return journal.lastLines(query);
}

export async function readEvidence(
  journal: Journal,
  clock: Clock,
  resource: Resource,
): Promise<readonly Evidence[]> {
  const isUnit = resource.kind === systemdUnit.name;
  const unit = isUnit ? resource.id : known(resource, 'unit');
  if (unit === undefined) return [];
  const facts = shown.flatMap((name) => {
    const value = known(resource, name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const state: readonly Evidence[] =
    facts.length > 0 ? [{ type: 'attributes', title: `State of ${unit}`, lines: facts }] : [];
  const answer = await readLines(journal, clock, resource, unit);
  if (answer.type === 'unreadable')
    return [...state, { type: 'note', title: 'No log lines', lines: [answer.why] }];
  const lines = answer.records.map(lineOf);
  const title = `Last lines of ${unit}`;
  return lines.length > 0 ? [...state, { type: 'journal', title, lines }] : state;
}
